import numpy as np
import pytest

from data.relevance import gain, relevance


def test_is_the_largest_grade_reached() -> None:
    labels = np.array([[0, 0, 0], [1, 0, 0], [1, 1, 0], [0, 0, 1]], dtype=float)
    assert relevance(labels, [1, 2, 4]).tolist() == [0, 1, 2, 4]


def test_gain_is_two_to_the_relevance_less_one() -> None:
    assert gain(np.array([0.0, 1.0, 5.0])).tolist() == [0, 1, 31]
    assert np.isnan(gain(np.array([np.nan]))[0])


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        ([1, np.nan], np.nan),  # the purchase could still raise it
        ([np.nan, 1], 5),  # the click could not
        ([0, np.nan], np.nan),
        ([np.nan, np.nan], np.nan),
    ],
)
def test_missing_label_is_not_an_action_not_reached(labels: list[float], expected: float) -> None:
    found = relevance(np.array([labels]), [1, 5])
    np.testing.assert_equal(found, [expected])
