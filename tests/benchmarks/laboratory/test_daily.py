"""Two days of the daily routine, on a few lists."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from benchmarks.daily import figures_of
from benchmarks.laboratory.daily import ROUTINES, DailyRoutine, Days, Routine, days_of
from benchmarks.laboratory.measures import item_column
from benchmarks.laboratory.prepared import Scores
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


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Scores]]:
    routine = DailyRoutine(DAYS, tmp_path_factory.mktemp("kept"))
    waiting, survival, *_ = ROUTINES
    chosen = (waiting, survival, replace(survival, name="anew", warm=False))
    return {one.name: [routine.scores(one, 1)] for one in chosen}


@pytest.mark.thorough
def test_a_model_starts_from_that_of_the_day_before(trained: dict[str, list[Scores]]) -> None:
    (warm,), (anew,) = trained["survival"], trained["anew"]
    assert warm.figures["starts"].tolist() == [0, 1]
    assert anew.figures["starts"].tolist() == [0, 0]
    np.testing.assert_array_equal(warm.evaluation["12/kept"], anew.evaluation["12/kept"])
    assert np.abs(warm.evaluation["13/kept"] - anew.evaluation["13/kept"]).max() > 1e-4


@pytest.mark.thorough
def test_all_days_are_judged_against_waiting(trained: dict[str, list[Scores]]) -> None:
    figures = figures_of(DAYS, trained)
    assert list(figures) == ["waiting", "survival", "anew"]
    assert figures["waiting"]["ndcg"]["relative"] == 0
    assert 0 < figures["survival"]["ndcg"]["ndcg"] < 1
    assert figures["survival"]["by_truth"]["lists"] == sum(len(DAYS.judged_on(d)) for d in DAYS)
    assert figures["survival"]["ndcg"]["lists"] < figures["survival"]["by_truth"]["lists"]
    assert list(figures["survival"]["of_days"]) == ["12", "13"]


def test_a_finished_routine_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = Scores({}, {"12/kept": np.ones(3)}, {"starts": np.zeros(1)})
    tried: list[str] = []
    monkeypatch.setattr(
        DailyRoutine, "_made", lambda self, routine, seed: tried.append(routine.name) or made
    )
    for routine in (*ROUTINES[:2], ROUTINES[0], Routine("waiting", "as_seen")):
        found = DailyRoutine(DAYS, tmp_path).scores(routine, 1)
        np.testing.assert_array_equal(found.evaluation["12/kept"], 1)
    assert tried == ["waiting", "survival", "waiting"]
