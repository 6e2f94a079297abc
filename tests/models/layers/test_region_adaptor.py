import numpy as np
import pytest
import tensorflow as tf

from models.layers.region_adaptor import RegionAdaptor

COUNTRY = tf.random.stateless_normal([6, 3], [1, 1])
DEPENDENT = tf.random.stateless_normal([6, 4], [1, 2])
STREAMS = {"country": COUNTRY, "dependent": DEPENDENT}


@pytest.mark.parametrize("copies", [1, 3])
def test_mask_is_exactly_one_at_the_start(copies: int) -> None:
    adaptor = RegionAdaptor(copies, mask_units=(5,), transformed_units=())
    transformed = adaptor(STREAMS)
    np.testing.assert_array_equal(adaptor.mask(COUNTRY), np.ones((copies, 6, 4)))
    for copy in transformed:
        np.testing.assert_array_equal(copy, DEPENDENT)


def test_mask_is_two_sigmoids_of_a_network_over_country() -> None:
    adaptor = RegionAdaptor(2, mask_units=(5,), transformed_units=(7,), seed=1)
    adaptor(STREAMS)
    generator = np.random.default_rng(1)
    for weight in adaptor.trainable_weights:
        weight.assign(generator.normal(size=weight.shape))
    hidden, last = adaptor.mask_mlp.stack
    transform = adaptor.transformed_mlp.stack[0]
    found = adaptor(STREAMS)
    for copy in range(2):
        units = np.maximum(COUNTRY @ hidden.kernel[copy] + hidden.bias[copy], 0)
        mask = 2 / (1 + np.exp(-(units @ last.kernel[copy] + last.bias[copy])))
        assert (np.abs(mask - 1) > 0.1).any()
        masked = mask * DEPENDENT
        expected = np.maximum(masked @ transform.kernel[copy] + transform.bias[copy], 0)
        np.testing.assert_allclose(found[copy], expected, atol=1e-5)


def test_a_shift_starts_as_none_and_is_added_to_masked_features() -> None:
    adaptor = RegionAdaptor(2, mask_units=(5,), transformed_units=(), shift=True, seed=1)
    for copy in adaptor(STREAMS):
        np.testing.assert_array_equal(copy, DEPENDENT)
    generator = np.random.default_rng(1)
    for weight in adaptor.trainable_weights:
        weight.assign(generator.normal(size=weight.shape))
    hidden, last = adaptor.shift_mlp.stack
    mask, found = adaptor.mask(COUNTRY), adaptor(STREAMS)
    for copy in range(2):
        units = np.maximum(COUNTRY @ hidden.kernel[copy] + hidden.bias[copy], 0)
        shift = units @ last.kernel[copy] + last.bias[copy]
        np.testing.assert_allclose(found[copy], mask[copy] * DEPENDENT + shift, atol=1e-5)


def test_columns_of_histories_have_no_shift() -> None:
    adaptor = RegionAdaptor(2, mask_units=(5,), transformed_units=(), shift=True, seed=1)
    adaptor(STREAMS)
    generator = np.random.default_rng(1)
    for weight in adaptor.trainable_weights:
        weight.assign(generator.normal(size=weight.shape))
    shifted = tf.constant([[1.0, 1.0, 0.0, 1.0]])
    mask, whole = adaptor.mask(COUNTRY).numpy(), adaptor(STREAMS)
    for copy, found in enumerate(adaptor({**STREAMS, "shifted": shifted})):
        np.testing.assert_allclose(found[:, 2], (mask[copy] * DEPENDENT)[:, 2], atol=1e-6)
        np.testing.assert_array_equal(
            found.numpy()[:, [0, 1, 3]], whole[copy].numpy()[:, [0, 1, 3]]
        )


@pytest.mark.parametrize("rows", [[0, 0, 1, 1, 1, 2], [0] * 6])
def test_masks_are_made_once_a_list(rows: list[int]) -> None:
    adaptor = RegionAdaptor(2, mask_units=(5,), transformed_units=(7,), shift=True, seed=1)
    adaptor(STREAMS)
    generator = np.random.default_rng(1)
    for weight in adaptor.trainable_weights:
        weight.assign(generator.normal(size=weight.shape))
    of_lists = COUNTRY[: 1 + max(rows)]
    by_items = {"country": tf.gather(of_lists, rows), "dependent": DEPENDENT}
    by_lists = {**by_items, "country_of_lists": of_lists, "list_of_item": tf.constant(rows)}
    found, expected = (_with_gradients(adaptor, one) for one in (by_lists, by_items))
    for ours, others in zip(found, expected, strict=True):
        np.testing.assert_allclose(ours, others, rtol=1e-5, atol=1e-6)


def _with_gradients(adaptor: RegionAdaptor, inputs: dict[str, tf.Tensor]) -> list[tf.Tensor]:
    """What is made of the inputs in training, and the gradients of the sum of its squares."""
    with tf.GradientTape() as tape:
        transformed = adaptor(inputs, training=True)
        squares = tf.add_n([tf.reduce_sum(tf.square(of_copy)) for of_copy in transformed])
    return [*transformed, *tape.gradient(squares, adaptor.trainable_weights)]


def test_without_country_features_there_is_no_mask() -> None:
    adaptor = RegionAdaptor(2, transformed_units=(7,))
    transformed = adaptor({"country": COUNTRY[:, :0], "dependent": DEPENDENT})
    assert [of_copy.shape for of_copy in transformed] == [(6, 7), (6, 7)]
    assert sum(np.prod(weight.shape) for weight in adaptor.weights) == 2 * (4 * 7 + 7)


def test_all_copies_start_alike() -> None:
    adaptor = RegionAdaptor(3, seed=1)
    adaptor(STREAMS)
    for weight in adaptor.weights:
        np.testing.assert_array_equal(weight[0], weight[1])
        np.testing.assert_array_equal(weight[0], weight[2])


def test_parameters() -> None:
    adaptor = RegionAdaptor(3, mask_units=(16,), transformed_units=(64,))
    adaptor(STREAMS)
    mask = 3 * 16 + 16 + 16 * 4 + 4
    assert adaptor.count_params() == 3 * (mask + 4 * 64 + 64)
