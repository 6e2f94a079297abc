"""Histories through the whole component, however the rows of lists lie in files."""

import logging
from pathlib import Path

import numpy as np
import pytest

from tests.components.list_example_gen.shop import (
    ITEMS,
    LISTS,
    Run,
    shop_dataset,
    shop_logs,
    write_logs,
)


@pytest.mark.parametrize("shuffled", [False, True])
def test_each_list_has_its_history_and_faulty_ones_are_counted(
    tmp_path: Path, ending: str, shuffled: bool
) -> None:
    logs = shop_logs()
    number = np.repeat(np.arange(LISTS), ITEMS)
    prices = [[f"{list_}.{entry}" for entry in range(list_ % 4)] for list_ in number]
    titles = [[f"title {entry}" for entry in range(list_ % 4)] for list_ in number]
    for row in np.flatnonzero(number == 7):
        titles[row].pop()
    joined = "|".join if ending == "csv" else list
    logs["past_prices"] = [joined(one) for one in prices]
    logs["past_titles"] = [joined(one) for one in titles]
    if shuffled:
        logs = logs.sample(frac=1, random_state=1)
    features = [
        *shop_dataset().features,
        {"name": "past_price", "column": "past_prices", "scope": "history", "like": "price"},
        {"name": "past_title", "column": "past_titles", "scope": "history", "like": "title"},
    ]
    dataset = shop_dataset(features=features, history={"newest": 2})
    run = Run(tmp_path).do(dataset, [write_logs(logs, tmp_path / f"logs.{ending}")])
    expected = "past_titles: expected as many entries as the other columns of the history have"
    assert run.counts.reasons == {expected: ITEMS}
    assert run.counts.conflicts == {}
    lists = run.lists()
    assert len(lists) == LISTS - 1
    for list_ in (4, 5, 6, 11):
        kept = min(list_ % 4, 2)
        found = lists[f"s{list_}".encode()]
        assert found["past_title"] == [f"title {entry}".encode() for entry in range(kept)]
        np.testing.assert_allclose(
            found["past_price"], [float(f"{list_}.{entry}") for entry in range(kept)], rtol=1e-6
        )


def test_rows_that_disagree_on_the_history_are_told(tmp_path: Path) -> None:
    logs = shop_logs()
    logs["past_prices"] = "1|2"
    logs.loc[3, "past_prices"] = "1|3"
    own = {"name": "past_price", "column": "past_prices", "scope": "history", "like": "price"}
    dataset = shop_dataset(features=[*shop_dataset().features, own])
    run = Run(tmp_path).do(dataset, [write_logs(logs, tmp_path / "logs.csv")])
    assert run.counts.conflicts == {"past_prices": 1}
    assert run.lists()[b"s0"]["past_price"] == [1, 2]


def test_a_separator_that_no_text_holds_is_told(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    logs = shop_logs()
    logs["past_titles"] = "boots;hats"
    own = {"name": "past_title", "column": "past_titles", "scope": "history", "like": "title"}
    dataset = shop_dataset(features=[*shop_dataset().features, own])
    with caplog.at_level(logging.WARNING, "seqmd.data"):
        run = Run(tmp_path).do(dataset, [write_logs(logs, tmp_path / "logs.csv")])
    wrong = run.counts.wrong_separator
    assert wrong is not None
    assert (wrong.expected, wrong.found, wrong.holding, wrong.texts) == ("|", ";", LISTS, LISTS)
    notices = [record.notice for record in caplog.records if hasattr(record, "notice")]
    assert wrong.told() in notices
    assert run.counts.told_of_separator() == [wrong.told()]


@pytest.mark.parametrize(
    ("ending", "torn", "buckets"), [("parquet", False, 1), ("parquet", True, 1), ("csv", True, 200)]
)
def test_lists_with_an_action_of_their_own_are_set_aside_whole(
    tmp_path: Path, ending: str, torn: bool, buckets: int
) -> None:
    logs = shop_logs()
    number = np.repeat(np.arange(LISTS), ITEMS)
    logs["past_titles"] = "boots"
    # What was clicked in lists 3 and 8 is the newest entry of their histories.
    for list_ in (3, 8):
        clicked = logs["title"][(number == list_) & (logs["click"] > 0)].iloc[0]
        logs.loc[number == list_, "past_titles"] = f"{clicked}|boots"
    own = {"name": "past_title", "column": "past_titles", "scope": "history", "like": "title"}
    dataset = shop_dataset(
        features=[*shop_dataset().features, own],
        item="title",
        history={"item": "past_titles"},
        fewest_files=buckets,
    )
    parts = [logs[logs["click"] > 0], logs[logs["click"] == 0]] if torn else [logs]
    paths = [write_logs(part, tmp_path / f"{at}.{ending}") for at, part in enumerate(parts)]
    run = Run(tmp_path).do(dataset, paths)
    assert run.counts.reasons == {"past_titles: expected actions from before the list": 2 * ITEMS}
    assert run.counts.rows_in == run.counts.rows_out + 2 * ITEMS == LISTS * ITEMS
    assert {row["file"] for row in run.rows()} == set(map(str, paths))
    assert all("without ages" in row["reason"] for row in run.rows())
    assert set(run.lists()) == {f"s{list_}".encode() for list_ in set(range(LISTS)) - {3, 8}}
