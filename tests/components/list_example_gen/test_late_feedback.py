"""Lists whose actions have times: ages, open windows, and what of them is counted."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from data.definition.dataset import Dataset
from data.errors import InputError
from tests.components.list_example_gen.shop import Run, shop_dataset, write_logs

DAY = 86_400
LISTS, ITEMS = 40, 4


def _dataset(**fields: object) -> Dataset:
    tasks = [
        {"name": "click", "grade": 1},
        {"name": "purchase", "grade": 2, "at": "bought", "matures_after": "10d"},
    ]
    return shop_dataset(tasks=tasks, time={"column": "shown", "unit": "s"}, **fields)


def _logs(first: int = 0) -> pd.DataFrame:
    """A list a day; its first item is bought after three days, the others never are."""
    number = np.repeat(np.arange(first, first + LISTS), ITEMS)
    bought = np.arange(len(number)) % ITEMS == 0
    return pd.DataFrame(
        {
            "search": [f"s{value}" for value in number],
            "country": "DE",
            "adults": 1,
            "price": 1.5,
            "title": [f"item {value}" for value in range(len(number))],
            "shown": number * DAY,
            "click": bought.astype(int),
            "purchase": bought.astype(int),
            "bought": pd.array(np.where(bought, (number + 3) * DAY, 0), "Int64"),
        }
    ).assign(bought=lambda rows: rows["bought"].where(rows["purchase"] > 0))


def _until(logs: pd.DataFrame, day: int) -> pd.DataFrame:
    """The logs as they were on a day."""
    unseen = logs["bought"].fillna(0) > day * DAY
    return logs.assign(
        purchase=logs["purchase"].where(~unseen, 0), bought=logs["bought"].where(~unseen)
    )[logs["shown"] <= day * DAY]


def test_lists_are_as_old_as_the_newest_time_says(tmp_path: Path) -> None:
    run = Run(tmp_path).do(_dataset(), [write_logs(_logs(), tmp_path / "logs.parquet")])
    newest = LISTS - 1 + 3  # The last list's purchase.
    assert run.counts.seen_until == (newest * DAY,)
    for list_id, values in run.lists().items():
        age = newest - int(list_id[1:])
        assert values["list_age"] == [age * DAY]
        assert values["delay_purchase"][0] == 3 * DAY
        assert np.isnan(values["delay_purchase"][1:]).all()
        assert values["seen_purchase"] == [1, 0, 0, 0]
        assert np.isnan(values["label_purchase"]).all() == (age < 10)
        assert values["label_click"] == [1, 0, 0, 0]
    is_open = sum(run.counts.lists_open["purchase"].values())
    assert is_open == 10 - 3  # Lists of the last ten days; the newest is three days old.
    assert run.counts.actions_after_window == {"purchase": 0}
    known = sum(run.counts.positives["purchase"].values())
    assert known == LISTS - is_open
    labelled = {name: sum(splits.values()) for name, splits in run.counts.labelled.items()}
    assert labelled == {"click": 4 * LISTS, "purchase": 4 * known}


def test_a_moment_that_is_named_counts_and_times_after_it_are_set_aside(tmp_path: Path) -> None:
    until = "1970-01-31T00:00:00+00:00"  # Day 30.
    path = write_logs(_until(_logs(), 30), tmp_path / "logs.parquet")
    run = Run(tmp_path).do(_dataset(seen_until=until), [path])
    assert run.counts.rows_set_aside == 0
    assert run.counts.seen_until == (30 * DAY,)
    assert {values["list_age"][0] for values in run.lists().values()} == {
        day * DAY for day in range(31)
    }
    path = write_logs(_logs(), tmp_path / "later" / "logs.parquet")
    with pytest.raises(InputError, match=r"expected a time up to seen_until \(1970-01-31"):
        Run(tmp_path / "later").do(_dataset(seen_until=until, most_bad_rows=0.0), [path])


def test_files_for_evaluation_have_been_seen_until_their_own_newest_time(tmp_path: Path) -> None:
    main = write_logs(_until(_logs(), 30), tmp_path / "main.parquet")
    later = write_logs(_logs(first=100), tmp_path / "later.parquet")
    until = "1970-01-31T00:00:00+00:00"
    run = Run(tmp_path).do(_dataset(seen_until=until), [main], [later])
    newest = 100 + LISTS - 1 + 3
    assert run.counts.seen_until == (30 * DAY, newest * DAY)
    ages = [values["list_age"][0] for values in run.lists("eval").values()]
    assert sorted(ages) == [(3 + day) * DAY for day in range(LISTS)]


def test_logs_without_a_list_that_is_final_say_so(tmp_path: Path) -> None:
    logs = _logs().assign(shown=lambda rows: rows["shown"] + (LISTS * DAY - rows["shown"]) // 2)
    logs = logs.assign(bought=logs["shown"].where(logs["purchase"] > 0), click=0)
    tasks = [{"name": "purchase", "grade": 2, "at": "bought", "matures_after": "52w"}]
    dataset = shop_dataset(tasks=tasks, time={"column": "shown", "unit": "s"})
    with pytest.raises(InputError, match="windows of all training lists are open"):
        Run(tmp_path).do(dataset, [write_logs(logs, tmp_path / "logs.parquet")])


def test_a_newest_time_that_cannot_be_when_the_logs_were_written_is_told(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    logs = _logs()
    path = write_logs(logs, tmp_path / "logs.parquet")
    counts = Run(tmp_path).do(_dataset(), [path]).counts
    assert "seen_until" not in caplog.text
    # Someone's calendar has not come to 1970 yet.
    (line,) = counts.told_of_newest(_dataset(), now=0.0)
    assert "the newest time in the logs, 1970-02-12 00:00:00 UTC, lies in the future" in line
    # "Never" as the last day of 2025: all windows would be closed by it.
    never = pd.Timestamp("2025-12-31").timestamp()
    logs.loc[0, "bought"] = int(never)
    counts = Run(tmp_path / "never").do(_dataset(), [write_logs(logs, path)]).counts
    assert not sum(counts.lists_open["purchase"].values())
    days = int(never) // DAY - (LISTS - 1)
    assert f"2025-12-31 00:00:00 UTC, lies {days:,} days after the last list" in caplog.text
    until = _dataset(seen_until="2026-01-01T00:00:00")
    assert counts.told_of_newest(until, now=never) == []


KEPT = {"column": "purchase", "at": "bought", "undone_by": "back", "matures_after": "12d"}


def test_lines_name_the_window_that_an_action_missed_and_tasks_of_which_nothing_is_final(
    tmp_path: Path,
) -> None:
    tasks = [
        {"name": "click", "grade": 1},
        {"name": "purchase", "grade": 2, "at": "bought", "matures_after": "2d"},
        {"name": "kept", "grade": 3, **KEPT},
    ]
    dataset = _dataset().model_dump() | {"tasks": tasks}
    logs = _logs().assign(back=pd.array([None] * LISTS * ITEMS, "Int64"))
    path = write_logs(logs, tmp_path / "logs.parquet")
    timed = Dataset.model_validate(dataset)
    counts = Run(tmp_path / "late").do(timed, [path]).counts
    # All are bought after three days: too late for the purchase, and so for keeping it.
    late = [line for line in counts.told_of_windows(timed) if "count as not done" in line]
    assert late == [
        f"{task}: {LISTS} actions after 2d count as not done" for task in ("purchase", "kept")
    ]
    lists = counts.lists["train"]
    assert counts.told_without_positives() == [
        f"{task}: no positive label in {lists} training lists, so there is nothing to learn"
        for task in ("purchase", "kept")
    ]
    tasks[1]["matures_after"], tasks[2]["matures_after"] = "5d", "9w"
    timed = Dataset.model_validate(dataset | {"tasks": tasks})
    counts = Run(tmp_path / "open").do(timed, [path]).counts
    (line,) = counts.told_without_positives()
    assert line.startswith(f"kept: too early to say in all {counts.lists['train']} training lists")
