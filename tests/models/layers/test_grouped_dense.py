import numpy as np
import tensorflow as tf

from models.layers.grouped_dense import GroupedDense


def test_each_group_reads_its_own_input() -> None:
    layer = GroupedDense(2, (2, 1))
    layer.build(tf.TensorShape((None, 2, 3)))
    layer.kernel.assign(np.arange(18.0).reshape(3, 3, 2))
    layer.bias.assign([[1, 2], [3, 4], [5, 6]])
    first, second = np.array([[1.0, 0, 0]]), np.array([[0.0, 0, 10]])
    outputs = layer([tf.constant(each, tf.float32) for each in (first, second)])
    expected = [
        [0 + 1, 1 + 2],  # Row 0 of kernel 0.
        [6 + 3, 7 + 4],  # Row 0 of kernel 1.
        [10 * 16 + 5, 10 * 17 + 6],  # Row 2 of kernel 2, ten times.
    ]
    np.testing.assert_array_equal(outputs, [expected])


def test_a_common_input_is_one_for_each_group() -> None:
    layer = GroupedDense(4, (1, 2, 1), "relu", seed=3)
    layer.build(tf.TensorShape((None, 5)))
    inputs = tf.random.stateless_normal([6, 5], seed=(1, 2))
    np.testing.assert_allclose(layer(inputs), layer([inputs] * 3), atol=1e-6)
