"""Logs of the studies on late feedback: what is learnt from, and what is judged by."""

import numpy as np
import pytest

from benchmarks.laboratory.feedback import KEPT, LATE, orders_of_kept, ways_of_learning
from benchmarks.laboratory.logs import Logs, Preset, simulated_logs
from benchmarks.laboratory.views import with_all_labels
from data.errors import InputError
from data.lists.lists import Lists

SMALL = Preset(lists=300, evaluation_lists=60, seeds=1, epochs=1)


@pytest.fixture(scope="module")
def logs() -> Logs:
    return simulated_logs(SMALL, LATE)


def _share_known(lists: Lists, places: np.ndarray) -> float:
    return float(np.isfinite(lists.take(places).items["label_kept"].to_numpy()).mean())


def test_lists_to_learn_from_are_open_and_those_to_judge_by_are_not(logs: Logs) -> None:
    # A window of fourteen days in logs of seventeen.
    assert _share_known(logs.lists, logs.parts.training) == pytest.approx(3 / 17, abs=0.06)
    assert _share_known(logs.lists, logs.parts.evaluation) == 1


def test_the_oracle_knows_what_came_later_of_the_same_lists(logs: Logs) -> None:
    complete = with_all_labels(logs).lists
    assert complete.context["list_id"].equals(logs.lists.context["list_id"])
    assert _share_known(complete, logs.parts.training) == 1
    later, now = (lists.items["seen_purchase"].to_numpy() for lists in (complete, logs.lists))
    assert (later >= now).all()
    assert later.sum() > now.sum()
    closed = np.isfinite(logs.lists.items["label_kept"].to_numpy())
    for task in ("purchase", KEPT):
        known, all_known = (
            lists.items[f"label_{task}"].to_numpy()[closed] for lists in (logs.lists, complete)
        )
        np.testing.assert_array_equal(known, all_known)


def test_logs_without_late_feedback_have_no_oracle() -> None:
    with pytest.raises(InputError, match="late feedback"):
        with_all_labels(simulated_logs(SMALL))


def test_setups_differ_in_what_they_learn_from_alone(logs: Logs) -> None:
    setups = ways_of_learning(logs)
    assert [setup.name for setup in setups] == [
        *("mature_only", "as_seen", "fsiw", "survival", "oracle"),
        *("fsiw, against as_seen", "survival, against as_seen"),
    ]
    for place, again in ((2, 5), (3, 6)):
        # One training stands against two others.
        assert setups[place].learner({}).described() == setups[again].learner({}).described()
        assert setups[again].against == "as_seen"
    assert len({str(setup.model) for setup in setups}) == 1
    first, second, third, common, journey = orders_of_kept(logs)
    assert (common.model, journey.model) == ({"ranker": "shared_bottom"}, {"ranker": "journey"})
    assert common.training == journey.training == third.training
    assert second.learner({}).described() == third.learner({}).described()
    assert (first.scored_by, third.scored_by) == ({KEPT: "purchase"}, {})
