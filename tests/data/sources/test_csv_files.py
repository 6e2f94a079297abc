import gzip
from pathlib import Path

import pyarrow as pa
import pytest

from data.errors import InputError
from data.sources import csv_files
from data.sources.csv_files import csv_columns, header_separator, read_csv
from data.sources.source import RowBatch

NULLS = ("", "NULL")


def read(
    folder: Path, content: bytes, name: str = "logs.csv", columns: tuple[str, ...] = ("id", "title")
) -> tuple[pa.Table, list[int], list[tuple[int, str]]]:
    """The good rows, their numbers, and (number, reason) of the rows set aside."""
    path = folder / name
    path.write_bytes(content)
    batches: list[RowBatch] = list(read_csv(str(path), columns, NULLS))
    numbers = [int(number) for batch in batches for number in batch.row_numbers]
    aside = pa.concat_tables([batch.set_aside for batch in batches])
    assert set(aside["file"].to_pylist()) <= {str(path)}
    reasons = list(zip(aside["row"].to_pylist(), aside["reason"].to_pylist(), strict=True))
    return pa.concat_tables([batch.table for batch in batches]), numbers, reasons


def test_quoted_text_survives_byte_for_byte(tmp_path: Path) -> None:
    content = '\ufeffid,title\r\n1,"a, ""b""\r\nc\n\nd"\r\n2,é\r\n'.encode()
    table, numbers, aside = read(tmp_path, content)
    assert table.to_pydict() == {"id": ["1", "2"], "title": ['a, "b"\r\nc\n\nd', "é"]}
    assert numbers == [1, 2]
    assert aside == []


def test_rows_of_another_width_are_set_aside_with_row_and_line(tmp_path: Path) -> None:
    # Row 1 takes lines 2 and 3, line 5 is blank.
    content = b'id,title\n1,"two\nlines"\n2\n\n3,x\n4,y,z\n5,w\n'
    table, numbers, aside = read(tmp_path, content)
    assert table.to_pydict() == {"id": ["1", "3", "5"], "title": ["two\nlines", "x", "w"]}
    assert numbers == [1, 3, 5]
    assert aside == [
        (2, "expected 2 columns, found 1 (line 4)"),
        (4, "expected 2 columns, found 3 (line 7)"),
    ]


def test_row_numbers_hold_over_blocks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv_files, "_BLOCK_BYTES", 512)
    rows = range(1, 2001)
    # Every third row lacks a column; so do all from 901 to 1100, which is more than a block.
    bad = {row for row in rows if row % 3 == 0 or 900 < row <= 1100}
    lines = [f"{row}" if row in bad else f"{row},title {row}" for row in rows]
    table, numbers, aside = read(tmp_path, "\n".join(["id,title", *lines]).encode())
    assert numbers == [row for row in rows if row not in bad]
    assert table["id"].to_pylist() == [str(number) for number in numbers]
    assert [row for row, _ in aside] == sorted(bad)
    assert aside[0] == (3, "expected 2 columns, found 1 (line 4)")


def test_columns_come_in_the_order_asked_and_as_text(tmp_path: Path) -> None:
    content = b"x,title,id\n1,007,9007199254740993\n2,NULL,1.0\n"
    table, _, _ = read(tmp_path, content)
    assert table.to_pydict() == {"id": ["9007199254740993", "1.0"], "title": ["007", None]}


def test_gzip_and_several_members(tmp_path: Path) -> None:
    content = gzip.compress(b"id,title\n1,a\n") + gzip.compress(b"2,b\n")
    table, _, _ = read(tmp_path, content, "logs.csv.gz")
    assert table["id"].to_pylist() == ["1", "2"]


def test_bytes_that_are_not_utf8_are_set_aside(tmp_path: Path) -> None:
    # A Latin-1 é, a row that is too wide besides, and a character that is cut off.
    content = b"id,title,x\n1,caf\xe9,1\n2,caf\xc3\xa9,1\n3,\xff,1,2\n4,ok,\xe9\n5,\xc3"
    table, numbers, aside = read(tmp_path, content)
    # Nobody asked for the column with the wrong bytes of row 4.
    assert table.to_pydict() == {"id": ["2", "4"], "title": ["café", "ok"]}
    assert numbers == [2, 4]
    assert sorted(aside) == [
        (1, "expected UTF-8, found other bytes"),
        (3, "expected 3 columns, found 4 (line 4)"),
        (5, "expected 3 columns, found 2 (line 6)"),
    ]


