"""Two days of the daily routine, on a few lists."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from benchmarks.daily import figures_of
from benchmarks.laboratory.daily import ROUTINES, DailyRoutine, Days, Routine, days_of
from benchmarks.laboratory.measures import item_column
from benchmarks.laboratory.prepared import Prepared, Scores
from components.region_split.config import RegionSplitConfig
from data.definition import keys
from models.config import ModelConfig

SMALL = ModelConfig.model_validate(
    {"ranker": "shared_bottom", "level_units": (4,), "tower_units": ()}
)
DAYS = Days(400, 300, first=12, days=2, epochs=1, model=SMALL)


def test_a_morning_knows_the_window_and_what_has_been_seen_of_it() -> None:
    logs = DAYS.logs_of(12)
    learnt = logs.lists.take(np.concatenate([logs.parts.training, logs.parts.validation]))
    shown = days_of(learnt)
    assert (shown.min(), shown.max()) == (12 - DAYS.window, 11)
    kept = item_column(learnt, keys.label("kept"))
    # Labels of the last six days are open, but for the hours of the seventh.
    assert np.isnan(kept[shown[learnt.list_of_item] >= 6]).all()
    assert not np.isnan(kept[shown[learnt.list_of_item] < 6]).any()
    bought = item_column(learnt, keys.seen("purchase"))[shown[learnt.list_of_item] >= 9]
    assert bought.sum() > 0
    judged = logs.lists.take(logs.parts.evaluation)
    assert set(days_of(judged)) == {12}
    assert not np.isnan(item_column(judged, keys.label("kept"))).any()


def test_who_knows_all_knows_what_came_later_of_the_same_lists() -> None:
    logs = DAYS.logs_of(12)
    assert logs.complete is not None
    assert logs.complete.context[keys.LIST_ID].equals(logs.lists.context[keys.LIST_ID])
    now, later = (
        item_column(lists, keys.label("purchase")) for lists in (logs.lists, logs.complete)
    )
    assert not np.isnan(later).any()
    assert np.isnan(now).any()
    np.testing.assert_array_equal(now[~np.isnan(now)], later[~np.isnan(now)])


@pytest.fixture(scope="module")
def routine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DailyRoutine]:
    made = DailyRoutine(DAYS, tmp_path_factory.mktemp("kept"))
    yield made
    made.close()


@pytest.mark.thorough
def test_features_stay_on_the_sides_of_the_day_before(
    routine: DailyRoutine, tmp_path: Path
) -> None:
    first = routine.prepared(12).split
    turned = first.model_copy(update={"dependent": first.invariant, "invariant": first.dependent})
    assert turned.sides() != first.sides()
    second = Prepared(DAYS.logs_of(13), RegionSplitConfig(), tmp_path, turned)
    assert second.split.sides() == turned.sides()


@pytest.fixture(scope="module")
def trained(routine: DailyRoutine) -> dict[str, list[Scores]]:
    waiting = ROUTINES[0]
    anew = replace(waiting, name="anew", warm=False)
    return {one.name: [routine.scores(one, 1)] for one in (waiting, anew)}


@pytest.mark.thorough
def test_a_model_starts_from_that_of_the_day_before(trained: dict[str, list[Scores]]) -> None:
    (warm,), (anew,) = trained.values()
    np.testing.assert_array_equal(warm.evaluation["12/kept"], anew.evaluation["12/kept"])
    assert np.abs(warm.evaluation["13/kept"] - anew.evaluation["13/kept"]).max() > 1e-4


@pytest.mark.thorough
def test_all_days_are_judged_against_waiting(trained: dict[str, list[Scores]]) -> None:
    figures = figures_of(DAYS, trained)
    assert list(figures) == ["waiting", "anew"]
    assert figures["waiting"]["ndcg"]["relative"] == 0
    assert 0 < figures["anew"]["ndcg"]["ndcg"] < 1
    assert figures["anew"]["by_truth"]["lists"] == sum(len(DAYS.judged_on(day)) for day in DAYS)
    assert figures["anew"]["ndcg"]["lists"] < figures["anew"]["by_truth"]["lists"]
    assert list(figures["anew"]["of_days"]) == ["12", "13"]


def test_a_finished_routine_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = Scores({}, {"12/kept": np.ones(3)})
    tried: list[str] = []

    def make(self: DailyRoutine, routine: Routine, seed: int) -> Scores:
        tried.append(routine.name)
        return made

    monkeypatch.setattr(DailyRoutine, "_made", make)
    for routine in (*ROUTINES[:2], ROUTINES[0], Routine("waiting", "as_seen")):
        found = DailyRoutine(DAYS, tmp_path).scores(routine, 1)
        np.testing.assert_array_equal(found.evaluation["12/kept"], 1)
    assert tried == ["waiting", "as seen", "waiting"]
