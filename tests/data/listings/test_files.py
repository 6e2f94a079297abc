import json
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from data.errors import InputError
from data.listings import json_lines
from data.listings.files import ListingFile, check_kinds, listing_writer


def json_file(tmp_path: Path, *lines: str) -> ListingFile:
    path = tmp_path / "listings.jsonl"
    path.write_text("\n".join(lines))
    return ListingFile(str(path))


def rows(file: ListingFile, size: int = 4096) -> list[dict]:
    return [row for table in file.batches(size) for row in table.to_pylist()]


def test_json_lines_come_in_batches_with_types_of_the_whole_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A block alone would take `price` for whole numbers, and the day for a time."""
    monkeypatch.setattr(json_lines, "_BLOCK_BYTES", 40)
    file = json_file(
        tmp_path,
        '{"id": 1, "price": 3, "day": "2026-01-02"}',
        "",
        '{"id": 2, "price": 3.5, "tags": {"a": ["x"]}}',
        '{"id": 3, "tags": {"b": 1}}',
    )
    found = rows(file)
    assert [row["price"] for row in found] == [3.0, 3.5, None]
    assert [row["day"] for row in found] == ["2026-01-02", None, None]
    assert found[1]["tags"] == {"a": ["x"], "b": None}


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        (['{"a": 1}', "{"], "line 2: expected a JSON object a line: [^0-9]*$"),
        (['{"a": 1}', "", '{"a": "x"}', "{}"], "line 3: expected a JSON object a line: [^0-9]*$"),
        (['{"a": 1}', "[1]"], "line 2: expected a JSON object a line"),
        ([" "], "expected a JSON object a line, found none"),
    ],
)
def test_what_is_no_json_is_told_with_its_line(lines: list[str], told: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=told):
        rows(json_file(tmp_path, *lines))


def test_values_of_two_kinds_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_lines, "_BLOCK_BYTES", 10)
    file = json_file(tmp_path, '{"a": "x"}', '{"a": [1]}')
    with pytest.raises(InputError, match="column 'a': expected values of one kind"):
        rows(file)


def test_rows_keep_their_order_in_every_format(tmp_path: Path) -> None:
    table = pa.table({"id": [str(number) for number in range(10)], "title": ['赤, "x"\n'] * 10})
    for name in ("a.csv", "a.parquet", "a.jsonl"):
        with listing_writer(str(tmp_path / name)) as write:
            write(table.slice(0, 4))
            write(table.slice(4))
        assert rows(ListingFile(str(tmp_path / name)), 3) == table.to_pylist()


def test_csv_has_decimals_with_their_digits(tmp_path: Path) -> None:
    with listing_writer(str(tmp_path / "a.csv")) as write:
        write(pa.table({"price": [Decimal("1.50"), None], "id": [1, 2]}))
    assert (tmp_path / "a.csv").read_text() == '"price","id"\n"1.50",1\n,2\n'


def test_json_lines_have_finite_numbers_alone(tmp_path: Path) -> None:
    with listing_writer(str(tmp_path / "a.jsonl")) as write:
        write(pa.table({"price": [1.5, float("nan"), float("inf"), None]}))
    lines = (tmp_path / "a.jsonl").read_text().splitlines()
    assert lines == ['{"price": 1.5}', *['{"price": null}'] * 3]


def test_the_header_of_a_csv_file_tells_its_separator(tmp_path: Path) -> None:
    path = tmp_path / "listings.csv"
    path.write_text('id;title\n1;"a; b"\n2;c,d\n')
    found = rows(ListingFile(str(path)))
    assert found == [{"id": "1", "title": "a; b"}, {"id": "2", "title": "c,d"}]


def test_a_torn_row_ends_the_reading(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("id,title\n1,x\n2\n")
    with pytest.raises(InputError, match="row 2"):
        rows(ListingFile(str(tmp_path / "a.csv")))


def test_nothing_is_left_of_a_file_that_fails(tmp_path: Path) -> None:
    def fail() -> None:
        with listing_writer(str(tmp_path / "a.jsonl")) as write:
            write(pa.table({"id": [1]}))
            raise InputError("no more")

    with pytest.raises(InputError):
        fail()
    assert not list(tmp_path.iterdir())


def test_csv_has_no_place_for_lists(tmp_path: Path) -> None:
    file = json_file(tmp_path, '{"a": ["x"], "b": {"c": 1}, "d": 1}')
    with pytest.raises(InputError, match=r"expected \.parquet or \.jsonl .* in 'a', 'b'; found"):
        check_kinds("--output", tmp_path / "a.csv", file)
    check_kinds("--output", tmp_path / "a.parquet", file)


def test_bytes_that_are_no_text_are_told_with_their_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(json_lines, "_BLOCK_BYTES", 10)
    (tmp_path / "a.jsonl").write_bytes(b'{"a": "x"}\n{"a": "y"}\n{"a": "\xff"}\n')
    with pytest.raises(InputError, match="line 3: expected UTF-8, found other bytes"):
        rows(ListingFile(str(tmp_path / "a.jsonl")))


def test_a_column_that_stands_twice_is_told(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("id,title,title\n1,x,y\n")
    with pytest.raises(InputError, match="expected every column once, found 'title' again"):
        rows(ListingFile(str(tmp_path / "a.csv")))


def test_only_parquet_knows_its_rows_beforehand(tmp_path: Path) -> None:
    pq.write_table(pa.table({"a": range(7)}), tmp_path / "a.parquet")
    assert ListingFile(str(tmp_path / "a.parquet")).rows == 7
    assert json_file(tmp_path, json.dumps({"a": 1})).rows is None
