import argparse
import re
from decimal import Decimal
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml

from data.errors import InputError
from data.loading import load_dataset
from data.rows.canonical import canonical_rows
from data.sources import source_for
from pipeline.commands.init import run

LISTS, ITEMS = 40, 6
ROWS = LISTS * ITEMS


def shop() -> pa.Table:
    """Logs with a column of every kind that may be mistaken."""
    random = np.random.default_rng(1)
    first = np.tile(np.arange(ITEMS), LISTS) == 0
    prices = [Decimal(int(cents)) / 100 for cents in random.integers(100, 10_000, ROWS)]
    return pa.table(
        {
            "search id": np.repeat(np.arange(LISTS), ITEMS),
            "Country (user)": np.repeat(["DE", "US"] * (LISTS // 2), ITEMS),
            "Unit Price": pa.array(prices, pa.decimal128(9, 2)),
            "embedding": list(random.normal(size=(ROWS, 4))),
            "text vector": [f"{x:.3f} {y:.3f} 1" for x, y in random.normal(size=(ROWS, 2))],
            "tags": [["a", "b"][: row % 3] for row in range(ROWS)],
            "ratings": [[1.0, 2.0, 3.0][: row % 4] for row in range(ROWS)],
            "size": [{"width": row, "height": 1} for row in range(ROWS)],
            "click": first.astype(int),
            "add to cart": (first & (np.arange(ROWS) % 4 == 0)).astype(int),
        }
    )


def init(pattern: Path, output: Path) -> None:
    assert run(argparse.Namespace(input=[str(pattern)], output=str(output))) == 0


def test_windows_of_late_actions_are_proposed_as_comments(tmp_path: Path) -> None:
    shown = np.datetime64("2026-01-01") + np.repeat(np.arange(LISTS), ITEMS).astype("m8[h]")
    frame = shop().select(["search id", "Unit Price", "click", "add to cart"]).to_pandas()
    frame = frame.assign(shown_time=shown)
    frame["clicked_at"] = (frame["shown_time"] + np.timedelta64(40, "s")).where(frame["click"] > 0)
    frame["carted_at"] = (frame["shown_time"] + np.timedelta64(8, "D")).where(
        frame["add to cart"] > 0
    )
    frame.to_parquet(tmp_path / "shop.parquet")
    init(tmp_path / "shop.parquet", tmp_path / "shop.yaml")
    (tmp_path / "windows.yaml").write_text(
        (tmp_path / "shop.yaml").read_text().replace("# matures_after", "matures_after")
    )
    files = [tmp_path / "shop.yaml", tmp_path / "windows.yaml"]
    found = [load_dataset(str(path)).tasks for path in files]
    assert [[task.at for task in tasks] for tasks in found] == [["clicked_at", "carted_at"]] * 2
    windows = [[task.matures_after for task in tasks] for tasks in found]
    assert windows == [[None, None], ["1m", "10d"]]


def test_a_separator_other_than_a_comma_is_written(tmp_path: Path) -> None:
    flat = shop().select(["search id", "Country (user)", "Unit Price", "click", "add to cart"])
    flat.to_pandas().to_csv(tmp_path / "shop.csv", sep="\t", index=False)
    init(tmp_path / "shop.csv", tmp_path / "shop.yaml")
    assert r'csv_separator: "\t"' in (tmp_path / "shop.yaml").read_text()
    source = source_for(load_dataset(str(tmp_path / "shop.yaml")))
    (file,) = source.files([str(tmp_path)])
    assert sum(batch.table.num_rows for batch in source.read(file)) == ROWS


def test_the_readers_take_what_was_guessed(tmp_path: Path) -> None:
    pq.write_table(shop(), tmp_path / "shop.parquet")
    init(tmp_path / "shop.parquet", tmp_path / "shop.yaml")
    dataset = load_dataset(str(tmp_path / "shop.yaml"))
    assert {feature.name: (feature.kind, feature.length) for feature in dataset.features} == {
        "Country_user": ("categorical", None),
        "Unit_Price": ("numeric", None),
        "embedding": ("vector", 4),
        "text_vector": ("vector", 3),
        "size_width": ("numeric", None),
    }
    assert dataset.country_features == ("Country_user",)
    assert [task.name for task in dataset.tasks] == ["click", "add_to_cart"]
    assert set(dataset.left_out) == {"tags", "ratings", "size.height"}
    source = source_for(dataset)
    (batch,) = source.read(str(tmp_path / "shop.parquet"))
    rows = canonical_rows(dataset, batch)
    assert (rows.rows.num_rows, rows.set_aside.num_rows) == (ROWS, 0)


def test_a_region_and_an_item_that_are_not_found_are_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    renamed = ["c" if name == "Country (user)" else name for name in shop().column_names]
    for name, logs in (("with", shop()), ("without", shop().rename_columns(renamed))):
        pq.write_table(logs, tmp_path / f"{name}.parquet")
        init(tmp_path / f"{name}.parquet", tmp_path / f"{name}.yaml")
        told = (capsys.readouterr().out, (tmp_path / f"{name}.yaml").read_text())
        for text in told:
            assert ("region: no column looks like" in text) == (name == "without")
            assert "item: no column looks like" in text


def test_a_pattern_is_looked_at_and_repeated_for_the_shell(tmp_path: Path) -> None:
    folder = tmp_path / "hive" / "day=1"
    folder.mkdir(parents=True)
    pq.write_table(shop(), folder / "a.parquet")
    init(tmp_path / "hive" / "*" / "*.parquet", tmp_path / "my_shop.yaml")
    text = (tmp_path / "my_shop.yaml").read_text()
    assert f"--input '{tmp_path}/hive/*/*.parquet'" in text
    # So that runs go where the README says: to output/my_shop.
    assert yaml.safe_load(text)["name"] == "my_shop"


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    pq.write_table(shop(), tmp_path / "shop.parquet")
    with pytest.raises(InputError, match="--output: expected an existing folder"):
        init(tmp_path / "shop.parquet", tmp_path / "nowhere" / "shop.yaml")


def test_letters_beyond_ascii_stay_readable(tmp_path: Path) -> None:
    table = shop().rename_columns(
        [name.replace("Unit Price", "Größe ↑") for name in shop().column_names]
    )
    pq.write_table(table, tmp_path / "shop.parquet")
    init(tmp_path / "shop.parquet", tmp_path / "shop.yaml")
    assert "{name: Groe, column: Größe ↑," in (tmp_path / "shop.yaml").read_text("utf-8")


def test_an_output_that_exists_is_kept(tmp_path: Path) -> None:
    (tmp_path / "shop.yaml").write_text("edited")
    with pytest.raises(InputError, match="exists already"):
        init(tmp_path / "shop.parquet", tmp_path / "shop.yaml")
    assert (tmp_path / "shop.yaml").read_text() == "edited"


def test_a_file_name_adds_nothing_to_the_definition(tmp_path: Path) -> None:
    folder = tmp_path / "logs\nname: mine\x1b[31m\u2028source: ali_ccp"
    folder.mkdir()
    pq.write_table(shop(), folder / "shop.parquet")
    init(folder / "shop.parquet", tmp_path / "shop.yaml")
    dataset = load_dataset(str(tmp_path / "shop.yaml"))
    assert (dataset.name, dataset.source) == ("shop", "table")
    head = (tmp_path / "shop.yaml").read_text().splitlines()[:2]
    assert all(line.startswith("# ") for line in head)
    assert r"logs\nname: mine\x1b[31m" in head[0]


@pytest.mark.parametrize(
    "column",
    ["../../x", "/etc/passwd", "a\0b", "a\nb", "\x1b[31m", "x" * 300, "C:\\x", "\uff0e\uff0f"],
)
def test_hostile_columns_get_names_of_letters(tmp_path: Path, column: str) -> None:
    table = shop()
    renamed = {"add to cart": f"click {column}", "Unit Price": column}
    table = table.rename_columns([renamed.get(name, name) for name in table.column_names])
    pq.write_table(table, tmp_path / "shop.parquet")
    output = tmp_path / f"{'x' * 200}.yaml"
    init(tmp_path / "shop.parquet", output)
    dataset = load_dataset(str(output))
    assert column in {feature.column for feature in dataset.features}
    names = [dataset.name, *(task.name for task in dataset.tasks)]
    assert all(re.fullmatch("[A-Za-z0-9_]{1,100}", name) for name in names)
