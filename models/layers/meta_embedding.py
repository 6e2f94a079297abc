"""Embeddings of ids that are seen a few times, scaled and shifted by what else is known of them."""

from collections.abc import Iterator
from typing import Any

import tensorflow as tf

from models.layers.axes import NamedAxes, Names
from models.layers.building import build_inside
from models.layers.mlp import MultiLayerPerceptron
from models.layers.seeds import derived_seed


@tf.keras.utils.register_keras_serializable(package="seqmd")
class MetaEmbedding(tf.keras.layers.Layer):
    """warm = (1 + scale(side)) * embedding + shift(side), two MLPs with one hidden layer each.

    Both start at 0, and the embedding is passed on as it is. What many entries teach of the side
    information reaches an id that hardly any entry has.

    Args:
        hidden_units: width of the hidden layers.
        seed: seed of initial weights.

    Source:
        Zhu et al., "Learning to Warm Up Cold Item Embeddings for Cold-start Recommendation with
        Meta Scaling and Shifting Networks", SIGIR 2021. There, the shift reads the mean embedding
        of the users who touched the item; here it reads the side information, as the scale does.
    """

    def __init__(self, hidden_units: int = 16, seed: int | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.hidden_units = hidden_units
        self.seed = seed

    def build(self, input_shape: tuple[tf.TensorShape, tf.TensorShape]) -> None:
        """Makes the two networks.

        Args:
            input_shape: of the embeddings, [H, width], and of the side information, [H, S].
        """
        embedding, side = map(tf.TensorShape, input_shape)
        self.scale = build_inside(self._network("scale", embedding[-1]), side)
        self.shift = build_inside(self._network("shift", embedding[-1]), side)
        super().build(input_shape)

    def _network(self, name: str, width: int) -> MultiLayerPerceptron:
        seed = derived_seed(self.seed, name)
        units = (self.hidden_units, width)
        return MultiLayerPerceptron(
            units, last_activation=None, zero_last=True, seed=seed, name=name
        )

    def call(self, inputs: tuple[tf.Tensor, tf.Tensor]) -> tf.Tensor:
        """Scales and shifts embeddings.

        Args:
            inputs: embeddings of the ids, float [H, width], and side information, float [H, S].

        Returns:
            float [H, width].
        """
        embedding, side = inputs
        (scale,), (shift,) = self.scale(side), self.shift(side)
        return (1.0 + scale) * embedding + shift

    def parameters(self, width: int, side: int) -> int:
        """Trainable numbers, with embeddings and side information of some widths."""
        hidden = self.hidden_units
        return 2 * (side * hidden + hidden + hidden * width + width)

    def compute_output_shape(
        self, input_shape: tuple[tf.TensorShape, tf.TensorShape]
    ) -> tf.TensorShape:
        """Shape [H, width] of the embeddings."""
        return tf.TensorShape(input_shape[0])

    def axes(self, side: Names, embedding: Names | None = None) -> Iterator[NamedAxes]:
        """The weights with the names of the side information and of the embedding's columns."""
        yield from self.scale.axes(side, outputs=embedding)
        yield from self.shift.axes(side, outputs=embedding)

    def get_config(self) -> dict[str, Any]:
        """The arguments of the layer."""
        return {**super().get_config(), "hidden_units": self.hidden_units, "seed": self.seed}
