import numpy as np
import pytest
from scipy.special import expit, logit

from data.artifacts.calibration import interpolated
from models.calibration.curves import LEAST_SLOPE, Observed, choose_knots, fit_curve
from models.calibration.shifts import fit_shifts


def drawn(
    lists: int, true: float, said: float, slope: float = 1.0, of_list: float = 0.0
) -> Observed:
    """Lists of 10 items whose logits are `said` + `slope` times what they truly are - `true`."""
    random = np.random.default_rng(lists)
    of_item = random.normal(0, 1, 10 * lists)
    truth = true + of_item + np.repeat(random.normal(0, of_list, lists), 10)
    labels = (random.random(len(truth)) < expit(truth)).astype(float)
    return Observed(
        said + slope * of_item, labels, np.ones(len(truth)), np.repeat(np.arange(lists), 10)
    )


def calibrated(task: Observed) -> np.ndarray:
    knots = choose_knots([task])
    return interpolated(task.logits, knots, fit_curve(task, knots))


@pytest.mark.parametrize(("said", "slope"), [(-0.5, 1.0), (-6.0, 1.0), (-1.0, 2.0), (-1.0, 0.4)])
def test_probabilities_come_true_overall_and_by_what_was_said(said: float, slope: float) -> None:
    task = drawn(4_000, true=-2.0, said=said, slope=slope)
    found = expit(calibrated(task))
    assert found.mean() == pytest.approx(task.labels.mean(), rel=0.01)
    fifths = np.digitize(task.logits, np.quantile(task.logits, [0.2, 0.4, 0.6, 0.8]))
    for fifth in range(5):
        inside = fifths == fifth
        error = np.sqrt(task.labels[inside].var() / inside.sum())
        assert found[inside].mean() == pytest.approx(task.labels[inside].mean(), abs=3 * error)


def test_curves_rise_whatever_the_labels_say() -> None:
    # The larger the logit, the fewer positives.
    task = drawn(2_000, true=-1.0, said=-1.0, slope=-1.0)
    knots = choose_knots([task])
    rises = np.diff(fit_curve(task, knots)) / np.diff(knots)
    assert rises.min() >= LEAST_SLOPE - 1e-9
    assert expit(calibrated(task)).mean() == pytest.approx(task.labels.mean(), rel=0.02)


@pytest.mark.parametrize("slope", [1e3, 1e6])
def test_logits_of_any_size_have_a_curve(slope: float) -> None:
    task = drawn(100, true=-2.0, said=0.0, slope=slope)
    knots = choose_knots([task])
    found = fit_curve(task, knots)
    assert (np.diff(found) > 0).all()
    # Those of a network that has gone astray stay what they are.
    assert (found == knots).all() == (slope == 1e6)
    places = np.ones(len(task.logits), int)
    (shift,) = fit_shifts(task, interpolated(task.logits, knots, found), [places], [1])
    assert np.isfinite(shift).all()


def test_few_positives_move_the_level_alone() -> None:
    task = drawn(30, true=-4.0, said=-2.0)
    assert 0 < task.labels.sum() < 15
    knots = choose_knots([task])
    curve = fit_curve(task, knots)
    assert expit(calibrated(task)).sum() == pytest.approx(task.labels.sum(), rel=0.1)
    rises = np.diff(curve) / np.diff(knots)
    assert rises.max() - rises.min() < 0.3


@pytest.mark.parametrize("label", [0.0, 1.0])
def test_a_task_without_positives_or_with_nothing_else_keeps_its_logits(label: float) -> None:
    task = drawn(10, true=0.0, said=0.0)
    task = Observed(task.logits, np.full(100, label), task.weights, task.lists)
    np.testing.assert_allclose(calibrated(task), task.logits)


def test_a_task_without_items_and_equal_logits_have_knots() -> None:
    nothing = Observed(np.zeros(0), np.zeros(0), np.zeros(0), np.zeros(0, int))
    assert np.diff(choose_knots([nothing])) == pytest.approx(1 / 19)
    assert (fit_curve(nothing, choose_knots([nothing])) == choose_knots([nothing])).all()
    labels = (np.arange(800) % 4 == 3).astype(float)
    equal = Observed(np.full(800, 3.0), labels, np.ones(800), np.arange(800))
    assert expit(calibrated(equal)) == pytest.approx(1 / 4, abs=0.01)


def test_weights_count_and_their_scale_does_not() -> None:
    task = drawn(500, true=-1.0, said=-1.0)
    weights = 1 + 4 * task.labels
    heavy = Observed(task.logits, task.labels, weights, task.lists)
    rate = np.average(task.labels, weights=weights)
    found = calibrated(heavy)
    assert np.average(expit(found), weights=weights) == pytest.approx(rate, rel=0.01)
    scaled = Observed(task.logits, task.labels, 1_000 * weights, task.lists)
    np.testing.assert_allclose(calibrated(scaled), found, atol=1e-6)


def test_items_of_a_list_that_go_together_count_less() -> None:
    alone, together = (drawn(2_000, -2.0, -2.0, of_list=spread) for spread in (0.0, 1.5))
    assert alone.dispersion(alone.logits) == pytest.approx(1, abs=0.15)
    rate = logit(together.labels.mean())
    assert together.dispersion(np.full(len(together.logits), rate)) > 2
    # Lists of weight 2: every sum doubles, its variance is 4 times as large, p (1 - p) twice.
    heavy = Observed(alone.logits, alone.labels, alone.weights * 2, alone.lists)
    assert heavy.dispersion(heavy.logits) == pytest.approx(2 * alone.dispersion(alone.logits))


def test_is_the_same_each_time() -> None:
    task = drawn(300, true=-2.0, said=-1.0)
    assert (calibrated(task) == calibrated(drawn(300, true=-2.0, said=-1.0))).all()
