import numpy as np
import tensorflow as tf

from models.layers.mlp import MultiLayerPerceptron

INPUTS = tf.random.stateless_normal([5, 6], [1, 2])


def test_copies_are_networks_beside_each_other() -> None:
    mlp = MultiLayerPerceptron((8, 4), copies=3, last_activation=None, common_draw=False, seed=1)
    found = mlp(INPUTS)
    first, last = mlp.stack
    for copy in range(3):
        hidden = np.maximum(INPUTS @ first.kernel[copy] + first.bias[copy], 0)
        expected = hidden @ last.kernel[copy] + last.bias[copy]
        np.testing.assert_allclose(found[copy], expected, atol=1e-5)
    np.testing.assert_allclose(mlp([INPUTS] * 3), found, atol=1e-6)
    assert (found[0] != found[1]).numpy().all()


def test_without_units_the_input_passes() -> None:
    mlp = MultiLayerPerceptron((), copies=2)
    np.testing.assert_array_equal(mlp(INPUTS), [INPUTS, INPUTS])
    np.testing.assert_array_equal(mlp([INPUTS, 2 * INPUTS]), [INPUTS, 2 * INPUTS])


def test_a_last_layer_of_zeros_gives_zeros() -> None:
    mlp = MultiLayerPerceptron((8, 4), last_activation=None, zero_last=True)
    np.testing.assert_array_equal(mlp(INPUTS), np.zeros((1, 5, 4)))


def test_draws_follow_from_the_seed() -> None:
    first, second, other = (MultiLayerPerceptron((8, 4), seed=seed) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first(INPUTS), second(INPUTS))
    assert np.not_equal(first(INPUTS), other(INPUTS)).any()


def test_initial_kernels_have_glorot_size() -> None:
    mlp = MultiLayerPerceptron((300,), copies=4)
    mlp(tf.ones([1, 100]))
    limit = np.sqrt(6 / (100 + 300))
    kernel = mlp.stack[0].kernel.numpy()
    assert 0.99 * limit < np.abs(kernel).max() <= limit


def test_config_makes_the_layer_again() -> None:
    mlp = MultiLayerPerceptron((8, 4), 2, "tanh", None, True, False, 0.1, 7, name="mine")
    assert MultiLayerPerceptron.from_config(mlp.get_config()).get_config() == mlp.get_config()
