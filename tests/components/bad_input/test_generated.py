"""Hundreds of damaged logs, drawn by Hypothesis; the same ones in every run."""

import decimal
import gzip
import io
import string
import tempfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.components.bad_input.logs import COLUMNS, ROWS, csv_lines, dataset, rows
from tests.components.bad_input.running import REFUSED, Outcome, outcome_of
from tests.drawn import drawn

Record = Callable[[str, object], None]

pytestmark = pytest.mark.reliability("bad input")


def told(record: Record, outcomes: Counter[str]) -> None:
    record("tried", sum(outcomes.values()))
    record("outcome", ", ".join(f"{name}: {number}" for name, number in sorted(outcomes.items())))


def tried(outcomes: Counter[str], files: dict[str, bytes], with_beam: bool = False) -> Outcome:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for path, content in files.items():
            (folder / path).write_bytes(content)
        paths = [folder / path for path in files]
        outcome = outcome_of(dataset(), paths, folder, with_beam)
    outcomes[outcome.name] += 1
    return outcome


# Cells that no row survives, by column: each is no number, no time, no id or no label.
BAD_CELLS = {
    "search": ["", "NULL", "nan"],
    "shown_at": ["", "yesterday", "2026-02-30", "12:00", "0001-01-01", "1e9", "\x00"],
    "weight": ["-1", "heavy", "1 000"],
    "adults": ["two", "1;5", "0x10"],
    "price": [
        "12 EUR",
        "1,5",
        "--3",
        "1e",
        "€",
        "1\x002",
        "\uff11\uff12",
        "1_000",
        "+-1",
        "NaN(7)",
        ".",
    ],
    "picture": ["0.5", "0.5 1 2", "0.5 red", "[[]]"],
    "click": ["-1", "inf", "yes", "-0.5", "1;0"],
    "purchase": ["-inf", "maybe", "1e999"],
}
# Cells that look odd and are no fault.
ODD_CELLS = {
    "country": ["", "ZZ", "de", "Côte d'Ivoire", "\x00", "a\x1fb", "🇩🇪"],
    "weight": ["", "0", "1e-40", "inf"],
    "adults": ["", "-7", "1e308", "99999999999999999999999"],
    "price": [
        "",
        "inf",
        "-inf",
        "NaN",
        "1e400",
        "-1e400",
        "1e-400",
        "+3",
        ".5",
        "5.",
        "TRUE",
        " 7 ",
    ],
    "title": ["", "a,b", 'a "b"', "a\nb", "a\r\nb", "\x00", "x" * 70_000, "é" * 99, "\x1a", "=1+1"],
    "picture": ["", "[0.5,1]", "(0.5; inf)", "nan 1"],
    "click": ["", "true", "3", "1e9", "0.5"],
    "purchase": ["", "FALSE", "1"],
}


def cells(of: dict[str, list[str]]) -> st.SearchStrategy[tuple[int, str, str]]:
    pairs = [(name, text) for name, texts in of.items() for text in texts]
    return st.tuples(st.integers(0, ROWS - 1), st.sampled_from(pairs)).map(
        lambda drawn: (drawn[0], *drawn[1])
    )


@pytest.mark.parametrize("ending", ["csv", "csv.gz", "parquet"])
def test_exactly_the_bad_rows_are_set_aside(ending: str, record_property: Record) -> None:
    outcomes: Counter[str] = Counter()

    @drawn(100)
    @given(
        bad=st.lists(cells(BAD_CELLS), max_size=5),
        odd=st.lists(cells(ODD_CELLS), max_size=8),
        repeated=st.lists(st.integers(0, ROWS - 1), max_size=3),
    )
    def check(
        bad: list[tuple[int, str, str]], odd: list[tuple[int, str, str]], repeated: list[int]
    ) -> None:
        table = rows()
        for row, name, text in [*odd, *bad]:
            table[row][name] = text
        table += [dict(table[row]) for row in repeated]
        wrong = {row for row, _, _ in bad}
        wrong |= {ROWS + place for place, row in enumerate(repeated) if row in wrong}
        outcome = tried(outcomes, {f"logs.{ending}": as_file(table, ending)})
        assert {row["row"] - 1 for row in outcome.aside} == wrong
        expected = [
            (row["search"].encode(), _title(row)) for n, row in enumerate(table) if n not in wrong
        ]
        assert sorted(outcome.items) == sorted(expected)

    check()
    told(record_property, outcomes)


