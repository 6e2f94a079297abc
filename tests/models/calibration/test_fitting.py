import numpy as np
import pytest
from scipy.special import expit, logit

from models.calibration.fitting import FEWEST_LISTS, ScoredLists, fit_calibration
from models.calibration.places import PlaceIds

PLACES = {"region": PlaceIds("country", 1, ("DE", "FR", "IT"), 0)}


def drawn(lists: int = 2_000, seed: int = 0) -> ScoredLists:
    """Lists of 5 items; what is said of a click is too high, and more so in FR (id 2)."""
    random = np.random.default_rng(seed)
    country = 1 + np.arange(lists) % 2
    lengths = np.full(lists, 5)
    said = random.normal(-1, 1, (5 * lists, 2)).cumsum(axis=1) - 0.5
    truth = expit(said - 1 - 0.5 * np.repeat(country == 2, 5)[:, np.newaxis])
    labels = (random.random((5 * lists, 1)) < truth).astype(float)
    return ScoredLists(said, labels, lengths, np.ones(lists), {"region": country})


def test_curves_and_shifts_are_those_of_the_lists() -> None:
    found = fit_calibration(["click", "order"], drawn(), PLACES, descending=True)
    assert found.tasks == ("click", "order")
    assert found.descending
    region = found.shifts["region"]
    assert (region.feature, region.values) == ("country", ("DE", "FR"))
    de, fr = np.array(region.of_tasks).T
    assert de - fr == pytest.approx([0.5, 0.5], abs=0.2)


def test_lists_without_weight_and_missing_labels_do_not_count() -> None:
    lists = drawn()
    half = np.arange(2_000) < 1_000
    kept = ScoredLists(
        lists.logits[:5_000],
        lists.labels[:5_000],
        lists.row_lengths[:1_000],
        lists.weights[:1_000],
        {"region": lists.ids["region"][:1_000]},
    )
    expected = fit_calibration(["click", "order"], kept, PLACES, True)
    weightless = ScoredLists(lists.logits, lists.labels, lists.row_lengths, half * 1.0, lists.ids)
    assert fit_calibration(["click", "order"], weightless, PLACES, True) == expected
    unknown = np.where(np.repeat(half, 5)[:, np.newaxis], lists.labels, np.nan)
    missing = ScoredLists(lists.logits, unknown, lists.row_lengths, lists.weights, lists.ids)
    assert fit_calibration(["click", "order"], missing, PLACES, True) == expected


def test_a_task_that_never_happened_keeps_its_logits_and_the_others_their_calibration() -> None:
    lists = drawn()
    labels = lists.labels * [1, 0]
    found = fit_calibration(
        ["click", "order"],
        ScoredLists(lists.logits, labels, lists.row_lengths, lists.weights, lists.ids),
        PLACES,
        True,
    )
    assert found.curves[1] == pytest.approx(found.knots)
    assert found.shifts["region"].of_tasks[1] == (0, 0)
    middle = np.argmin(np.abs(found.knots + 1))
    assert found.curves[0][middle] < found.knots[middle] - 0.8


def test_few_lists_have_no_shifts() -> None:
    lists = drawn(2 * FEWEST_LISTS - 1)
    found = fit_calibration(["click", "order"], lists, PLACES, True)
    assert found.shifts["region"].values == ("DE",)
    assert fit_calibration(["click", "order"], lists, {}, True).shifts == {}


def test_no_lists_at_all() -> None:
    nothing = ScoredLists(
        np.zeros((0, 2)),
        np.zeros((0, 2)),
        np.zeros(0, int),
        np.zeros(0),
        {"region": np.zeros(0, int)},
    )
    found = fit_calibration(["click", "order"], nothing, PLACES, True)
    assert found.curves[0] == pytest.approx(found.knots)


def test_other_lists_are_calibrated_too() -> None:
    other = drawn(seed=1)
    found = fit_calibration(["click", "order"], drawn(), PLACES, True)
    places = {"country": np.repeat(np.array(["", "DE", "FR"])[other.ids["region"]], 5).tolist()}
    for number, task in enumerate(found.tasks):
        # What undoes the calibration takes what is true back to what was said.
        truth = other.logits[:, number] - 1 - 0.5 * (np.array(places["country"]) == "FR")
        undone = logit(found.undone(task, expit(truth), places))
        assert undone - other.logits[:, number] == pytest.approx(0, abs=0.5)


def test_other_lists_say_more_of_the_level_and_nothing_of_the_regions() -> None:
    lists = drawn(200)
    alone = fit_calibration(["click", "order"], lists, PLACES, True)
    happened, items = lists.labels.sum(axis=0), len(lists.labels)
    totals = np.array([[20 * 1.02 * happened[0], 20 * items], [20 * happened[1], 20 * items]])
    found = fit_calibration(["click", "order"], lists, PLACES, True, totals)
    assert found.shifts == alone.shifts
    # A rate that is 2% larger in 20 times as many lists.
    rises = np.array(found.curves) - np.array(alone.curves)
    assert rises[0] == pytest.approx(rises[0][0])
    assert 0 < rises[0][0] < 0.1
    assert np.abs(rises[1]).max() < rises[0][0]
