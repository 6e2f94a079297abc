from typing import Any

import numpy as np
import pytest

from models.layers.meta_embedding import MetaEmbedding

GENERATOR = np.random.default_rng(3)
EMBEDDING = GENERATOR.normal(size=(5, 4)).astype(np.float32)
SIDE = GENERATOR.normal(size=(5, 3)).astype(np.float32)


def shaken(layer: MetaEmbedding) -> MetaEmbedding:
    generator = np.random.default_rng(5)
    for weight in layer.trainable_weights:
        weight.assign(generator.normal(size=weight.shape))
    return layer


def test_starts_as_the_embedding_itself() -> None:
    np.testing.assert_array_equal(MetaEmbedding(seed=1)((EMBEDDING, SIDE)), EMBEDDING)


def test_is_scaled_and_shifted_by_networks_over_side_information() -> None:
    layer = MetaEmbedding(seed=1)
    layer((EMBEDDING, SIDE))
    found = shaken(layer)((EMBEDDING, SIDE))

    def network(stack: list[Any]) -> np.ndarray:
        hidden, last = stack
        units = np.maximum(SIDE @ hidden.kernel[0] + hidden.bias[0], 0)
        return np.asarray(units @ last.kernel[0] + last.bias[0])

    scale, shift = network(layer.scale.stack), network(layer.shift.stack)
    assert np.abs(scale).min(axis=0).max() > 0.01
    np.testing.assert_allclose(found, (1 + scale) * EMBEDDING + shift, rtol=1e-4, atol=1e-4)


def test_an_id_that_was_never_seen_is_what_its_side_information_says() -> None:
    layer = MetaEmbedding(seed=1)
    layer((EMBEDDING, SIDE))
    unseen = shaken(layer)((np.zeros_like(EMBEDDING), SIDE))
    np.testing.assert_allclose(unseen, layer.shift(SIDE)[0], atol=1e-6)
    assert np.abs(unseen).max() > 0.1


def test_parameters() -> None:
    layer = MetaEmbedding()
    layer((EMBEDDING, SIDE))
    assert layer.count_params() == 2 * ((3 * 16 + 16) + (16 * 4 + 4))


def test_weights_have_the_names_of_what_they_read_and_put_out() -> None:
    layer = MetaEmbedding()
    layer((EMBEDDING, SIDE))
    side, columns = ("a", "b", "c"), ("id[0]", "id[1]", "id[2]", "id[3]")
    named = {one.weight.ref(): one.names for one in layer.axes(side, columns)}
    assert set(named) == {weight.ref() for weight in layer.weights}
    assert named[layer.scale.stack[0].kernel.ref()] == (None, side, None)
    assert named[layer.shift.stack[1].kernel.ref()] == (None, None, columns)


@pytest.mark.parametrize("hidden_units", [2, 16])
def test_is_the_same_from_its_config(hidden_units: int) -> None:
    layer = MetaEmbedding(hidden_units, seed=7, name="meta")
    layer((EMBEDDING, SIDE))
    again = MetaEmbedding.from_config(layer.get_config())
    again((EMBEDDING, SIDE))
    again.set_weights(shaken(layer).get_weights())
    np.testing.assert_array_equal(again((EMBEDDING, SIDE)), layer((EMBEDDING, SIDE)))