def _title(row: dict[str, str]) -> bytes:
    missing = row["title"] in ("", "NULL", "null", "NaN", "nan", "None")
    return b"" if missing else row["title"].encode()


def as_file(table: list[dict[str, str]], ending: str) -> bytes:
    if ending == "parquet":
        sink = io.BytesIO()
        pq.write_table(pa.Table.from_pylist(table), sink, row_group_size=50)
        return sink.getvalue()
    content = b"".join(csv_lines(table))
    return gzip.compress(content, mtime=0) if ending == "csv.gz" else content


LINES = csv_lines(rows())
# Lines of a CSV file that are no rows of ten columns, or no text.
BAD_LINES = [
    b"\xff\xfe",
    b"a,b,c",
    b",".join([b"x"] * 11),
    b"s1,\xe4" + b"," * 8,
    b"\x80" + b"," * 9,
]


def test_lines_that_are_no_rows_are_set_aside_with_their_number(record_property: Record) -> None:
    outcomes: Counter[str] = Counter()

    @drawn(100)
    @given(
        st.lists(
            st.tuples(st.integers(1, ROWS), st.sampled_from([*BAD_LINES, b"", b"\r"])), max_size=6
        ),
        st.sampled_from([b"\n", b"\r\n"]),
    )
    def check(bad: list[tuple[int, bytes]], ending: bytes) -> None:
        lines = [line.rstrip(b"\n") for line in LINES]
        for place, line in sorted(bad, reverse=True):
            lines.insert(place, line)
        outcome = tried(outcomes, {"logs.csv": ending.join(lines) + ending})
        # Blank lines are no rows.
        kept = [line for line in lines if line.strip()]
        wrong = {number for number, line in enumerate(kept) if line in BAD_LINES}
        assert {row["row"] for row in outcome.aside} == wrong
        assert outcome.counts is not None
        assert outcome.counts.rows_out == ROWS

    check()
    told(record_property, outcomes)


WHOLE = {ending: as_file(rows(), ending) for ending in ("csv", "csv.gz", "parquet")}


@pytest.mark.parametrize("ending", list(WHOLE))
def test_damaged_bytes_are_refused_or_nothing_is_lost(ending: str, record_property: Record) -> None:
    outcomes: Counter[str] = Counter()
    whole = WHOLE[ending]

    @drawn(150)
    @given(
        cut=st.integers(0, len(whole)),
        damage=st.lists(
            st.tuples(st.integers(0, len(whole)), st.integers(0, 40), st.binary(max_size=20)),
            max_size=3,
        ),
    )
    def check(cut: int, damage: list[tuple[int, int, bytes]]) -> None:
        content = whole
        for start, length, instead in damage:
            content = content[:start] + instead + content[start + length :]
        if not damage:
            content = content[:cut]
        tried(outcomes, {f"damaged.{ending}": content, f"good.{ending}": whole})

    check()
    told(record_property, outcomes)
    assert outcomes[REFUSED]


def test_any_text_under_a_header_is_refused_or_nothing_is_lost(record_property: Record) -> None:
    outcomes: Counter[str] = Counter()
    marks = st.sampled_from([",", '"', "\n", "\r", "\x00", "\x1a", "'", ";", "\ufeff", "1", "s1"])
    text = st.lists(st.one_of(marks, st.text(string.printable, max_size=5)), max_size=60)

    @drawn(150)
    @given(text.map("".join), st.booleans())
    def check(body: str, with_rows: bool) -> None:
        before = b"".join(LINES) if with_rows else LINES[0]
        tried(outcomes, {"logs.csv": before + body.encode(), "good.csv": b"".join(LINES)})

    check()
    told(record_property, outcomes)


