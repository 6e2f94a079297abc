import numpy as np
import pytest

from components.diagnostics.calibration import BINS, calibrate
from components.diagnostics.results import mean_over_lists


def test_bins_hold_as_many_items_and_their_own_means() -> None:
    predicted = np.arange(1, 101) / 200
    labels = (np.arange(100) % 4 == 0).astype(float)
    found = calibrate(predicted, labels, np.ones(100), np.arange(100))
    assert [one.items for one in found.bins] == [10] * BINS
    assert found.bins[0].predicted == pytest.approx(np.mean(predicted[:10]))
    assert found.bins[0].observed.value == pytest.approx(3 / 10)
    assert found.observed == pytest.approx(0.25)
    gaps = [abs(one.predicted - one.observed.value) for one in found.bins]
    assert found.expected_error == pytest.approx(np.mean(gaps))


def test_weights_count_and_what_is_unknown_does_not() -> None:
    predicted = np.array([0.5, 0.5, np.nan, 0.5, 0.5])
    labels = np.array([1.0, 0.0, 1.0, np.nan, 1.0])
    weights = np.array([3.0, 1.0, 1.0, 1.0, 0.0])
    found = calibrate(predicted, labels, weights, np.arange(5))
    assert (found.items, found.without_prediction) == (2, 1)
    assert found.observed == pytest.approx(3 / 4)
    # Equal predictions are one bin.
    assert [one.items for one in found.bins] == [2]


def test_nothing_to_compare_has_no_bins() -> None:
    nothing = np.full(3, np.nan)
    found = calibrate(nothing, np.ones(3), np.ones(3), np.arange(3))
    assert (found.items, found.without_prediction, found.bins) == (0, 3, ())
    assert found.observed is None


def test_intervals_are_of_lists_and_not_of_items() -> None:
    # Ten lists of 100 items, all alike in a list: no more is known than of ten items.
    values, sizes = 100.0 * np.array([1, 0] * 5), np.full(10, 100.0)
    found = mean_over_lists(values, sizes)
    error = np.sqrt(10 / 9 * 10 * 50**2) / 1000
    assert found.value == 0.5
    assert found.standard_error == pytest.approx(error)
    assert found.high == pytest.approx(0.5 + 1.959964 * error)
    assert mean_over_lists(np.ones(1), np.ones(1)).low is None
    assert mean_over_lists(np.zeros(2), np.zeros(2)).value is None
