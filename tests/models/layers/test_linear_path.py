import numpy as np
import tensorflow as tf

from models.layers.linear_path import LinearPath

STREAMS = {
    name: tf.random.stateless_normal([5, width], [1, width])
    for name, width in {"country": 2, "dependent": 3, "invariant": 4}.items()
}


def test_starts_at_zero() -> None:
    np.testing.assert_array_equal(LinearPath(3)(STREAMS), np.zeros((5, 3)))


def test_adds_up_all_inputs() -> None:
    path = LinearPath(3)
    path(STREAMS)
    kernel = np.random.default_rng(0).normal(size=(2 + 3 + 4, 3))
    path.set_weights([kernel, np.array([1.0, 2.0, 3.0])])
    inputs = np.concatenate([STREAMS[name] for name in STREAMS], axis=1)
    np.testing.assert_allclose(path(STREAMS), inputs @ kernel + [1, 2, 3], atol=1e-5)
