import gzip
from decimal import Decimal
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from data.errors import InputError
from data.inspection import read_first_rows, separator_of

ROWS = "search_id,price\n1,2.5\n1,3.5\n"


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("absent.csv", None, "expected files.*found no file"),
        ("logs.xlsx", b"x", "expected files that end in"),
        ("broken.parquet", b"not parquet", "no Parquet file"),
        ("broken.csv", b'a,b\n1,"2\n', "cannot be read"),
        ("broken.csv.gz", b"not gzipped", r"broken\.csv\.gz"),
        ("spaces.csv", b"search_id clicked\n1 0\n", "separated by commas, found one column$"),
        ("twice.csv", b"a,b,a\n1,2,3\n", r"each column once, found several \['a'\]"),
        ("empty.csv", b"search_id,clicked\n", r"expected rows, found none.*names of columns \(2\)"),
    ],
)
def test_a_wrong_file_is_named(
    tmp_path: Path, name: str, content: bytes | None, expected: str
) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError, match=expected):
        read_first_rows(str(tmp_path / name))


def test_a_parquet_file_without_rows_says_so(tmp_path: Path) -> None:
    pd.DataFrame({"search_id": [1]}).head(0).to_parquet(tmp_path / "a.parquet")
    with pytest.raises(InputError, match=r"expected rows, found none.*names of columns \(1\)"):
        read_first_rows(str(tmp_path / "a.parquet"))


@pytest.mark.parametrize("pattern", ["hive", "hive/*/*.gz", "hive/**/*.CSV.gz", "hive/day=?"])
def test_the_first_file_is_found_as_the_readers_find_files(tmp_path: Path, pattern: str) -> None:
    for day in (1, 2):
        (tmp_path / "hive" / f"day={day}").mkdir(parents=True)
        content = ROWS * day if "CSV" not in pattern else ROWS
        file = tmp_path / "hive" / f"day={day}" / ("a.CSV.gz" if "CSV" in pattern else "a.csv.gz")
        file.write_bytes(gzip.compress(content.encode()))
    (tmp_path / "hive" / "_temporary.csv").write_text("passed over\n")
    assert len(read_first_rows(str(tmp_path / pattern))) == 2


@pytest.mark.parametrize("separator", [";", "\t"])
def test_the_header_tells_the_separator(tmp_path: Path, separator: str) -> None:
    content = "\ufeff" + ROWS.replace(",", separator) + f'2{separator}"{separator}"\n'
    (tmp_path / "a.csv").write_text(content)
    assert separator_of(str(tmp_path)) == separator
    sample = read_first_rows(str(tmp_path))
    assert list(sample.columns) == ["search_id", "price"]
    assert sample["price"].tolist() == ["2.5", "3.5", separator]


def test_files_without_rows_are_passed_over(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("search_id,price\n")
    (tmp_path / "b.csv").write_text(ROWS)
    assert len(read_first_rows(str(tmp_path))) == 2


def test_a_column_without_a_name_keeps_none(tmp_path: Path) -> None:
    pd.read_csv(_csv(tmp_path)).to_csv(tmp_path / "a.csv")
    assert list(read_first_rows(str(tmp_path / "a.csv")).columns) == ["", "search_id", "price"]


def test_bytes_that_are_no_text_do_not_stop_the_look(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(b"search_id,name\n1,M\xfcller\n1,Meyer\n")
    assert read_first_rows(str(tmp_path / "a.csv"))["name"][1] == "Meyer"


def test_decimals_are_numbers_but_for_ids_that_none_can_hold(tmp_path: Path) -> None:
    table = pa.table(
        {
            "price": pa.array([Decimal("2.50"), None], pa.decimal128(9, 2)),
            "count": pa.array([Decimal("2"), Decimal("3")], pa.decimal128(38, 0)),
            "id": pa.array([Decimal("1" * 30), Decimal("1" * 29 + "2")], pa.decimal128(38, 0)),
        }
    )
    pq.write_table(table, tmp_path / "a.parquet")
    sample = read_first_rows(str(tmp_path / "a.parquet"))
    assert [str(kind) for kind in sample.dtypes] == ["float64", "int64", "object"]
    assert sample["id"].nunique() == 2


def test_decimals_in_lists_are_numbers_too(tmp_path: Path) -> None:
    prices = [[Decimal("2.50"), None], None, []]
    table = pa.table(
        {
            "prices": pa.array(prices, pa.list_(pa.decimal128(38, 9))),
            "counts": pa.array([[Decimal("2")], [], None], pa.list_(pa.decimal128(38, 0))),
            "ids": pa.array([[Decimal("1" * 30)]] * 3, pa.list_(pa.decimal128(38, 0))),
            "vectors": pa.array([[[Decimal("0.5")]]] * 3, pa.list_(pa.list_(pa.decimal128(9, 2)))),
        }
    )
    pq.write_table(table, tmp_path / "a.parquet")
    sample = read_first_rows(str(tmp_path / "a.parquet"))
    assert [None if one is None else len(one) for one in sample["prices"]] == [2, None, 0]
    assert sample["prices"][0].dtype == float
    assert sample["counts"][0].dtype == int
    assert sample["ids"][0][0] == Decimal("1" * 30)
    assert sample["vectors"][0][0].dtype == float


def test_parquet_is_read_as_the_readers_read_it(tmp_path: Path) -> None:
    frame = pd.DataFrame({"id": [1, 2], "brand": ["a", ""]}, index=["x", "y"])
    frame["brand"] = frame["brand"].astype("category")
    frame.rename_axis("search").to_parquet(tmp_path / "a.parquet")
    sample = read_first_rows(str(tmp_path / "a.parquet"))
    assert list(sample.columns) == ["id", "brand", "search"]
    assert sample["brand"].tolist() == ["a", None]


def _csv(folder: Path) -> Path:
    (folder / "rows.csv").write_text(ROWS)
    return folder / "rows.csv"
