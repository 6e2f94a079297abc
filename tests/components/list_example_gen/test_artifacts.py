"""What a run leaves: lists as stock components expect them, and their counts."""

from pathlib import Path

import numpy as np
import pytest
from tfx.components.util.examples_utils import get_split_file_patterns
from tfx.components.util.tfxio_utils import get_record_batch_factory_from_artifact
from tfx_bsl.tfxio.dataset_options import RecordBatchesOptions

from components.list_example_gen import plan
from data.definition import keys
from data.errors import InputError
from tests.components.list_example_gen.shop import (
    ITEMS,
    LISTS,
    Run,
    shop_dataset,
    shop_logs,
    write_logs,
)


def test_the_artifact_is_what_stock_components_expect(run: Run) -> None:
    assert list(run.examples.splits) == list(keys.SPLITS)
    assert run.examples.get_string_custom_property("payload_format") == "FORMAT_TF_EXAMPLE"
    folders = {Path(path).parts[0] for path in run.files()}
    assert folders == {"Split-train", "Split-validation", "Split-eval"}
    assert {path.name for path in Path(run.aside.uri).iterdir()} == {"counts.json"}


def test_stock_components_find_and_read_the_examples(run: Run) -> None:
    factory = get_record_batch_factory_from_artifact([run.examples], ["test"])
    patterns = get_split_file_patterns([run.examples], "eval")
    options = RecordBatchesOptions(batch_size=100, num_epochs=1, shuffle=False)
    batch = next(factory(patterns, options, None))
    assert batch.num_rows == run.counts.lists["eval"]
    assert len(batch["price"].flatten()) == run.counts.items["eval"]
    assert set(batch["adults"].value_lengths().to_pylist()) == {1}


def test_small_logs_make_as_many_files_as_are_asked_for(tmp_path: Path, run: Run) -> None:
    paths = [write_logs(shop_logs(), tmp_path / "logs.parquet")]
    split = Run(tmp_path / "split").do(shop_dataset(fewest_files=4), paths)
    found = [sum("Split-train" in name for name in one.files()) for one in (run, split)]
    assert found == [1, 4]
    assert split.lists() == run.lists()


def test_counts_agree_with_theshop_logs(run: Run) -> None:
    counts = run.counts
    logs = shop_logs()
    assert (counts.files, counts.rows_in, counts.rows_out) == (1, LISTS * ITEMS, LISTS * ITEMS)
    assert counts.rows_set_aside == 0
    assert counts.lists == {split: len(run.lists(split)) for split in keys.SPLITS}
    assert counts.items == {split: ITEMS * counts.lists[split] for split in keys.SPLITS}
    assert sum(counts.positives["click"].values()) == logs["click"].sum()
    # number % 3 == 0 for 20 of 60 lists
    assert sum(counts.lists_by_region["DE"].values()) == 20
    assert sum(counts.lists_by_region["FR"].values()) == 40
    assert counts.lists_by_platform == {"all": counts.lists}
    assert (counts.lists_cut, counts.items_cut) == (0, 0)
    assert counts.lists_with_conflicting_context == 0


def test_long_training_lists_are_cut_and_counted(tmp_path: Path) -> None:
    # Known fault 5: lists of 45, limit 40, the only purchase at 45.
    logs = shop_logs(20, 45)
    logs["purchase"] = (np.arange(len(logs)) % 45 == 44).astype(int)
    path = write_logs(logs, tmp_path / "logs.parquet")
    dataset = shop_dataset(longest_training_list=40, actions_imply_previous=False)
    run = Run(tmp_path).do(dataset, [path])
    counts = run.counts
    trained = counts.lists["train"]
    assert (counts.lists_cut, counts.items_cut) == (trained, 5 * trained)
    assert counts.positives_cut["purchase"] == trained
    assert counts.items == {
        "train": 40 * trained,
        "validation": 45 * counts.lists["validation"],
        "eval": 45 * counts.lists["eval"],
    }
    assert counts.rows_out == sum(counts.items.values()) + counts.items_cut


