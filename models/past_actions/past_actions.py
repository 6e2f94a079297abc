"""Learning what was done to single pieces of the past; nothing of it is served."""

import tensorflow as tf

from models.config import TrainingConfig
from models.features.feature_ids import MISSING_ID
from models.features.single_pieces import SinglePieces
from models.layers.seeds import derived_seed, seeded
from models.ranking_model import RankingModel
from models.replicas import summed

_HIDDEN_UNITS = 16


class PastActions(tf.Module):
    """loss = weight * sum_h w_h -log softmax(MLP([embedding_h, side_h]))[action_h] / sum_h w_h.

    The entries h are the single pieces of a batch's histories whose action is known, w_h is the
    weight of their list. What is sold is never shown again, and no label of a shown list says
    anything of it but through whole histories; this loss goes on teaching its embedding, and with
    it the networks that scale and shift embeddings by side information.

    Args:
        width: of an entry's embedding and side information together.
        actions: number of ids that actions have; that of a missing one is `MISSING_ID`.
        weight: weight of the loss.
        seed: seed of initial weights.
    """

    def __init__(
        self, width: int, actions: int, weight: float = 1.0, seed: int | None = None
    ) -> None:
        super().__init__(name="past_actions")
        self._weight = weight
        hidden = seeded("glorot_uniform", derived_seed(seed, "past actions"))
        self._network = tf.keras.Sequential(
            [
                tf.keras.layers.Dense(_HIDDEN_UNITS, "relu", kernel_initializer=hidden),
                tf.keras.layers.Dense(actions, kernel_initializer="zeros"),
            ],
            name="past_actions",
        )
        self._network.build((None, width))

    @classmethod
    def of(cls, model: RankingModel, training: TrainingConfig) -> "PastActions | None":
        """Beside a model; None where it has no histories with actions of single pieces.

        A second stage has none: all that it would teach is frozen.

        Args:
            model: the model.
            training: the weight, of which 0 makes none, and the seed.
        """
        history = model.streams.history
        if history is None or history.split is None or history.split.action is None:
            return None
        if not training.past_actions or model.config.second_stage is not None:
            return None
        rows = model.streams.embeddings.rows_of(model.dataset.feature(history.split.action))
        width = history.encoder.width_known
        return cls(width, rows.after - rows.first, training.past_actions, training.seed)

    def loss(self, past: SinglePieces, list_weights: tf.Tensor) -> tf.Tensor:
        """The loss of a batch.

        Args:
            past: the single pieces of its histories.
            list_weights: weight of each list, float [B].

        Returns:
            A scalar, 0 without entries. Those of several workers add up to the loss of the whole
            batch.
        """
        logits = self._network(past.entries)
        losses = tf.nn.sparse_softmax_cross_entropy_with_logits(past.actions, logits)
        weights = tf.gather(list_weights, past.list_of_entry)
        known = tf.where(past.actions == MISSING_ID, 0.0, weights)
        mean = tf.math.divide_no_nan(tf.reduce_sum(known * losses), summed(tf.reduce_sum(known)))
        return self._weight * mean
