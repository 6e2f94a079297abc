from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

from models.training.adam import FusedAdam


def _gradients(weights: list[tf.Variable], step: int) -> list[tf.Tensor]:
    draw = np.random.default_rng(step)
    return [tf.constant(draw.normal(size=weight.shape), tf.float32) for weight in weights]


def _trained(
    optimizer: tf.keras.optimizers.Optimizer, weights: list[tf.Variable], steps: range
) -> list[np.ndarray]:
    for step in steps:
        optimizer.apply_gradients(zip(_gradients(weights, step), weights, strict=True))
    return [weight.numpy() for weight in weights]


def _weights() -> list[tf.Variable]:
    return [tf.Variable([[1.0, -2.0], [3.0, 4.0]], name="kernel"), tf.Variable([0.5], name="bias")]


@pytest.mark.parametrize("weight_decay", [None, 0.1])
def test_it_moves_weights_as_keras_adam_does(weight_decay: float | None) -> None:
    options = {"learning_rate": 0.01, "weight_decay": weight_decay, "jit_compile": False}
    ours = _trained(FusedAdam(**options), _weights(), range(5))
    theirs = _trained(tf.keras.optimizers.Adam(**options), _weights(), range(5))
    for own, other in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(own, other, rtol=1e-6)


def test_it_goes_on_from_a_checkpoint_of_keras_adam(tmp_path: Path) -> None:
    weights, others = _weights(), _weights()
    theirs = tf.keras.optimizers.Adam(0.01, jit_compile=False)
    _trained(theirs, weights, range(3))
    saved = tf.train.Checkpoint(optimizer=theirs, weights=weights).write(str(tmp_path / "saved"))
    ours = FusedAdam(0.01, jit_compile=False)
    ours.build(others)
    tf.train.Checkpoint(optimizer=ours, weights=others).read(saved).assert_consumed()
    for own, other in zip(
        _trained(ours, others, range(3, 6)), _trained(theirs, weights, range(3, 6)), strict=True
    ):
        np.testing.assert_allclose(own, other, rtol=1e-6)
