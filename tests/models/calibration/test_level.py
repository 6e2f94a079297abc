import numpy as np
import pytest
from scipy.special import expit

from models.calibration.curves import Observed
from models.calibration.level import level_shift


def task(positives: int, items: int = 1_000, said: float = -2.0) -> Observed:
    """Lists of one item, all of one logit."""
    labels = (np.arange(items) < positives).astype(float)
    return Observed(np.full(items, said), labels, np.ones(items), np.arange(items))


def level(found: Observed, positives: float, weight: float) -> float:
    logits = found.logits
    return float(expit(logits + level_shift(found, logits, positives, weight)).mean())


def test_lists_that_differ_by_chance_have_the_level_of_all() -> None:
    # .11 and .1 of 9,000: an error of .01 or so.
    assert level(task(110), 900, 9_000) == pytest.approx((110 + 900) / 10_000, rel=1e-3)


def test_lists_that_differ_beyond_chance_keep_their_own() -> None:
    assert level(task(400), 900, 9_000) == pytest.approx(0.4, rel=0.02)


def test_in_between_lies_between() -> None:
    found = level(task(130), 900, 9_000)
    assert (130 + 900) / 10_000 < found < 0.13


def test_lists_that_go_together_say_less() -> None:
    alone, together = task(130), task(130)
    together = Observed(alone.logits, alone.labels, alone.weights, alone.lists // 10)
    assert level(together, 900, 9_000) < level(alone, 900, 9_000)


@pytest.mark.parametrize(("positives", "weight"), [(0.0, 0.0), (0.0, 10.0), (10.0, 10.0)])
def test_what_is_not_known_changes_nothing(positives: float, weight: float) -> None:
    found = task(100)
    assert level_shift(found, found.logits, positives, weight) == 0
    assert level_shift(task(0), found.logits, 900, 9_000) == 0
