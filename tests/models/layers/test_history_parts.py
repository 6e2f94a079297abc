import numpy as np
import pytest
import tensorflow as tf

from models.layers.history_parts import few_in_stock, history_parts

NAN = float("nan")


def test_each_history_is_taken_apart_in_its_order() -> None:
    # Histories of 3, 0, 2 and 1 entries.
    chosen = tf.constant([True, False, True, False, True, False])
    lengths = tf.constant([3, 0, 2, 1], tf.int64)
    few, rest = history_parts(chosen, lengths)
    assert few.places.numpy().tolist() == [0, 2, 4]
    assert few.lengths.numpy().tolist() == [2, 0, 1, 0]
    assert rest.places.numpy().tolist() == [1, 3, 5]
    assert rest.lengths.numpy().tolist() == [1, 0, 1, 1]
    assert few.of(tf.range(10, 16)).numpy().tolist() == [10, 12, 14]


@pytest.mark.parametrize("all_chosen", [True, False])
def test_one_part_may_have_all_entries(all_chosen: bool) -> None:
    lengths = tf.constant([2, 1], tf.int64)
    parts = history_parts(tf.fill([3], all_chosen), lengths)
    whole, none = parts if all_chosen else parts[::-1]
    assert whole.places.numpy().tolist() == [0, 1, 2]
    assert whole.lengths.numpy().tolist() == [2, 1]
    assert none.places.numpy().tolist() == []
    assert none.lengths.numpy().tolist() == [0, 0]


def test_one_list_stays_known_to_be_one() -> None:
    @tf.function(
        input_signature=[tf.TensorSpec([None], tf.bool), tf.TensorSpec([1], tf.int64)],
        autograph=False,
    )
    def lengths_of(chosen: tf.Tensor, lengths: tf.Tensor) -> tf.Tensor:
        few, rest = history_parts(chosen, lengths)
        assert few.lengths.shape == rest.lengths.shape == [1]
        return few.lengths

    assert lengths_of(tf.constant([True, False]), tf.constant([2], tf.int64)).numpy() == [1]


def test_a_batch_without_entries() -> None:
    few, rest = history_parts(tf.zeros([0], tf.bool), tf.constant([0, 0], tf.int64))
    assert few.lengths.numpy().tolist() == rest.lengths.numpy().tolist() == [0, 0]


def test_unknown_stock_is_not_a_single_piece() -> None:
    found = few_in_stock(tf.constant([0.0, 1.0, 1.5, 2.0, NAN]), 1)
    np.testing.assert_array_equal(found, [True, True, False, False, False])
