from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from benchmarks.laboratory import figures
from benchmarks.laboratory.figures import draw_changes, draw_domestic
from benchmarks.laboratory.logs import Logs, Preset, simulated_logs
from benchmarks.laboratory.measures import gains_of
from benchmarks.laboratory.tables import Row
from data.definition import keys
from data.metrics.changes import Change


@pytest.fixture(scope="module")
def logs() -> Logs:
    return simulated_logs(Preset(lists=300, evaluation_lists=300, seeds=1, epochs=1))


def test_shares_among_the_first_listings(logs: Logs, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(figures, "FEWEST_LISTS", 10)
    lists = logs.lists.take(logs.parts.evaluation)
    flag = lists.items[keys.ITEM_DOMESTIC].to_numpy().astype(float)
    rows = figures.domestic_shares(logs, {"home": flag, "away": -flag, "none": 0 * flag})
    of = {(row["region"], row["model"], row["first"]): row["share"] for row in rows}
    for region in {row["region"] for row in rows}:
        assert of[region, "home", 5] > of[region, "none", 5] > of[region, "away", 5]
        assert of[region, "home", 5] >= of[region, "home", 10]


def test_what_is_bought_is_weighed_by_the_probability_of_purchase(
    logs: Logs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(figures, "FEWEST_LISTS", 10)
    lists = logs.lists.take(logs.parts.evaluation)
    (row, *_) = figures.domestic_shares(logs, {"any": np.zeros(len(lists.list_of_item))})
    regions = lists.context[keys.LIST_REGION].take(pa.array(lists.list_of_item))
    inside = np.array(regions.to_pylist()) == row["region"].encode()
    flag = lists.items[keys.ITEM_DOMESTIC].to_numpy().astype(float)[inside]
    bought = gains_of(logs.dataset, lists)["purchase"][inside]
    assert row["bought"] == pytest.approx((flag * bought).sum() / bought.sum())


def test_small_regions_are_left_out(logs: Logs) -> None:
    few = replace(logs, parts=logs.parts._replace(evaluation=logs.parts.evaluation[:50]))
    scores = np.zeros(few.lists.take(few.parts.evaluation).row_lengths.sum())
    assert figures.domestic_shares(few, {"any": scores}) == []


def test_where_nothing_was_bought_there_is_no_share_of_it(
    logs: Logs, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(figures, "FEWEST_LISTS", 10)
    monkeypatch.setattr(figures, "gains_of", lambda *of: {"purchase": 0 * gains_of(*of)["click"]})
    lists = logs.lists.take(logs.parts.evaluation)
    rows = figures.domestic_shares(logs, {"any": np.zeros(len(lists.list_of_item))})
    assert {row["bought"] for row in rows} == {None}
    draw_domestic(rows, 5, tmp_path / "shares.png", "Nothing was bought")
    assert (tmp_path / "shares.png").exists()


def _row(model: str, place: str) -> Row:
    return Row(model, model, "click", place, Change(0.5, 0.1, 0, 0.2, 90), 0.4, None, {}, 3)


def test_models_without_a_row_for_all_lists_are_drawn_by_their_slice(tmp_path: Path) -> None:
    draw_changes([_row("US: all", "US"), _row("US: own", "US")], tmp_path / "slices.png", "5.4")
    draw_changes([_row("ple", "all"), _row("ple", "app")], tmp_path / "all.png", "3")
    assert (tmp_path / "slices.png").stat().st_size > 1000
    assert (tmp_path / "all.png").stat().st_size > 1000