def test_implied_labels_and_conflicts_are_counted(tmp_path: Path) -> None:
    logs = shop_logs()
    logs["click"] = 0
    logs.loc[1, "adults"] = 99
    path = write_logs(logs, tmp_path / "logs.parquet")
    run = Run(tmp_path).do(shop_dataset(), [path])
    assert run.counts.labels_implied == {"click": logs["purchase"].sum(), "purchase": 0}
    assert run.counts.lists_with_conflicting_context == 1
    assert run.counts.conflicts == {"adults": 1}
    assert run.lists()[b"s0"]["adults"] == [0.0]


def test_logs_given_twice_are_one_entry_an_item(
    tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plan, "_BUCKET_BYTES", 2000)
    logs = shop_logs()
    paths = [write_logs(logs, tmp_path / name) for name in ("l1.csv", "l2.csv", "l3.parquet")]
    twice = Run(tmp_path / "twice").do(shop_dataset(item="title"), paths)
    assert twice.lists() == run.lists()
    assert (twice.counts.rows_in, twice.counts.rows_merged) == (3 * len(logs), 2 * len(logs))
    assert twice.counts.lists_with_repeated_rows == LISTS
    assert twice.counts.rows_out == 3 * len(logs)
    assert sum(twice.counts.items.values()) == len(logs)


def test_logs_given_twice_stop_a_run_where_no_item_is_named(tmp_path: Path) -> None:
    logs = shop_logs()
    paths = [write_logs(logs, tmp_path / "l1.csv"), write_logs(logs, tmp_path / "l2.csv")]
    with pytest.raises(
        InputError, match=r"equal in all columns of the definition, found 60 of 60 lists.*`item:`"
    ):
        Run(tmp_path / "stopped").do(shop_dataset(), paths)
    allowed = Run(tmp_path / "allowed").do(shop_dataset(most_equal_rows=1), paths)
    assert (allowed.counts.rows_equal, allowed.counts.rows_merged) == (len(logs), 0)
    assert sum(allowed.counts.items.values()) == 2 * len(logs)


@pytest.mark.parametrize("share", [0.4, 0.6])
def test_a_weight_that_differs_in_most_lists_stops_a_run(tmp_path: Path, share: float) -> None:
    logs = shop_logs()
    number = np.arange(len(logs)) // ITEMS
    logs["weight"] = np.where(number < share * LISTS, np.arange(len(logs)) % 3 + 1, 1)
    path = write_logs(logs, tmp_path / "logs.csv")
    dataset = shop_dataset(list_weight="weight")
    if share > 0.5:
        message = r"list_weight: 36 of 60 lists of several rows disagree on column 'weight'"
        with pytest.raises(InputError, match=message):
            Run(tmp_path / "run").do(dataset, [path])
    else:
        counts = Run(tmp_path / "run").do(dataset, [path]).counts
        assert counts.conflicts == {"weight": 0.4 * LISTS}


@pytest.mark.parametrize(
    ("column", "fields", "named"),
    [
        ("country", {}, "region"),
        ("device", {"platform": "device"}, "platform"),
        ("visitor", {"user": "visitor"}, "user"),
        ("adults", {}, "feature 'adults'"),
        ("shown", {"time": {"column": "shown", "unit": "s"}}, "time"),
    ],
)
def test_what_a_list_has_one_of_may_not_differ_in_most_lists(
    tmp_path: Path, column: str, fields: dict, named: str
) -> None:
    logs = shop_logs()
    logs[column] = np.arange(len(logs)) * 90_000  # More than a day apart.
    path = write_logs(logs, tmp_path / "logs.csv")
    with pytest.raises(InputError, match=rf"{named}: 60 of 60 lists .* column '{column}'"):
        Run(tmp_path / "run").do(shop_dataset(**fields), [path])
