import numpy as np
import pytest
import tensorflow as tf

from models.layers.history_encoder import History, HistoryEncoder

CANDIDATES, ENTRIES, AGES = 3, 4, 3
# The entries' first two columns say what the candidates' last and first say.
ALIKE = (2, 0, -1, -1)
# Three lists; the second one has no history.
ITEMS, LENGTHS = (2, 3, 1), (4, 0, 2)


def drawn(seed: int = 1) -> History:
    generator = np.random.default_rng(seed)
    return History(
        candidates=tf.constant(generator.normal(size=(sum(ITEMS), CANDIDATES)), tf.float32),
        row_lengths=tf.constant(ITEMS, tf.int64),
        entries=tf.constant(generator.normal(size=(sum(LENGTHS), ENTRIES)), tf.float32),
        ages=tf.constant(generator.integers(0, AGES, sum(LENGTHS))),
        lengths=tf.constant(LENGTHS, tf.int64),
    )


@pytest.fixture
def encoder() -> HistoryEncoder:
    """With weights away from their start."""
    layer = HistoryEncoder(units=6, heads=2, ages=AGES, alike=ALIKE, seed=1)
    layer(drawn())
    generator = np.random.default_rng(2)
    for weight in layer.trainable_weights:
        weight.assign(generator.normal(size=weight.shape))
    return layer


def of_list(history: History, number: int) -> History:
    """A list by itself, as a server has it: that it is one is known beforehand."""
    items, entries = np.cumsum((0, *ITEMS)), np.cumsum((0, *LENGTHS))
    own = slice(items[number], items[number + 1])
    done = slice(entries[number], entries[number + 1])
    return History(
        history.candidates[own],
        tf.constant([ITEMS[number]], tf.int64),
        history.entries[done],
        history.ages[done],
        tf.constant([LENGTHS[number]], tf.int64),
    )


def test_entries_are_weighed_by_how_well_they_fit_the_candidate(encoder: HistoryEncoder) -> None:
    history = drawn()
    query, key, value, biases, age = (weight.numpy() for weight in encoder.trainable_weights)
    found = encoder(history).numpy()
    items, entries = np.repeat(range(3), ITEMS), np.repeat(range(3), LENGTHS)
    keys, values = (
        history.entries.numpy() @ kernel + bias
        for kernel, bias in ((key, biases[1]), (value, biases[2]))
    )
    for number, candidate in enumerate(history.candidates.numpy()):
        own = entries == items[number]
        asked = candidate @ query + biases[0]
        for head in range(2):
            units = slice(3 * head, 3 * head + 3)
            logits = keys[own, units] @ asked[units] / np.sqrt(3)
            logits += age[history.ages.numpy()[own], head]
            total = 1 + np.exp(logits).sum()
            weights = np.exp(logits) / total
            np.testing.assert_allclose(found[number, 6 + head], np.log(total), atol=1e-5)
            np.testing.assert_allclose(
                found[number, units], weights @ values[own, units], atol=1e-5
            )


def test_an_empty_history_gives_exactly_zeros(encoder: HistoryEncoder) -> None:
    history = drawn()
    together, alone = encoder(history), encoder(of_list(history, 1))
    np.testing.assert_array_equal(together[2:5], np.zeros((3, 8)))
    np.testing.assert_array_equal(alone, np.zeros((3, 8)))
    no_list_has_one = history._replace(
        entries=tf.zeros([0, ENTRIES]),
        ages=tf.zeros([0], tf.int64),
        lengths=tf.zeros([3], tf.int64),
    )
    np.testing.assert_array_equal(encoder(no_list_has_one), np.zeros((6, 8)))


def test_a_batch_may_be_empty(encoder: HistoryEncoder) -> None:
    none = tf.zeros([0], tf.int64)
    empty = History(tf.zeros([0, CANDIDATES]), none, tf.zeros([0, ENTRIES]), none, none)
    assert encoder(empty).shape == (0, 8)


def test_lists_one_by_one_equal_lists_together(encoder: HistoryEncoder) -> None:
    history = drawn()
    alone = [encoder(of_list(history, number)) for number in range(3)]
    np.testing.assert_allclose(encoder(history), np.concatenate(alone), atol=1e-6)


