import numpy as np
import pytest
import tensorflow as tf

from models.layers.building import build_inside
from models.layers.history_encoder import History, HistoryEncoder
from models.layers.split_history_encoder import SplitHistoryEncoder

# Two lists of 2 and 3 candidates and three of no history, 3 and 2 entries.
CANDIDATES, ENTRIES = [2, 3, 1], [0, 3, 2]
FEW = tf.constant([True, False, True, False, False])
NAMES = ("id[0]", "id[1]", "id[2]", "price", "action[0]")


def _normal(*shape: int) -> tf.Tensor:
    return tf.constant(np.random.default_rng(sum(shape)).normal(size=shape).astype(np.float32))


HISTORY = History(
    _normal(6, 4),
    tf.constant(CANDIDATES, tf.int64),
    _normal(5, 5),
    tf.constant([0, 1, 2, 0, 1], tf.int64),
    tf.constant(ENTRIES, tf.int64),
)
SHAPES = History(*(tf.TensorShape((None, *part.shape[1:])) for part in HISTORY))


def encoder(seed: int = 1, shaken: bool = True) -> SplitHistoryEncoder:
    layer = SplitHistoryEncoder(6, 2, 3, seed, id_columns=(0, 3), side_columns=(3,), name="history")
    build_inside(layer, SHAPES)
    if shaken:
        generator = np.random.default_rng(3)
        for weight in layer.trainable_weights:
            weight.assign_add(generator.normal(0, 0.3, weight.shape))
    return layer


def whole(layer: SplitHistoryEncoder) -> HistoryEncoder:
    """An encoder of all entries with the weights of a split one that it shares."""
    found = build_inside(HistoryEncoder(6, 2, 3, 1, name="history"), SHAPES)
    of = {weight.name: weight for weight in layer.weights}
    for weight in found.weights:
        weight.assign(of[weight.name])
    return found


def test_without_single_pieces_it_is_the_encoder_of_all_entries() -> None:
    layer = encoder(shaken=False)
    alone = build_inside(HistoryEncoder(6, 2, 3, 1, name="history"), SHAPES)
    none = tf.zeros_like(FEW)
    np.testing.assert_array_equal(layer(HISTORY, none), alone(HISTORY))
    layer = encoder()
    for few in (none, None):
        np.testing.assert_array_equal(layer(HISTORY, few), whole(layer)(HISTORY))


def test_each_part_has_its_encoder_and_single_pieces_warm_ids() -> None:
    layer = encoder()
    entries = HISTORY.entries.numpy()
    warm = layer.meta((entries[[0, 2], :3], entries[[0, 2], 3:4])).numpy()
    assert np.abs(warm - entries[[0, 2], :3]).max() > 0.1
    single = HISTORY._replace(
        entries=tf.constant(np.concatenate([warm, entries[[0, 2], 3:]], axis=1)),
        ages=tf.gather(HISTORY.ages, [0, 2]),
        lengths=tf.constant([0, 2, 0], tf.int64),
    )
    rest = HISTORY._replace(
        entries=tf.gather(HISTORY.entries, [1, 3, 4]),
        ages=tf.gather(HISTORY.ages, [1, 3, 4]),
        lengths=tf.constant([0, 1, 2], tf.int64),
    )
    expected = whole(layer)(rest) + layer.single_pieces(single)
    found = layer(HISTORY, FEW).numpy()
    np.testing.assert_allclose(found, expected, atol=1e-6)
    np.testing.assert_array_equal(found[:2], np.zeros((2, 8)))


def test_candidates_one_by_one_are_what_they_are_together() -> None:
    layer = encoder()
    found = layer(HISTORY, FEW).numpy()
    for candidate, of_list in enumerate([0, 0, 1, 1, 1, 2]):
        start = sum(ENTRIES[:of_list])
        own = slice(start, start + ENTRIES[of_list])
        one = tf.constant([1], tf.int64)
        alone = History(
            HISTORY.candidates[candidate : candidate + 1],
            one,
            HISTORY.entries[own],
            HISTORY.ages[own],
            one * ENTRIES[of_list],
        )
        np.testing.assert_allclose(layer(alone, FEW[own])[0], found[candidate], atol=1e-6)


def test_ids_may_be_left_out() -> None:
    layer = build_inside(SplitHistoryEncoder(6, 2, 3, 1, name="history"), SHAPES)
    assert not [weight.name for weight in layer.weights if "meta" in weight.name]
    np.testing.assert_array_equal(layer.warmed(HISTORY.entries), HISTORY.entries)
    assert layer(HISTORY, FEW).shape == (6, 8)


def test_is_the_same_from_its_config() -> None:
    layer = encoder()
    again = build_inside(SplitHistoryEncoder.from_config(layer.get_config()), SHAPES)
    again.set_weights(layer.get_weights())
    np.testing.assert_array_equal(again(HISTORY, FEW), layer(HISTORY, FEW))


@pytest.mark.parametrize("names", [None, NAMES])
def test_weights_follow_the_names_of_what_they_read(names: tuple[str, ...] | None) -> None:
    layer = encoder()
    named = {one.weight.ref(): one.names for one in layer.axes(None, names)}
    assert named[layer.single_pieces.key.ref()] == (names, None)
    if names:
        kernel = layer.meta.scale.stack[0].kernel
        assert named[kernel.ref()] == (None, ("price",), None)
        assert named[layer.meta.shift.stack[1].kernel.ref()] == (None, None, names[:3])
