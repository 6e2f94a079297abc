import numpy as np
import tensorflow as tf

from models.layers.partly_learnt import PartlyLearnt, joined, product, whole

VALUES = np.random.default_rng(1).normal(size=(5, 4)).astype(np.float32)
KERNEL = np.random.default_rng(2).normal(size=(4, 3)).astype(np.float32)
AFTER = np.random.default_rng(3).normal(size=(5, 3)).astype(np.float32)


def test_a_product_has_the_gradients_of_what_is_learnt_alone() -> None:
    values, learnt, kernel = map(tf.constant, (VALUES, VALUES[:, [1, 3]], KERNEL))
    with tf.GradientTape() as tape:
        tape.watch([values, learnt, kernel])
        found = product(PartlyLearnt(values, learnt, (1, 3)), kernel)
        loss = tf.reduce_sum(found * AFTER)
    np.testing.assert_allclose(found, VALUES @ KERNEL, rtol=1e-5, atol=1e-6)
    of_values, of_learnt, of_kernel = tape.gradient(loss, [values, learnt, kernel])
    assert of_values is None
    np.testing.assert_allclose(of_learnt, AFTER @ KERNEL[[1, 3]].T, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(of_kernel, VALUES.T @ AFTER, rtol=1e-5, atol=1e-6)


def test_a_product_of_numbers_alone_teaches_the_kernel() -> None:
    learnt, kernel = tf.zeros([5, 0]), tf.constant(KERNEL)
    with tf.GradientTape() as tape:
        tape.watch(kernel)
        loss = tf.reduce_sum(product(PartlyLearnt(VALUES, learnt, ()), kernel) * AFTER)
    np.testing.assert_allclose(tape.gradient(loss, kernel), VALUES.T @ AFTER, rtol=1e-5, atol=1e-6)


def test_joined_columns_keep_what_is_learnt_and_take_tensors_as_a_whole() -> None:
    values = tf.constant(VALUES)
    found = joined(
        [
            PartlyLearnt(values, values[:, 2:3], (2,)),
            values[:, :2],
            PartlyLearnt(values, values[:, :1], (0,)),
        ]
    )
    assert isinstance(found, PartlyLearnt)
    assert found.places == (2, 4 + 0, 4 + 1, 4 + 2 + 0)
    np.testing.assert_array_equal(found.values, np.hstack([VALUES, VALUES[:, :2], VALUES]))
    np.testing.assert_array_equal(found.learnt, found.values.numpy()[:, list(found.places)])
    assert tf.is_tensor(joined([values, values]))
    np.testing.assert_array_equal(whole(found), found.values)
