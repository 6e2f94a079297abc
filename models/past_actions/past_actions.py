"""Learning what was done to single pieces of the past; nothing of it is served."""

import tensorflow as tf

from models.layers.seeds import derived_seed, seeded
from models.replicas import summed

_HIDDEN_UNITS = 16


class PastActions(tf.Module):
    """loss = sum_h w_h -log softmax(MLP([embedding_h, side_h]))[action_h] / sum_h w_h.

    The entries h are the single pieces of a batch's histories whose action is known, w_h is the
    weight of their list. What is sold is never shown again, and no label of a shown list says
    anything of it but through whole histories; this loss goes on teaching its embedding, and with
    it the networks that scale and shift embeddings by side information.

    Args:
        width: of an entry's embedding and side information together.
        actions: number of ids that actions have.
        missing: ids, the first ones, that stand for no known action.
        seed: seed of initial weights.
    """

    def __init__(self, width: int, actions: int, missing: int, seed: int | None = None) -> None:
        super().__init__(name="past_actions")
        self._missing = missing
        hidden = seeded("glorot_uniform", derived_seed(seed, "past actions"))
        self._network = tf.keras.Sequential(
            [
                tf.keras.layers.Dense(_HIDDEN_UNITS, "relu", kernel_initializer=hidden),
                tf.keras.layers.Dense(actions, kernel_initializer="zeros"),
            ],
            name="past_actions",
        )
        self._network.build((None, width))

    def loss(self, entries: tf.Tensor, actions: tf.Tensor, weights: tf.Tensor) -> tf.Tensor:
        """The loss of the entries of a batch.

        Args:
            entries: embedding and side information, float [P, width].
            actions: id of what was done, int64 [P].
            weights: weight of the entry's list, float [P].

        Returns:
            A scalar, 0 without entries. Those of several workers add up to the loss of the whole
            batch.
        """
        logits = self._network(entries)
        losses = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=actions, logits=logits)
        known = tf.where(actions >= self._missing, weights, 0.0)
        return tf.math.divide_no_nan(tf.reduce_sum(known * losses), summed(tf.reduce_sum(known)))