def test_candidates_one_by_one_equal_candidates_together(encoder: HistoryEncoder) -> None:
    whole = of_list(drawn(), 0)
    one = tf.constant([1], tf.int64)
    alone = [
        encoder(whole._replace(candidates=whole.candidates[number : number + 1], row_lengths=one))
        for number in range(2)
    ]
    np.testing.assert_allclose(encoder(whole), np.concatenate(alone), atol=1e-6)


def test_the_order_of_entries_says_nothing(encoder: HistoryEncoder) -> None:
    history = drawn()
    # Those of each list among themselves.
    order = [3, 1, 0, 2, 5, 4]
    turned = history._replace(
        entries=tf.gather(history.entries, order), ages=tf.gather(history.ages, order)
    )
    np.testing.assert_allclose(encoder(turned), encoder(history), atol=1e-6)


def test_an_age_weighs_an_entry(encoder: HistoryEncoder) -> None:
    history = drawn()
    encoder.age.assign([[0.0, 0.0], [-1e9, -1e9], [0.0, 0.0]])
    forgotten = history._replace(ages=tf.constant([1] * 6, tf.int64))
    np.testing.assert_array_equal(encoder(forgotten), np.zeros((6, 8)))
    kept = history._replace(ages=tf.constant([0, 1, 1, 1, 1, 1], tf.int64))
    first = history._replace(
        entries=history.entries[:1], ages=tf.zeros([1], tf.int64), lengths=tf.constant([1, 0, 0])
    )
    np.testing.assert_allclose(encoder(kept), encoder(first), atol=1e-6)


def test_gradients_reach_all_weights_from_uneven_lists(encoder: HistoryEncoder) -> None:
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(encoder(drawn()) ** 2)
    gradients = tape.gradient(loss, encoder.trainable_weights)
    for weight, gradient in zip(encoder.trainable_weights, gradients, strict=True):
        # Those of the ages' biases come row by row.
        values = tf.convert_to_tensor(gradient).numpy()
        assert np.isfinite(values).all(), weight.name
        assert values.any(), weight.name


def test_config_and_weights_make_the_layer_again(encoder: HistoryEncoder) -> None:
    history = drawn()
    again = HistoryEncoder.from_config(encoder.get_config())
    again(history)
    again.set_weights(encoder.get_weights())
    np.testing.assert_array_equal(again(history), encoder(history))


def test_draws_follow_from_the_seed() -> None:
    found = [
        HistoryEncoder(seed=seed)(drawn()._replace(ages=tf.zeros([6], tf.int64)))
        for seed in (1, 1, 2)
    ]
    np.testing.assert_array_equal(found[0], found[1])
    assert np.not_equal(found[0], found[2]).any()


def test_heads_share_the_width() -> None:
    with pytest.raises(ValueError, match="a multiple of the 3 heads, found 32"):
        HistoryEncoder(units=32, heads=3)


def test_keys_start_as_queries_where_columns_are_alike() -> None:
    layer = HistoryEncoder(units=6, ages=AGES, alike=ALIKE, seed=1)
    layer(drawn())
    np.testing.assert_array_equal(layer.key[:2], layer.query.numpy()[[2, 0]])
    other = HistoryEncoder(units=6, ages=AGES, seed=1)
    other(drawn())
    np.testing.assert_array_equal(layer.query, other.query)
    np.testing.assert_array_equal(layer.key[2:], other.key[2:])
    assert np.not_equal(layer.key[:2], other.key[:2]).all()


def test_what_is_equal_starts_with_a_logit_of_four() -> None:
    width = 40
    layer = HistoryEncoder(units=400, heads=1, alike=range(width), seed=1)
    same = tf.constant(np.random.default_rng(1).choice([-1.0, 1.0], (1, width)), tf.float32)
    one = tf.constant([1], tf.int64)
    found = layer(History(same, one, same, tf.zeros([1], tf.int64), one))
    # log(1 + exp(logit))
    np.testing.assert_allclose(np.log(np.expm1(found[0, -1])), 4, atol=0.8)
