import math

import numpy as np
import pytest
import tensorflow as tf

from models.attributes.config import AttributeConfig
from models.attributes.network import AttributeScorer, bag_tensors, retrieval_loss


def loss(true: list[bool], left_out: float = 0.0, known: float = 1.0) -> float:
    """Of one listing and one pair with the scores 0 (null), log 2 and log 5."""
    return float(
        retrieval_loss(
            tf.constant([[0.0, math.log(2), math.log(5)]]),
            tf.constant([0, 0, 0]),
            tf.constant([true]),
            tf.constant([[known]]),
            tf.constant([[left_out]]),
        )
    )


def test_cross_entropy_over_null_and_values() -> None:
    assert loss([False, True, False]) == pytest.approx(-math.log(2 / 8))
    assert loss([True, False, False]) == pytest.approx(-math.log(1 / 8))
    assert loss([False, True, True]) == pytest.approx(-math.log(7 / 8))
    assert loss([True, False, False], known=0.0) == 0


def test_silence_may_be_an_omission() -> None:
    """p_null = 1/8, and a share of .4 have the attribute and do not state it."""
    assert loss([True, False, False], left_out=0.4) == pytest.approx(-math.log(1 / 8 + 0.4 * 7 / 8))


def test_pairs_do_not_meet() -> None:
    both = retrieval_loss(
        tf.constant([[0.0, 1.0, 100.0, 100.0]]),
        tf.constant([0, 0, 1, 1]),
        tf.constant([[False, True, True, False]]),
        tf.ones([1, 2]),
        tf.zeros([1, 2]),
    )
    expected = (math.log(1 + math.exp(-1)) + math.log(2)) / 2
    assert float(both) == pytest.approx(expected, rel=1e-5)


def test_the_score_is_similarity_and_the_best_place() -> None:
    scorer = AttributeScorer(AttributeConfig(units=4, buckets=8, match_buckets=8, match_units=2))
    bags = bag_tensors(np.array([1, 2, 3]), np.ones(3), np.array([0, 0, 1]), 2)
    nowhere = {"places": tf.zeros([0, 1], tf.int32), "cells": tf.zeros([0], tf.int32)}
    plain = scorer({"queries": bags, "keys": bags, **nowhere})
    np.testing.assert_allclose(np.diag(plain), [20, 20], rtol=1e-5)  # cos = 1, 1 / .05
    places = tf.constant([[0, 1], [2, 3], [4, 5]])
    added = scorer.place_score(places).numpy()
    cells = tf.constant([1, 1, 2])
    scores = scorer({"queries": bags, "keys": bags, "places": places, "cells": cells})
    expected = [[0, added[:2].max()], [added[2], 0]]
    np.testing.assert_allclose(scores - plain, expected, atol=1e-5)


def test_a_text_without_words_is_like_nothing() -> None:
    scorer = AttributeScorer(AttributeConfig(units=4, buckets=8, match_buckets=8, match_units=2))
    vectors = scorer.encoder(bag_tensors(np.array([1]), np.ones(1), np.array([1]), 2))
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), [0, 1], rtol=1e-5)
