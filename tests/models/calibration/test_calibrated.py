from typing import Any

import numpy as np
import pytest
import tensorflow as tf
from scipy.special import expit, logit

from data.artifacts.calibration import Calibration, Shifts
from models.calibration.calibrated import Calibrated
from models.calibration.places import PlaceIds

PLACES = {
    "region": PlaceIds("country", 0, ("DE", "FR", "IT"), 0),
    "platform": PlaceIds("device", 1, ("web", "app"), 1),
}
SIZES = {"country": 4, "device": 4}
# Knots at -4, -2, 0, 2; slope 1/2 and a level of its own for the second task.
CALIBRATION = Calibration(
    tasks=("click", "order"),
    first=-4,
    step=2,
    curves=((-5.0, -3.0, -1.0, 1.0), (-5.0, -4.0, -3.0, -2.0)),
    descending=False,
    shifts={
        "region": Shifts(feature="country", values=("IT", "DE"), of_tasks=((0.1, 0.2), (0.3, 0.4))),
        "platform": Shifts(feature="device", values=("app",), of_tasks=((1.0,), (2.0,))),
    },
)


def answer(
    calibration: Calibration,
    logits: Any,
    lengths: list[int],
    country: list[int],
    device: list[int],
) -> np.ndarray:
    inputs = {
        "row__lengths": tf.constant(lengths, tf.int64),
        "context__ids": tf.stack([country, device], axis=1),
    }
    layer = Calibrated(calibration, PLACES, SIZES)
    return logit(layer(tf.constant(logits, tf.float32), inputs).numpy().astype(float))


def test_goes_along_the_curves_and_beyond_them_with_slope_1() -> None:
    logits = [[-6.0, -6.0], [-3.0, -3.0], [0.0, 0.0], [1.0, 1.0], [4.0, 4.0]]
    # Without shifts: the unknown id of the country, and a missing device.
    found = answer(CALIBRATION, logits, [5], [3], [0])
    expected = [[-7, -7], [-4, -4.5], [-1, -3], [0, -2.5], [3, 0]]
    np.testing.assert_allclose(found, expected, atol=1e-4)


def test_adds_the_shifts_of_region_and_platform() -> None:
    # IT and app, nothing, DE and web, FR and app; the second list has no items.
    found = answer(CALIBRATION, [[0.0, 0.0]] * 4, [1, 0, 2, 1], [2, 0, 0, 1], [2, 2, 1, 2])
    expected = [[-1 + 1.1, -3 + 2.3], [-0.8, -2.6], [-0.8, -2.6], [-1 + 1, -3 + 2]]
    np.testing.assert_allclose(found, expected, atol=1e-5)


def test_a_list_is_lowered_as_a_whole_where_tasks_would_not_descend() -> None:
    calibration = CALIBRATION.model_copy(
        update={"descending": True, "curves": ((-5.0, -3.0, -1.0, 1.0), (-3.0, -2.0, -1.0, 0.0))}
    )
    logits = [[-2.0, -2.0], [0.0, -4.0], [0.0, -2.0], [0.0, -2.0]]
    found = answer(calibration, logits, [2, 2], [3, 3], [0, 0])
    # Click -3 and order -2: an excess of 1, which the list's other order, -3, loses as well. In the
    # second list order's -2 is below click's -1.
    np.testing.assert_allclose(found[:, 1], [-3, -4, -2, -2], atol=3e-5)
    np.testing.assert_allclose(found[:, 0], [-3, -1, -1, -1], atol=1e-5)


def test_no_order_within_a_list_changes_and_probabilities_descend() -> None:
    random = np.random.default_rng(0)
    lengths = random.integers(0, 30, 200)
    click = random.normal(-2, 2, lengths.sum())
    logits = np.stack([click, click - random.gamma(0.3, 1, len(click))], axis=1).astype(np.float32)
    calibration = CALIBRATION.model_copy(update={"descending": True})
    places = random.integers(0, 4, 200).tolist(), random.integers(0, 4, 200).tolist()
    found = answer(calibration, logits, lengths.tolist(), *places)
    assert (found[:, 1] <= found[:, 0]).all()
    for one in np.split(np.arange(len(click)), np.cumsum(lengths)[:-1]):
        for task in range(2):
            order = np.argsort(logits[one, task])
            assert (np.diff(found[one, task][order]) > 0).all()


def test_probabilities_descend_to_the_last_bit() -> None:
    random = np.random.default_rng(1)
    curves = tuple(np.cumsum(random.choice([0.2, 1, 3], (2, 20)), axis=1) - 30)
    calibration = CALIBRATION.model_copy(
        update={"descending": True, "first": -20, "curves": curves, "shifts": {}}
    )
    lengths = random.integers(1, 40, 400)
    logits = random.normal(-3, 6, (lengths.sum(), 2)).astype(np.float32)
    unknown = [3] * 400, [0] * 400
    found = answer(calibration, logits, lengths.tolist(), *unknown)
    assert (found[:, 1] <= found[:, 0]).all()


def test_an_item_that_is_all_but_impossible_does_not_lower_its_list() -> None:
    calibration = CALIBRATION.model_copy(update={"descending": True, "shifts": {}})
    # The network clips what it multiplies: an order's logit is about -30 beside a click's of -60.
    found = answer(calibration, [[-60.0, -30.0], [0.0, -1.0]], [2], [3], [0])
    np.testing.assert_allclose(found[1], [-1, -3.5], atol=1e-4)
    assert found[0, 1] <= found[0, 0]


def test_an_item_without_a_finite_logit_stays_alone() -> None:
    calibration = CALIBRATION.model_copy(update={"descending": True})
    found = answer(calibration, [[np.nan, np.nan], [0.0, 0.0]], [2], [3], [0])
    assert np.isnan(found[0]).all()
    np.testing.assert_allclose(found[1], [-1, -3], atol=1e-5)


@pytest.mark.parametrize("task", ["click", "order"])
def test_what_the_network_said_can_be_told_from_the_answer(task: str) -> None:
    logits = np.array([[-6.0, -6.5], [-1.3, -2.0], [0.5, -0.3], [3.0, 2.5]])
    found = expit(answer(CALIBRATION, logits, [1, 1, 2], [2, 3, 0], [0, 2, 2]))
    places = {"country": ["IT", "?", "DE", "DE"], "device": ["", "app", "app", "app"]}
    number = CALIBRATION.tasks.index(task)
    undone = CALIBRATION.undone(task, found[:, number], places)
    np.testing.assert_allclose(logit(undone), logits[:, number], atol=1e-4)


def test_is_written_and_read() -> None:
    assert Calibration.model_validate_json(CALIBRATION.model_dump_json()) == CALIBRATION