def test_any_bytes_are_refused_or_nothing_is_lost(record_property: Record) -> None:
    outcomes: Counter[str] = Counter()
    endings = st.sampled_from(["csv", "csv.gz", "parquet"])

    @drawn(100)
    @given(st.binary(max_size=300), endings)
    def check(content: bytes, ending: str) -> None:
        tried(outcomes, {f"logs.{ending}": content})

    check()
    told(record_property, outcomes)
    assert set(outcomes) == {REFUSED}


TYPES = [
    pa.null(),
    pa.bool_(),
    pa.int8(),
    pa.int64(),
    pa.uint64(),
    pa.float32(),
    pa.float64(),
    pa.decimal128(20, 0),
    pa.decimal128(9, 3),
    pa.decimal256(60, 2),
    pa.date32(),
    pa.date64(),
    pa.time32("s"),
    pa.time64("us"),
    pa.timestamp("ms"),
    pa.timestamp("us", "Asia/Tokyo"),
    pa.duration("ms"),
    pa.string(),
    pa.large_string(),
    pa.binary(),
    pa.binary(4),
    pa.large_binary(),
    pa.dictionary(pa.int32(), pa.string()),
    pa.list_(pa.float64()),
    pa.list_(pa.string()),
    pa.list_(pa.int16(), 2),
    pa.large_list(pa.float32()),
    pa.struct([("a", pa.int32())]),
    pa.map_(pa.string(), pa.int64()),
    pa.list_(pa.list_(pa.float32())),
]


def test_columns_of_any_type_are_refused_or_nothing_is_lost(record_property: Record) -> None:
    outcomes: Counter[str] = Counter()
    columns = st.dictionaries(
        st.sampled_from(COLUMNS), st.sampled_from(TYPES), min_size=1, max_size=3
    )

    @drawn(200)
    @given(columns, st.integers(0, 2**32 - 1))
    def check(types: dict[str, pa.DataType], seed: int) -> None:
        table = pa.Table.from_pylist(rows())
        for name, kind in types.items():
            table = table.set_column(table.column_names.index(name), name, _values(kind, seed))
        sink = io.BytesIO()
        pq.write_table(table, sink)
        tried(outcomes, {"logs.parquet": sink.getvalue(), "good.parquet": WHOLE["parquet"]})

    check()
    told(record_property, outcomes)


def _values(kind: pa.DataType, seed: int) -> pa.Array:
    """Some values of a type, a tenth of them missing."""
    numbers = [(seed >> place % 32) % 1000 for place in range(ROWS)]
    missing = [number % 10 == 9 for number in numbers]
    # Parquet keeps no missing vectors of fixed length.
    whole = pa.types.is_fixed_size_list(kind)
    pairs = [(number, gone and not whole) for number, gone in zip(numbers, missing, strict=True)]
    return pa.array([None if gone else _value(kind, number) for number, gone in pairs], kind)


def _value(kind: pa.DataType, number: int) -> object:
    types = pa.types
    if types.is_boolean(kind):
        return number % 2 == 0
    if types.is_null(kind):
        return None
    if types.is_int8(kind):
        return number % 128
    if types.is_floating(kind) or types.is_integer(kind):
        return number
    if types.is_dictionary(kind) or types.is_string(kind) or types.is_large_string(kind):
        return f"s{number}"
    if types.is_fixed_size_binary(kind):
        return b"s%03d" % number
    if types.is_binary(kind) or types.is_large_binary(kind):
        return b"\xff%d" % number if number % 2 else b"s%d" % number
    if types.is_map(kind):
        return [("a", number)]
    if types.is_struct(kind):
        return {"a": number}
    if types.is_list(kind) or types.is_large_list(kind) or types.is_fixed_size_list(kind):
        return [_value(kind.value_type, number)] * 2
    if types.is_decimal(kind):
        return decimal.Decimal(number)
    return pa.scalar(number, pa.int32() if kind.bit_width == 32 else pa.int64()).cast(kind).as_py()
