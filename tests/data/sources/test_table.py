import datetime
import pickle
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from data.definition.dataset import Dataset
from data.errors import InputError
from data.sources import Source, source_for

DATASET = Dataset.model_validate(
    {
        "name": "shop",
        "list_id": "search",
        "tasks": [{"name": "click", "grade": 1}],
        "region": "country",
        "position": "rank",
        "features": [{"name": "price", "scope": "item", "kind": "numeric"}],
    }
)


def rows_of(source: Source, path: str) -> list[dict]:
    return [
        row
        for shard in source.shards(path)
        for batch in source.read(shard)
        for row in batch.table.to_pylist()
    ]


def test_csv_and_parquet_give_the_needed_columns_and_those_of_the_path(tmp_path: Path) -> None:
    folder = tmp_path / "country=NL" / "day=2026-01-02"
    folder.mkdir(parents=True)
    table = pa.table({"noise": [0], "search": [7], "click": [1], "rank": [3], "price": [1.5]})
    pq.write_table(table, str(folder / "a.parquet"))
    (folder / "b.csv").write_text("noise,search,click,rank,price\n0,7,1,3,1.5\n")
    source = source_for(DATASET)
    parquet, csv = source.files([str(tmp_path)])[0], source.files([str(tmp_path)])[1]
    expected = {"search": 7, "click": 1, "rank": 3, "price": 1.5, "country": "NL"}
    assert rows_of(source, parquet) == [expected]
    assert rows_of(source, csv) == [
        {name: str(value) for name, value in expected.items()},
    ]
    assert source.columns(csv)[-2:] == ["country", "day"]


def test_a_definition_names_the_separator_of_csv_files(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text('search;click;rank;price;country\n7;1;3;"1.5";FR\n')
    source = source_for(Dataset.model_validate({**DATASET.model_dump(), "csv_separator": ";"}))
    (file,) = source.files([str(tmp_path)])
    source.check([file])
    expected = {"search": "7", "click": "1", "rank": "3", "price": "1.5", "country": "FR"}
    assert rows_of(source, file) == [expected]


def test_a_column_in_the_file_goes_before_the_path(tmp_path: Path) -> None:
    folder = tmp_path / "country=NL"
    folder.mkdir()
    (folder / "a.csv").write_text("search,click,rank,price,country\n7,1,3,1.5,FR\n")
    source = source_for(DATASET)
    assert rows_of(source, str(folder / "a.csv"))[0]["country"] == "FR"


def test_a_file_that_lacks_a_column_is_named_before_anything_is_read(tmp_path: Path) -> None:
    good, bad = tmp_path / "country=NL", tmp_path / "country=FR"
    for folder, header in ((good, "search,click,rank,price"), (bad, "search,click,rank,prices")):
        folder.mkdir()
        (folder / "a.csv").write_text(f"{header}\n7,1,3,1.5\n")
    source = source_for(DATASET)
    with pytest.raises(
        InputError, match=r"FR/a\.csv does not fit(.|\n)*'price', .* did you mean 'prices'\?"
    ):
        source.check(source.files([str(tmp_path)]))
    with pytest.raises(InputError, match="'price'"):
        list(source.read(str(bad / "a.csv")))


def test_lists_that_are_only_scored_need_neither_labels_nor_positions(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("price,search\n1.5,7\n")
    source = source_for(DATASET, with_labels=False)
    source.check([str(path)])
    assert rows_of(source, str(path)) == [{"search": "7", "price": "1.5"}]
    with pytest.raises(InputError, match=r"tasks\[0\]\.column \(task 'click'\)"):
        source_for(DATASET).check([str(path)])


def test_sources_travel_to_other_processes() -> None:
    source = source_for(DATASET)
    assert pickle.loads(pickle.dumps(source)) == source


def test_dates_go_by_folders_below_the_input(tmp_path: Path) -> None:
    # A dated folder above the input says when the logs were copied, not when lists were shown.
    above = tmp_path / "snapshot=2026-02-01"
    for day in ("2026-01-01", "2026-01-02", "2026-02-01"):
        (above / f"day={day}").mkdir(parents=True)
        (above / f"day={day}" / "a.csv").touch()
    source = source_for(DATASET)
    day = datetime.date(2026, 1, 2)
    expected = [f"{above}/day=2026-01-02/a.csv"]
    assert source.files([str(above)], day, day) == expected
    assert source.files([f"{above}/day=*"], day, day) == expected
    day = datetime.date(2026, 2, 1)
    assert source.files([str(above)], day, day) == [f"{above}/day=2026-02-01/a.csv"]
    with pytest.raises(InputError, match="snapshot=2026-02-01 and day="):
        source.files([str(tmp_path)], day, day)
    with pytest.raises(InputError, match="need folders such as day=2026-01-02 below --input"):
        source.files([f"{above}/day=2026-02-01"], day, day)


def test_files_may_lack_an_optional_column_but_not_all_of_them(tmp_path: Path) -> None:
    fields = DATASET.model_dump(mode="json")
    fields["features"].append(
        {"name": "discount", "scope": "item", "kind": "numeric", "optional": True}
    )
    dataset = Dataset.model_validate(fields)
    old, new = tmp_path / "old.csv", tmp_path / "new.csv"
    old.write_text("search,click,rank,price,country\n7,1,3,1.5,FR\n")
    new.write_text("search,click,rank,price,country,discount\n8,1,3,1.5,FR,0.5\n")
    source = source_for(dataset)
    source.check([str(old), str(new)])
    assert rows_of(source, str(new))[0]["discount"] == "0.5"
    assert "discount" not in rows_of(source, str(old))[0]
    with pytest.raises(InputError, match=r"no file fits.*\n.*'discount', found none$"):
        source.check([str(old)])
    source_for(dataset, with_labels=False).check([str(old)])  # Rows to score may be older.
