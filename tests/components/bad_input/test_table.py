"""Each kind of bad input that marketplaces send, by hand, through the component with Beam."""

import datetime
import gzip
import io
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from unittest import mock

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from components.list_example_gen import reading
from components.list_example_gen.checking import LostDataError
from data.rows import CanonicalRows
from data.rows.canonical import canonical_rows
from tests.components.bad_input.logs import (
    COLUMNS,
    ITEMS,
    ROWS,
    csv_lines,
    dataset,
    rows,
    write_csv,
)
from tests.components.bad_input.running import REFUSED, SET_ASIDE, TAKEN, outcome_of

Record = Callable[[str, object], None]

pytestmark = pytest.mark.reliability("bad input")

LINES = csv_lines(rows())
WHOLE = b"".join(LINES)


def changed(row: int, **cells: str) -> bytes:
    table = rows()
    table[row] |= cells
    return b"".join(csv_lines(table))


def parquet(table: list[dict[str, str]] | pa.Table) -> bytes:
    sink = io.BytesIO()
    pq.write_table(table if isinstance(table, pa.Table) else pa.Table.from_pylist(table), sink)
    return sink.getvalue()


def unlike(content: bytes, old: bytes, new: bytes) -> bytes:
    assert old in content
    return content.replace(old, new)


def long_list(items: int) -> bytes:
    return WHOLE + b"".join(csv_lines(rows(1, items, first=500))[1:])


def typed(cells: Callable[[int], dict[str, object]]) -> bytes:
    """Parquet with other cells, of any type, by the number of the row."""
    table = [{**row, **cells(number)} for number, row in enumerate(rows())]
    return parquet(pa.Table.from_pylist(table))


