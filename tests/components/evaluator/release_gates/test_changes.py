import pytest
from scipy import stats

from components.evaluator.release_gates.changes import Difference, holm_intervals

DEGREES = 199


def reach(level: float) -> float:
    return float(stats.t.ppf(1 - level / 2, DEGREES))


def test_one_difference_has_the_ordinary_interval() -> None:
    [(low, high)] = holm_intervals([Difference(-0.1, 0.04)], 0.95, DEGREES)
    assert low == pytest.approx(-0.1 - reach(0.05) * 0.04)
    assert high == pytest.approx(-0.1 + reach(0.05) * 0.04)


def test_levels_step_down_until_one_is_not_significant() -> None:
    # |value| / error: 1, 4, 2.2, 3. Holm takes 4 at .05/4 and 3 at .05/3 (p = .003), then stops:
    # p of 2.2 is .029 > .05/2. So 2.2 and 1 share the level .05/2.
    differences = [Difference(-value, 1.0) for value in (1.0, 4.0, 2.2, 3.0)]
    intervals = holm_intervals(differences, 0.95, DEGREES)
    levels = [0.05 / 2, 0.05 / 4, 0.05 / 2, 0.05 / 3]
    for difference, level, (low, high) in zip(differences, levels, intervals, strict=True):
        assert low == pytest.approx(difference.value - reach(level))
        assert high == pytest.approx(difference.value + reach(level))
    assert [high < 0 for _, high in intervals] == [False, True, False, True]


def test_twenty_noisy_slices_fail_together_no_more_often_than_one() -> None:
    # 2.5 errors below 0 is significant alone (p = .013), not as the worst of twenty.
    alone = holm_intervals([Difference(-2.5, 1.0)], 0.95, DEGREES)
    crowd = [Difference(-2.5, 1.0)] + [Difference(0.1, 1.0)] * 19
    assert alone[0][1] < 0 < holm_intervals(crowd, 0.95, DEGREES)[0][1]


@pytest.mark.parametrize(("value", "rejected"), [(-0.01, True), (0.0, False)])
def test_no_error_means_sure(value: float, rejected: bool) -> None:
    [(low, high)] = holm_intervals([Difference(value, 0.0)], 0.95, DEGREES)
    assert (low, high) == (value, value)
    assert (high < 0) is rejected


def test_nothing_to_compare() -> None:
    assert holm_intervals([], 0.95, DEGREES) == []
