"""Regions made unknown in training, so that an unseen one meets a mask that was learnt."""

from collections.abc import Mapping, Sequence

import tensorflow as tf

from data.definition.dataset import Dataset
from data.definition.feature import Feature
from models.features.feature_ids import unknown_ids
from models.replicas import worker_seed


class UnknownRegions(tf.keras.layers.Layer):
    """Gives a share of the training lists the unknown id of every categorical country feature.

    The draw follows from (seed, step); the step is a weight that is saved with the layer, so that
    a training resumed from a checkpoint draws what an undisturbed one would have.

    Args:
        dataset: the dataset.
        features: those whose ids come in, in their order.
        sizes: number of ids of each of them; the unknown ids are the last ones.
        share: share of lists, in [0, 1).
        seed: seed of the draws.
    """

    def __init__(
        self,
        dataset: Dataset,
        features: Sequence[Feature],
        sizes: Mapping[str, int],
        share: float,
        seed: int | None = None,
    ) -> None:
        super().__init__(name="unknown_regions")
        country = dataset.country_features
        self.unknown = [unknown_ids(one) if one.name in country else 0 for one in features]
        self.first = [
            sizes[one.name] - unknown for one, unknown in zip(features, self.unknown, strict=True)
        ]
        self.share = share
        self.seed = seed

    def build(self, input_shape: tf.TensorShape | None = None) -> None:
        """Makes the counter of steps."""
        self.step = self.add_weight("step", (), "int64", "zeros", trainable=False)
        super().build(input_shape)

    def call(self, ids: tf.Tensor, training: bool | None = None) -> tf.Tensor:
        """Replaces ids in training, passes them on otherwise.

        Args:
            ids: of context features, int64 [B, C].
            training: whether to replace.

        Returns:
            int64 [B, C], with other ids for the lists that were drawn.
        """
        if not training or not self.share or not any(self.unknown):
            return ids
        step = self.step.assign_add(1, read_value=True)
        seed = tf.stack([worker_seed(self.seed), tf.cast(step, tf.int64)])
        # Those with a place in [0, 1), which also picks one of the unknown ids.
        place = tf.random.stateless_uniform([tf.shape(ids)[0], 1], seed) / self.share
        unknown = self.first + tf.cast(place * tf.cast(self.unknown, tf.float32), tf.int64)
        replaced = (place < 1.0) & (tf.constant(self.unknown) > 0)
        return tf.where(replaced, unknown, ids)
