import numpy as np
import pytest

from data.metrics.relevance import expected_gain, gain, gain_steps, relevance


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


def test_gain_grows_by_the_difference_of_two_grades() -> None:
    assert gain_steps([1, 2, 3]) == [1, 2, 4]
    # Equal grades: the second action adds nothing to the first.
    assert gain_steps([1, 3, 3]) == [1, 6, 0]


def test_expected_gain_is_the_mean_of_the_gains_of_what_may_happen() -> None:
    # Of 10 times: 5 nothing, 3 a click alone (gain 1), 2 a purchase (grade 3, gain 7).
    found = expected_gain([np.array([0.5]), np.array([0.2])], [1, 3])
    assert found == pytest.approx([0.3 * 1 + 0.2 * 7])
