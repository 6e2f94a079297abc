"""Regions made unknown in training, so that an unseen one meets a mask that was learnt."""

from collections.abc import Mapping

import tensorflow as tf

from data.definition.dataset import Dataset
from models.features import transformed
from models.replicas import worker_seed


class UnknownRegions(tf.keras.layers.Layer):
    """Gives a share of the training lists the unknown id of every categorical country feature.

    The draw follows from (seed, step); the step is a weight that is saved with the layer, so that
    a training resumed from a checkpoint draws what an undisturbed one would have.

    Args:
        dataset: the dataset.
        sizes: number of ids of each categorical feature; the unknown ids are the last ones.
        share: share of lists, in [0, 1).
        seed: seed of the draws.
    """

    def __init__(
        self, dataset: Dataset, sizes: Mapping[str, int], share: float, seed: int | None = None
    ) -> None:
        super().__init__(name="unknown_regions")
        self.buckets = {
            feature.name: feature.out_of_vocabulary_buckets
            for feature in dataset.categorical_features
            if feature.name in dataset.country_features
        }
        self.sizes = {name: sizes[name] for name in self.buckets}
        self.share = share
        self.seed = seed

    def build(self, input_shape: Mapping[str, tf.TensorShape] | None = None) -> None:
        """Makes the counter of steps."""
        self.step = self.add_weight("step", (), "int64", "zeros", trainable=False)
        super().build(input_shape)

    def call(
        self, inputs: Mapping[str, tf.Tensor], training: bool | None = None
    ) -> dict[str, tf.Tensor]:
        """Replaces ids in training, passes everything on otherwise.

        Args:
            inputs: what the transform graph puts out.
            training: whether to replace.

        Returns:
            The inputs, with other ids for the lists that were drawn.
        """
        if not training or not self.share or not self.buckets:
            return dict(inputs)
        step = self.step.assign_add(1, read_value=True)
        seed = tf.stack([worker_seed(self.seed), tf.cast(step, tf.int64)])
        lists = tf.size(inputs[transformed.ROW_LENGTHS])
        place = tf.random.stateless_uniform([lists], seed) / self.share
        return {
            **inputs,
            **{name: self._replaced(name, inputs[name], place) for name in self.sizes},
        }

    def _replaced(self, name: str, ids: tf.Tensor, place: tf.Tensor) -> tf.Tensor:
        """Ids of the lists with a place in [0, 1), which also picks one of the unknown ids."""
        bucket = tf.cast(place * self.buckets[name], tf.int64)
        unknown = self.sizes[name] - self.buckets[name] + bucket
        return tf.where(place < 1.0, unknown, ids)