@pytest.mark.parametrize("content", [b"id,title\n", b"id,title", b"\xef\xbb\xbfid,title\r\n"])
def test_a_file_without_rows_is_no_fault(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "logs.csv"
    path.write_bytes(content)
    assert csv_columns(str(path)) == ["id", "title"]
    assert sum(batch.rows_in for batch in read_csv(str(path), ["id"], NULLS)) == 0


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b'id,title\n1,a\n2,"b\n3,c\n4,d\n', "row 2 opens a quote that never closes"),
        (b'id,title\n1,a\n2\n"3,c\n4,d\n', "row 3 opens a quote that never closes"),
        # Two marks for inches that stand before their numbers: rows 2 to 4 would be one.
        (b'id,title\n1,a\n2,"5\n3,c\n4,"6\n5,e\n', "line 3 opens a quote that closes on line 5"),
        (
            b'id,title\n1,"5\n' + b"2,more than Python takes\n" * 9_000 + b'3,"6\n',
            "line 2 opens a quote that closes on line 9003",
        ),
        (b'id,title\n1,a\n2,"' + b"x" * (9 << 20), "shorter than 4 MiB.*unclosed quote"),
    ],
)
def test_a_quote_that_never_closes_is_an_error(
    tmp_path: Path, content: bytes, message: str
) -> None:
    with pytest.raises(InputError, match=rf"logs\.csv: .*{message}"):
        read(tmp_path, content)


def test_a_quotation_mark_within_plain_text_is_text(tmp_path: Path) -> None:
    content = b'id,title\n1,nail 5"\n2,"best" of all\n3,"on two\nlines"\n\n4,b"\n'
    table, _, aside = read(tmp_path, content)
    assert table["title"].to_pylist() == ['nail 5"', "best of all", "on two\nlines", 'b"']
    assert aside == []


def test_a_file_cut_off_is_an_error(tmp_path: Path) -> None:
    content = gzip.compress(b"id,title\n" + b"".join(b"%d,%d\n" % (i, i**3) for i in range(9999)))
    with pytest.raises(InputError, match=r"cut\.csv\.gz: cut off or damaged: Truncated"):
        read(tmp_path, content[: len(content) // 2], "cut.csv.gz")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "found none"),
        (b"\n\n", "found none"),
        (b"id;title\n1;a\n", 'one column; .* semicolons, which `csv_separator: ";"` in the'),
        (b"id\ttitle\n1\ta\n", r'one column; .* by tabs, which `csv_separator: "\\t"` in the'),
        (b"id\n1\n", "found one column$"),
        ("id,title\n".encode("utf-16"), "expected CSV in UTF-8"),
        (b"id,titl\xe9\n", "expected CSV in UTF-8"),
    ],
)
def test_a_header_that_does_not_serve_is_an_error(
    tmp_path: Path, content: bytes, message: str
) -> None:
    path = tmp_path / "logs.csv"
    path.write_bytes(content)
    with pytest.raises(InputError, match=rf"logs\.csv: .*{message}"):
        csv_columns(str(path))


@pytest.mark.parametrize("separator", [";", "\t", "|"])
def test_other_separators_are_read_as_commas_are(tmp_path: Path, separator: str) -> None:
    # Quoted separators and line breaks, a row of another width, undecoded bytes, a byte order mark.
    content = '\ufeffid;title\r\n1;"a; ""b""\nc"\r\n2\r\n3;d,e\r\n'.encode() + b"4;\xff\r\n"
    path = tmp_path / "logs.csv"
    path.write_bytes(content.replace(b";", separator.encode()))
    assert header_separator(str(path)) == separator
    assert csv_columns(str(path), separator) == ["id", "title"]
    batches = list(read_csv(str(path), ["title"], NULLS, separator))
    table = pa.concat_tables([batch.table for batch in batches])
    assert table["title"].to_pylist() == [f'a{separator} "b"\nc', "d,e"]
    aside = pa.concat_tables([batch.set_aside for batch in batches]).to_pylist()
    assert [(row["row"], row["reason"]) for row in aside] == [
        (4, "expected UTF-8, found other bytes"),
        (2, "expected 2 columns, found 1 (line 4)"),
    ]


def test_quotes_stand_at_the_separator_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "logs.csv"
    path.write_bytes(b'id;title\n1;a\n2;"5\n3;c\n4;"6\n5;e\n')
    with pytest.raises(InputError, match="line 3 opens a quote that closes on line 5"):
        list(read_csv(str(path), ["id"], NULLS, ";"))


def test_the_separator_makes_the_most_columns(tmp_path: Path) -> None:
    path = tmp_path / "logs.csv"
    path.write_bytes(b"price, EUR;name;id\n1,5;a;2\n")
    assert header_separator(str(path)) == ";"


def test_a_comma_in_the_header_is_the_separator(tmp_path: Path) -> None:
    path = tmp_path / "logs.csv"
    path.write_bytes(b"id,price;EUR\n1,2\n")
    assert header_separator(str(path)) == ","
    with pytest.raises(InputError, match=r'one column; it looks separated by commas, .* ","'):
        csv_columns(str(path), "\t")


def test_a_reader_can_be_left_at_any_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv_files, "_BLOCK_BYTES", 4096)
    path = tmp_path / "logs.csv"
    path.write_bytes(b"id,title\n" + b"".join(b"%d,x\n%d\n" % (i, i) for i in range(50_000)))
    for batches in range(5):
        reader = read_csv(str(path), ["id"], NULLS)
        for _ in range(batches):
            next(reader)
        reader.close()
