"""AITM against outputs of its authors' formulas for fixed weights, and what it passes on."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tensorflow as tf

from models.layers.towers import Towers
from models.rankers.aitm import Aitm, InformationTransfer
from tests.models.reference_weights import ReferenceWeights

CASES = json.loads(Path(__file__).with_name("aitm_reference.json").read_text())


class AitmWeights(ReferenceWeights):
    """Those of layers for each task."""

    def dense(self, kernel: tf.Variable, bias: tf.Variable, number: int) -> None:
        """Fills one of several layers that share a weight."""
        for weight in (kernel, bias):
            values = weight.numpy()
            values[number] = self.take(*weight.shape[1:])
            weight.assign(values)


def _fill(model: Aitm, towers: Towers, parameters: AitmWeights, source: str) -> None:
    transfer, logit = model.transfer, towers.logit
    transfer.maps.assign(np.stack([parameters.take(*transfer.maps.shape[1:]) for _ in range(3)]))

    def tower(task: int) -> None:
        for level in model.levels:
            parameters.dense(level.linear.kernel, level.linear.bias, task)

    def passed(task: int) -> None:
        parameters.dense(transfer.kernel, transfer.bias, task - 1)

    def head(task: int) -> None:
        parameters.dense(logit.kernel, logit.bias, task)

    tower(0)
    if source == "AITM.py":
        # Two tasks, whose logits come last.
        passed(1), tower(1), head(0), head(1)
        return
    head(0)
    for task in range(1, model.tasks):
        passed(task), tower(task), head(task)


def _name(case: dict[str, Any]) -> str:
    return f"{case['source']}-{case['tasks']}-{case['level_units']}"


@pytest.mark.usefixtures("in_float64")
@pytest.mark.parametrize("case", CASES, ids=_name)
def test_outputs_are_those_of_the_authors_formulas(case: dict[str, Any]) -> None:
    """xidongbo/AITM: AITM.py (two tasks) and AITM_standard.py without batch normalisation.

    In the latter each layer of a tower reads the features, and the last one alone is used; so its
    cases have towers of one layer, where both files say the same.
    """
    inputs = tf.constant(case["inputs"], tf.float64)
    model = Aitm(case["tasks"], case["level_units"])
    towers = Towers(case["tasks"], ())
    model.build(inputs.shape)
    towers.build(model.compute_output_shape(inputs.shape))
    parameters = AitmWeights()
    _fill(model, towers, parameters, case["source"])
    assert parameters.taken == sum(
        np.prod(w.shape) for w in (model, towers) for w in w.trainable_weights
    )
    found = tf.sigmoid(towers(model(inputs)))
    np.testing.assert_allclose(found, case["probabilities"], rtol=0, atol=1e-9)


def test_attention_by_arithmetic() -> None:
    layer = InformationTransfer(2)
    layer.build(tf.TensorShape((None, 2, 2)))
    layer.kernel.assign([[[1.0, 0.0], [0.0, -1.0]]])
    layer.bias.assign([[0.5, 1.0]])
    layer.maps.assign([np.eye(2), 2 * np.eye(2), [[0.0, 1.0], [1.0, 0.0]]])
    first, own = np.array([1.0, 3.0]), np.array([0.5, 2.0])
    # relu([1, -3] + [.5, 1])
    passed = np.array([1.5, 0.0])
    scores = np.exp([2 * (own @ own) / 2**0.5, 2 * (passed @ passed) / 2**0.5])
    weights = scores / scores.sum()
    expected = weights[0] * own[::-1] + weights[1] * passed[::-1]
    found = layer(tf.constant([[first, own]], tf.float32))
    np.testing.assert_allclose(found, [[first, expected]], rtol=1e-5)


def test_what_is_passed_on_is_dropped_in_training_alone() -> None:
    layer = InformationTransfer(3, dropout=0.5, seed=1)
    inputs = tf.random.stateless_normal([50, 3, 4], [1, 2])
    quiet = layer(inputs)
    np.testing.assert_array_equal(quiet, layer(inputs, training=False))
    dropped = layer(inputs, training=True)
    np.testing.assert_array_equal(dropped[:, 0], quiet[:, 0])
    assert (dropped[:, 1:] != quiet[:, 1:]).numpy().any()


def test_a_later_task_changes_nothing_of_an_earlier_one() -> None:
    layer = InformationTransfer(3, seed=1)
    inputs = tf.random.stateless_normal([5, 3, 4], [1, 2])
    with tf.GradientTape() as tape:
        tape.watch(inputs)
        second = tf.reduce_sum(layer(inputs)[:, 1])
    gradient = tape.gradient(second, inputs).numpy()
    assert gradient[:, :2].any()
    assert not gradient[:, 2].any()
