from collections.abc import Sequence

import numpy as np
import pytest
from scipy.special import expit

from models.calibration.curves import Observed
from models.calibration.shifts import fit_shifts


def drawn(
    lists: int, places: Sequence[np.ndarray], shifts: Sequence[Sequence[float]], seed: int = 0
) -> Observed:
    """Lists of 10 items whose true logits are their own plus the shifts of their lists' places."""
    random = np.random.default_rng(seed)
    logits = random.normal(-2, 1, 10 * lists)
    of_places = sum(np.array(s)[p] for s, p in zip(shifts, places, strict=True))
    truth = logits + np.repeat(of_places, 10)
    labels = (random.random(len(truth)) < expit(truth)).astype(float)
    return Observed(logits, labels, np.ones(len(truth)), np.repeat(np.arange(lists), 10))


def found(task: Observed, *places: tuple[np.ndarray, int]) -> list[np.ndarray]:
    items = [of_lists[task.lists] for of_lists, _ in places]
    return fit_shifts(task, task.logits, items, [number for _, number in places])


def test_places_that_differ_are_told_apart_and_unknown_ones_have_no_shift() -> None:
    region = np.arange(8_000) % 4
    task = drawn(8_000, [region], [[0.0, 0.5, -0.5, 0.0]])
    (shifts,) = found(task, (region, 3))
    assert shifts == pytest.approx([0.5, -0.5, 0.0], abs=0.06)


def test_regions_and_platforms_add_up() -> None:
    region, platform = np.arange(12_000) % 3 + 1, np.arange(12_000) // 3 % 2 + 1
    task = drawn(12_000, [region, platform], [[0, 0.6, 0.0, -0.6], [0, 0.3, -0.3]])
    of_region, of_platform = found(task, (region, 3), (platform, 2))
    assert of_region == pytest.approx([0.6, 0.0, -0.6], abs=0.08)
    assert of_platform == pytest.approx([0.3, -0.3], abs=0.08)


def test_places_that_are_alike_stay_together() -> None:
    region = np.arange(4_000) % 20 + 1
    task = drawn(4_000, [region], [[0.0] * 21])
    (shifts,) = found(task, (region, 20))
    # By itself, each region's level has a standard error of .06.
    assert np.sqrt(np.mean(shifts**2)) < 0.03


def test_a_small_place_is_drawn_to_the_others() -> None:
    region = np.where(np.arange(3_000) < 4, 1, 2 + np.arange(3_000) % 9)
    shifts_of = np.array([0.0, 2.0, *np.tile([0.2, 0.0, -0.2], 3)])
    task = drawn(3_000, [region], [shifts_of])
    (shifts,) = found(task, (region, 10))
    # 40 items whose own best shift is near 2.
    assert 0 < shifts[0] < 1.5
    assert shifts[1:] == pytest.approx(shifts_of[2:], abs=0.15)


def test_no_region_is_worse_than_without() -> None:
    region = np.arange(2_000) % 10 + 1
    truth = [0.0, *np.linspace(-0.4, 0.4, 10)]
    shifts = np.append(0, found(drawn(2_000, [region], [truth]), (region, 10))[0])
    other = drawn(2_000, [region], [truth], seed=1)

    def loss(logits: np.ndarray, inside: np.ndarray) -> float:
        return float(np.mean(np.logaddexp(0, logits) - other.labels * logits, where=inside))

    of_item = region[other.lists]
    for place in range(1, 11):
        inside = of_item == place
        changed, as_it_was = (
            loss(other.logits + shifts[of_item], inside),
            loss(other.logits, inside),
        )
        assert changed < as_it_was + 0.002


def test_a_task_without_positives_has_no_shifts() -> None:
    region = np.arange(100) % 2 + 1
    task = drawn(100, [region], [[0, -40, -40]])
    assert not task.labels.any()
    assert found(task, (region, 2))[0].tolist() == [0, 0]
    assert [len(one) for one in found(task)] == []
