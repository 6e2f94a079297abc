"""Rows that are set aside, and input that is refused as a whole."""

import logging
from pathlib import Path

import numpy as np
import pytest
from tfx.orchestration.portable.outputs_utils import remove_output_dirs

from data.errors import InputError
from data.rows import Rounded
from tests.components.list_example_gen.shop import (
    ITEMS,
    LISTS,
    Run,
    shop_dataset,
    shop_logs,
    write_logs,
)


def test_quoted_texts_survive_and_short_rows_are_set_aside(tmp_path: Path) -> None:
    # Known fault 8.
    path = write_logs(shop_logs(), tmp_path / "logs.csv")
    with path.open("a", newline="") as file:
        file.write('s0,DE,0,1.5,"a, ""b""\nc",1,0\n')
        file.write("s1,DE,0,1.5,1,0\n")
    run = Run(tmp_path).do(shop_dataset(), [path])
    assert run.lists()[b"s0"]["title"][-1] == b'a, "b"\nc'
    assert len(run.lists()[b"s1"]["title"]) == ITEMS
    assert [(row["file"], row["row"]) for row in run.rows()] == [(str(path), LISTS * ITEMS + 2)]
    counts = run.counts
    assert (counts.rows_in, counts.rows_out, counts.rows_set_aside) == (302, 301, 1)
    assert list(counts.reasons.values()) == [1]


def test_bad_rows_are_set_aside_with_their_reason(tmp_path: Path, ending: str) -> None:
    logs = shop_logs()
    logs.loc[[3, 17], "click"] = [-2, -3]
    path = write_logs(logs, tmp_path / f"logs.{ending}")
    run = Run(tmp_path).do(shop_dataset(), [path])
    assert [row["row"] for row in run.rows()] == [3 + 1, 17 + 1]
    assert [row["reason"][-4:] for row in run.rows()] == ["'-2'", "'-3'"]
    assert run.counts.reasons == {"click: expected 0, 1 or a count": 2}
    assert run.counts.rows_in == run.counts.rows_out + 2
    assert len(run.lists()[b"s0"]["price"]) == ITEMS - 1


def test_too_many_bad_rows_stop_the_run_and_are_all_that_it_leaves(tmp_path: Path) -> None:
    logs = shop_logs()
    logs.loc[:40, "click"] = -2
    path = write_logs(logs, tmp_path / "logs.parquet")
    run = Run(tmp_path)
    with pytest.raises(InputError, match=r"41 of 300 rows .* most_bad_rows = 0.1") as error:
        run.do(shop_dataset(), [path])
    assert f"41 rows, such as {path}, row 1: click: expected" in str(error.value)
    assert not [*Path(run.examples.uri).rglob("*"), *Path(run.aside.uri).rglob("*")]
    # As TFX does after a node that failed.
    remove_output_dirs({"examples": [run.examples], "rows_set_aside": [run.aside]})
    kept = tmp_path / "stopped_run"
    assert f"kept in {kept}/rows-*.jsonl" in str(error.value)
    assert {path.name.partition("-")[0] for path in kept.rglob("*")} == {"rows", "counts.json"}
    run.aside.uri = str(kept)
    assert [row["row"] for row in run.rows()] == list(range(1, 42))
    assert run.counts.reasons == {"click: expected 0, 1 or a count": 41}
    Run(tmp_path).do(shop_dataset(most_bad_rows=0.5), [path])
    assert not kept.exists()


def test_rows_that_are_all_bad_stop_the_run_whatever_share_is_allowed(tmp_path: Path) -> None:
    path = write_logs(shop_logs().assign(click=-2), tmp_path / "logs.parquet")
    with pytest.raises(InputError, match="all 300 rows had to be set aside") as error:
        Run(tmp_path).do(shop_dataset(most_bad_rows=1.0), [path])
    assert f"300 rows, such as {path}, row 1: click: expected" in str(error.value)


def test_a_file_without_a_column_is_refused_before_any_is_read(tmp_path: Path) -> None:
    good = write_logs(shop_logs(), tmp_path / "1.csv")
    bad = write_logs(shop_logs().drop(columns="price"), tmp_path / "2.csv")
    run = Run(tmp_path)
    with pytest.raises(InputError, match="price"):
        run.do(shop_dataset(), [good, bad])
    assert not Path(run.examples.uri).exists()


def test_an_empty_split_is_refused(tmp_path: Path) -> None:
    logs = shop_logs().assign(time="2024-01-05T12:00:00")
    path = write_logs(logs, tmp_path / "logs.parquet")
    split = {"by": "time", "validation_from": "2024-01-06", "evaluation_from": "2024-01-07"}
    run = Run(tmp_path)
    with pytest.raises(InputError, match="expected lists of validation, found none") as error:
        run.do(shop_dataset(time={"column": "time"}, split=split), [path])
    assert "from 2024-01-05 12:00 to 2024-01-05 12:00" in str(error.value)
    assert not list(Path(run.examples.uri).rglob("*"))


@pytest.mark.parametrize("label", [0.0, np.nan])
def test_training_lists_without_an_action_are_refused(tmp_path: Path, label: float) -> None:
    logs = shop_logs().assign(click=label, purchase=0)
    path = write_logs(logs, tmp_path / "logs.parquet")
    run = Run(tmp_path)
    with pytest.raises(InputError, match="all labels of click, purchase are 0 or missing"):
        run.do(shop_dataset(), [path])
    assert not list(Path(run.examples.uri).rglob("*"))


def test_a_task_without_a_positive_training_label_is_told(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    # It has some elsewhere, and the other task has some in the training lists.
    later = shop_logs().assign(purchase=1, search=lambda rows: "later " + rows["search"])
    paths = [
        write_logs(logs, tmp_path / f"{place}.csv")
        for place, logs in enumerate([shop_logs().assign(purchase=0), later])
    ]
    with caplog.at_level(logging.WARNING, "seqmd.data"):
        counts = Run(tmp_path).do(shop_dataset(), paths[:1], paths[1:]).counts
    assert counts.tasks_without_positives == ("purchase",)
    assert counts.positives["purchase"] == {"train": 0, "validation": 0, "eval": LISTS * ITEMS}
    assert counts.positives["click"]["train"] > 0
    told, few = [record.notice for record in caplog.records if hasattr(record, "notice")]
    lists = counts.lists["train"]
    assert told == (
        f"purchase: no positive label in {lists} training lists, so there is nothing to learn"
    )
    # All 5 items of a list have a click in their midst, of purchases nothing is said twice.
    assert counts.lists_with_action["click"] == counts.lists
    lists = counts.lists["validation"]
    assert f"few validation lists with an action: click {lists} (of {lists}; 30 or" in few
    assert "purchase" not in few


def test_numbers_that_fall_together_in_32_bits_are_told(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    logs = shop_logs()
    logs["price"] = 1_767_225_600 + np.arange(len(logs)) % 100
    path = write_logs(logs, tmp_path / "logs.csv")
    with caplog.at_level(logging.WARNING, "seqmd.data"):
        run = Run(tmp_path).do(shop_dataset(), [path])
    found = {"values": 100, "left": 2, "least": 1_767_225_600}
    assert run.counts.numbers_rounded == {"price": found}
    read_back = Rounded(**run.counts.numbers_rounded["price"]).told("price")
    told, _ = [record.notice for record in caplog.records if hasattr(record, "notice")]
    assert "price: 100 different values, 2 left in 32 bits" in told
    assert read_back == told