def moment(number: int) -> datetime.datetime:
    east = datetime.timezone(datetime.timedelta(hours=2))
    return datetime.datetime(2026, 3, 1 + number // ITEMS, tzinfo=east)


def without_actions() -> bytes:
    return b"".join(csv_lines([row | {"click": "0", "purchase": "0"} for row in rows()]))


def without(name: str) -> bytes:
    return b"".join(csv_lines(rows(), tuple(column for column in COLUMNS if column != name)))


SEMICOLONS = unlike(WHOLE, b",", b";")
# Files by name; rows set aside, or words of the error.
CASES: dict[str, tuple[dict[str, bytes], int | str]] = {
    "empty CSV": ({"a.csv": b""}, "found none"),
    "empty gzip": ({"a.csv.gz": b""}, "a.csv.gz: "),
    "empty Parquet": ({"a.parquet": b""}, "cut off, damaged or no Parquet"),
    "a header without rows": ({"a.csv": LINES[0]}, "expected rows, found none"),
    "blank lines": ({"a.csv": unlike(WHOLE, b"\ns1,", b"\n\n\ns1,")}, 0),
    "CSV cut off in a row": ({"a.csv": WHOLE[:-12]}, 1),
    "CSV cut off in a quote": (
        {"a.csv": unlike(WHOLE, b"item 15-1", b'"item 15-1')},
        "never closes",
    ),
    "two quotes that never close": (
        {"a.csv": unlike(unlike(WHOLE, b"item 3-1", b'"item 3-1'), b"item 7-1", b'"item 7-1')},
        "in the middle of a value",
    ),
    "gzip cut off": ({"a.csv.gz": gzip.compress(WHOLE)[:-20]}, "cut off or damaged"),
    "Parquet cut off": ({"a.parquet": parquet(rows())[:-9]}, "cut off, damaged"),
    "gzip that is none": ({"a.csv.gz": WHOLE}, "cut off or damaged"),
    "gzip under another name": ({"a.csv": gzip.compress(WHOLE)}, "UTF-8"),
    "Parquet under another name": ({"a.csv": parquet(rows())}, "expected"),
    "CSV named Parquet": ({"a.parquet": WHOLE}, "no Parquet"),
    "a compressed file": ({"a.csv.gz": gzip.compress(WHOLE)}, 0),
    "an ending that is not read": ({"a.csv.zip": WHOLE}, "expected files that end in"),
    "no file at all": ({}, "expected files that end in"),
    "semicolons": ({"a.csv": SEMICOLONS}, "separated by semicolons"),
    "tabs": ({"a.csv": unlike(WHOLE, b",", b"\t")}, "separated by tabs"),
    "two bytes a letter": ({"a.csv": WHOLE.decode().encode("utf-16")}, "UTF-8"),
    "Latin-1": ({"a.csv": unlike(WHOLE, b"item 3-1", b"g\xfcnstig")}, 1),
    "a byte order mark": ({"a.csv": b"\xef\xbb\xbf" + WHOLE}, 0),
    "line breaks of Windows": ({"a.csv": unlike(WHOLE, b"\n", b"\r\n")}, 0),
    "line breaks of old": ({"a.csv": unlike(WHOLE, b"\n", b"\r")}, 0),
    "null bytes": ({"a.csv": unlike(WHOLE, b"item 3-1", b"it\0em")}, 0),
    "null bytes for numbers": ({"a.csv": changed(4, price="\0\0")}, 1),
    "null bytes for a header": ({"a.csv": b"\0" * 40 + WHOLE}, "expected"),
    "a missing column": ({"a.csv": without("price")}, "expected a column 'price', found none"),
    "a missing label": (
        {"a.parquet": parquet(pa.Table.from_pylist(rows()).drop(["click"]))},
        "click",
    ),
    "an extra column": ({"a.csv": unlike(WHOLE, b"\n", b",0\n")}, 0),
    "reordered columns": ({"a.csv": b"".join(csv_lines(rows(), COLUMNS[::-1]))}, 0),
    "a column twice": ({"a.csv": unlike(WHOLE, b"adults", b"price")}, "several"),
    "a header with spaces": ({"a.csv": unlike(WHOLE, b",price", b", price")}, "did you mean"),
    "too few and too many columns": ({"a.csv": WHOLE + b"s1,DE\n" + b"x," * 11 + b"x\n"}, 2),
    "text in numbers": ({"a.csv": changed(4, price="12 EUR")}, 1),
    "numbers with commas": ({"a.csv": changed(4, price="1,5")}, 1),
    "inf and NaN": ({"a.csv": changed(4, price="inf", adults="NaN")}, 0),
    "huge numbers": ({"a.csv": changed(4, price="1e400", adults="9" * 400)}, 0),
    "negative numbers": ({"a.csv": changed(4, price="-5", adults="-1")}, 0),
    "a negative label": ({"a.csv": changed(4, click="-1")}, 1),
    "an infinite label": ({"a.csv": changed(4, click="inf")}, 1),
    "a negative weight": ({"a.csv": changed(4, weight="-1")}, 1),
    "a time that is none": ({"a.csv": changed(4, shown_at="soon")}, 1),
    "a time in a zone without a name": (
        {"a.parquet": typed(lambda n: {"shown_at": None if n == 4 else moment(n)})},
        1,
    ),
    "a vector that is too long": ({"a.csv": changed(4, picture="1 2 3")}, 1),
    "duplicate items": ({"a.csv": WHOLE + LINES[1] * 5}, 0),
    "lists of one item": ({"a.csv": b"".join(csv_lines(rows(40, 1)))}, 0),
    "a list of ten thousand": ({"a.csv": long_list(10_000)}, 0),
    "lists without any action": ({"a.csv": without_actions()}, "with an action"),
    "a purchase without a click": ({"a.csv": changed(4, click="0", purchase="1")}, 0),
    "unknown regions": ({"a.csv": changed(4, country="ZZ")}, 0),
    "an empty list id": ({"a.csv": changed(4, search="")}, 1),
    "a list id NULL": ({"a.csv": changed(4, search="NULL")}, 1),
    "two files with other columns": ({"a.csv": WHOLE, "b.csv": without("title")}, "b.csv"),
    "two files in another order": (
        {"a.csv": WHOLE, "b.csv": b"".join(csv_lines(rows(first=90), COLUMNS[::-1]))},
        0,
    ),
    "two files with other types": (
        {"a.csv": WHOLE, "b.parquet": typed(lambda n: {"search": n, "price": n})},
        0,
    ),
    "a nested column": (
        {"a.parquet": typed(lambda n: {"price": {"a": 1}})},
        "expected numbers in column 'price'",
    ),
    "lists for an id": ({"a.parquet": typed(lambda n: {"search": ["a"]})}, "search"),
    "ids rounded to floats": (
        {"a.parquet": typed(lambda n: {"search": 2.0**60 if n == 4 else float(n // 3)})},
        1,
    ),
    "a row longer than a block": (
        {"a.csv": changed(4, title="x" * (9 << 20))},
        "expected rows shorter",
    ),
    "one good file and one bad": ({"a.csv": WHOLE, "b.csv": b"\xff\xfe"}, "b.csv"),
}
# Which of them go through Beam as well: one of each way to end, from CSV and from Parquet.
WITH_BEAM = {
    "CSV cut off in a row",
    "gzip cut off",
    "Parquet cut off",
    "two files with other types",
}
WITH_BEAM |= {
    "a list of ten thousand",
    "Latin-1",
    "Parquet cut off",
    "two files with other columns",
}


@pytest.mark.parametrize("kind", list(CASES))
def test_each_kind_ends_in_one_of_two_ways(
    kind: str, tmp_path: Path, record_property: Record
) -> None:
    files, expected = CASES[kind]
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    paths = [tmp_path / name for name in files] or [tmp_path / "nothing.csv"]
    outcome = outcome_of(dataset(), paths, tmp_path, kind in WITH_BEAM)
    if isinstance(expected, str):
        assert outcome.name == REFUSED
        assert expected in outcome.error
        assert not any((tmp_path / name).exists() for name in ("examples/Split-train",))
    else:
        assert outcome.name == (SET_ASIDE if expected else TAKEN), outcome.error
        assert len(outcome.aside) == expected
    told(record_property, kind, f"{outcome.name}: {outcome.error or len(outcome.aside)}")


def told(record_property: Record, what: str, outcome: str) -> None:
    record_property("what", what)
    record_property("tried", 1)
    record_property("outcome", outcome)


def test_ids_of_two_columns_never_run_together(tmp_path: Path, record_property: Record) -> None:
    """A separator within a part would make one list of two."""
    table = rows()
    table[0] |= {"search": "a\x1fb", "country": "c"}
    table[1] |= {"search": "a", "country": "b\x1fc"}
    outcome = outcome_of(
        dataset(list_id=["search", "country"]), [write_csv(tmp_path / "a.csv", table)], tmp_path
    )
    assert [row["row"] for row in outcome.aside] == [1, 2]
    assert "expected a part of an id without the mark" in outcome.aside[0]["reason"]
    told(record_property, "ids that run together", f"{outcome.name}: {len(outcome.aside)}")


@pytest.mark.parametrize("with_beam", [False, True])
def test_the_component_itself_notices_that_a_row_was_lost(
    with_beam: bool, tmp_path: Path, record_property: Record
) -> None:
    """A reader that drops its last row without a word: the run stops and nothing stays."""

    def lossy(*arguments: object, **options: object) -> CanonicalRows:
        found = canonical_rows(*arguments, **options)  # type: ignore[arg-type]
        return replace(found, rows=found.rows.slice(0, found.rows.num_rows - 1))

    path = write_csv(tmp_path / "a.csv", rows())
    with (
        mock.patch.object(reading, "canonical_rows", lossy),
        pytest.raises(LostDataError, match=f"rows: {ROWS} in, {ROWS - 1} out") as error,
    ):
        outcome_of(dataset(), [path], tmp_path, with_beam)
    assert not [*tmp_path.glob("examples/*"), *tmp_path.glob("rows_set_aside/*")]
    told(record_property, "a reader that loses a row", f"the run stops: {error.value}")


def test_too_many_bad_rows_are_one_error_that_names_the_first(
    tmp_path: Path, record_property: Record
) -> None:
    table = [row | {"click": "yes"} if n % 2 else row for n, row in enumerate(rows())]
    path = write_csv(tmp_path / "a.csv", table)
    outcome = outcome_of(dataset(most_bad_rows=0.01), [path], tmp_path)
    assert f"{ROWS // 2} of {ROWS} rows had to be set aside" in outcome.error
    assert f"such as {path}, row 2: click: expected 0, 1 or a count, found 'yes'" in outcome.error
    told(record_property, "too many bad rows", f"{outcome.name}: {outcome.error}")
