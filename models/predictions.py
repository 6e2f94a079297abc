"""What a model says about items."""

from typing import NamedTuple

import tensorflow as tf


class Predictions(NamedTuple):
    """What the model says about N items.

    Attributes:
        logits: float [N, T], of the probabilities, which lists are ordered by.
        probabilities: float [N, T].
        score: float [N], what lists are ranked by.
        factors: float [N, T], logits of what descending probabilities are the product of; without
            these, `logits`.
        product: float [N, T], logits of that product; `logits` but for the ranker `journey`.
    """

    logits: tf.Tensor
    probabilities: tf.Tensor
    score: tf.Tensor
    factors: tf.Tensor
    product: tf.Tensor
