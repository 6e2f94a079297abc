"""Lists come out whole and the same, however the logs are laid out."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from components.list_example_gen import plan
from data.definition import keys
from tests.components.list_example_gen.shop import (
    ITEMS,
    LISTS,
    Run,
    shop_dataset,
    shop_logs,
    write_logs,
)


def test_every_list_comes_out_whole_in_one_split(run: Run) -> None:
    by_split = [run.lists(split) for split in keys.SPLITS]
    lists = run.lists()  # asserts that no id occurs twice
    assert all(by_split)
    assert sum(map(len, by_split)) == len(lists) == LISTS
    logs = shop_logs()
    for list_id, group in logs.groupby("search"):
        values = lists[list_id.encode()]
        assert values["price"] == group["price"].tolist()
        assert values["title"] == [title.encode() for title in group["title"]]
        assert values["adults"] == [group["adults"].iloc[0]]
        assert values["label_click"] == group["click"].tolist()
        assert values["list_region"] == [group["country"].iloc[0].encode()]


def test_shuffled_rows_over_three_files_make_the_same_lists(
    tmp_path: Path, ending: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Known fault 6, with the rows of a list all over the files, and many buckets.
    monkeypatch.setattr(plan, "_BUCKET_BYTES", 2000)
    logs = shop_logs().sample(frac=1, random_state=3).reset_index(drop=True)
    parts = np.array_split(logs, 3)
    paths = [write_logs(part, tmp_path / f"{i}.{ending}") for i, part in enumerate(parts)]
    first = Run(tmp_path / "first").do(shop_dataset(), paths)
    second = Run(tmp_path / "second").do(shop_dataset(), paths[::-1])
    assert len(first.files()) > 6
    assert first.files() == second.files()
    lists = first.lists()
    assert len(lists) == LISTS
    for list_id, group in logs.groupby("search"):
        assert lists[list_id.encode()]["price"] == group["price"].tolist()
        assert lists[list_id.encode()]["label_click"] == group["click"].tolist()
    assert first.counts.rows_out == LISTS * ITEMS


@pytest.mark.parametrize("seed", range(2))
def test_random_logs_equal_a_row_by_row_grouping(
    tmp_path: Path, ending: str, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plan, "_BUCKET_BYTES", 3000)
    random = np.random.default_rng(seed)
    count = 500
    numbers = random.integers(0, 80, count)
    logs = pd.DataFrame(
        {
            "search": [f"s{number}" for number in numbers],
            "country": [f"C{number % 4}" for number in numbers],
            "adults": numbers % 5,
            "price": np.where(random.random(count) < 0.1, np.nan, random.integers(1, 99, count)),
            "title": [f"item {number}" for number in range(count)],
            "click": (random.random(count) < 0.3).astype(int),
            "purchase": (random.random(count) < 0.1).astype(int),
        }
    )
    cuts = np.sort(random.integers(0, count, 4))
    parts = np.split(logs, cuts)
    paths = [
        write_logs(part, tmp_path / f"{i}.{ending}") for i, part in enumerate(parts) if len(part)
    ]
    expected: dict[bytes, list[tuple]] = {}
    for row in logs.itertuples():
        clicked = float(row.click or row.purchase)
        item = (str(row.price), row.title.encode(), clicked, float(row.purchase))
        expected.setdefault(row.search.encode(), []).append(item)
    run = Run(tmp_path / "run").do(shop_dataset(), paths)
    columns = ("title", "label_click", "label_purchase")
    found = {
        list_id: list(zip(map(str, values["price"]), *(values[c] for c in columns), strict=True))
        for list_id, values in run.lists().items()
    }
    assert found == expected


def test_new_lists_move_no_old_one(tmp_path: Path) -> None:
    # Known fault 7.
    old = write_logs(shop_logs(100, 2), tmp_path / "old.parquet")
    new = shop_logs(50, 2)
    new["search"] = "new" + new["search"]
    before = Run(tmp_path / "before").do(shop_dataset(), [old])
    after = Run(tmp_path / "after").do(
        shop_dataset(), [old, write_logs(new, tmp_path / "new.parquet")]
    )
    assert len(after.lists()) == 100 + 50
    for split in keys.SPLITS:
        assert set(before.lists(split)) <= set(after.lists(split))


def test_the_same_id_in_two_regions_can_be_two_lists(tmp_path: Path, ending: str) -> None:
    # Known fault 7: a compound key.
    logs = shop_logs()
    logs["country"] = np.where(np.arange(len(logs)) % 5 < 2, "DE", "FR")
    path = write_logs(logs, tmp_path / f"logs.{ending}")
    run = Run(tmp_path).do(shop_dataset(list_id=["search", "country"]), [path])
    lists = run.lists().values()
    assert len(lists) == 2 * LISTS
    assert {len(values["price"]) for values in lists} == {2, 3}


def test_ids_are_texts_from_file_to_file(tmp_path: Path) -> None:
    # 2^53 + 1 and 2^53 are the same float; in the other file ids are no numbers at all.
    logs = shop_logs(40, 2)
    big = logs["search"].str[1:].astype(int) // 20 + 2**53
    paths = [
        write_logs(logs.assign(search=big), tmp_path / "1.parquet"),
        write_logs(logs.assign(search=big.astype(str)), tmp_path / "2.csv"),
        write_logs(logs, tmp_path / "3.csv"),
    ]
    lists = Run(tmp_path).do(shop_dataset(), paths).lists()
    assert len(lists) == 2 + 40
    # Both files hold 20 of the lists with 2 rows each under one id.
    assert len(lists[str(2**53 + 1).encode()]["price"]) == 2 * 20 * 2
