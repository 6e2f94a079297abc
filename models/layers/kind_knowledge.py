"""What the kinds of items have in common, and what each has for itself."""

from collections.abc import Iterator, Sequence
from typing import Any, Literal

import tensorflow as tf

from models.layers.axes import NamedAxes, Names, unit_names
from models.layers.building import build_inside
from models.layers.mlp import MultiLayerPerceptron
from models.layers.seeds import derived_seed
from models.replicas import summed

Polarised = Literal["signed", "absolute"]


@tf.keras.utils.register_keras_serializable(package="seqmd")
class KindKnowledge(tf.keras.layers.Layer):
    """g_common = MLP(q) and g_private = MLP_k(v), k the item's kind, held apart in training.

    The polarised loss adds weight * mean of cos(g_common, g_private) over the items of the named
    kinds. Its least value, -1, says opposite; that of its absolute value, 0, says different.

    Args:
        kinds: names of the K kinds.
        units: widths of the MLPs.
        polarised: `signed` or `absolute`: what of the cosine is the loss.
        weight: weight of the loss; 0 leaves it out.
        seed: seed of initial weights.

    Source:
        MKT (arXiv 2402.19101), polarised distribution loss.
    """

    def __init__(
        self,
        kinds: Sequence[str],
        units: Sequence[int] = (32,),
        polarised: Polarised = "signed",
        weight: float = 0.1,
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.kinds = tuple(kinds)
        self.units = tuple(units)
        self.polarised: Polarised = polarised
        self.weight = weight
        self.seed = seed

    def build(self, input_shape: Sequence[tf.TensorShape]) -> None:
        """Makes the MLPs of the shapes of q and v."""
        aligned, raw = input_shape[:2]
        self.common = build_inside(self._mlp("common", 1), aligned)
        self.private = build_inside(self._mlp("private", len(self.kinds)), raw)
        super().build(input_shape)

    def _mlp(self, name: str, copies: int) -> MultiLayerPerceptron:
        seed = derived_seed(self.seed, name)
        # Linear at the end: vectors of numbers above 0 could not point apart.
        return MultiLayerPerceptron(
            self.units, copies, last_activation=None, common_draw=False, seed=seed, name=name
        )

    def call(self, inputs: Sequence[tf.Tensor], training: bool | None = None) -> list[tf.Tensor]:
        """Finds both vectors.

        Args:
            inputs: q, aligned features, float [N, width]; v, features as they are, float
                [N, width]; the kind of each item, float [N, K].
            training: whether the loss is added.

        Returns:
            g_common and g_private, float [N, units[-1]] each; the latter is 0 for other kinds.
        """
        aligned, raw, kinds = inputs
        common = self.common(aligned)[0]
        own = tf.split(kinds, len(self.kinds), axis=1)
        private = tf.add_n([of * one for of, one in zip(own, self.private(raw), strict=True)])
        if training and self.weight:
            self.add_loss(self.weight * self._polarised_loss(common, private, kinds))
        return [common, private]

    def _polarised_loss(self, common: tf.Tensor, private: tf.Tensor, kinds: tf.Tensor) -> tf.Tensor:
        """The mean over the items of all workers; each adds its own."""
        first, second = (tf.math.l2_normalize(one, axis=1) for one in (common, private))
        cosine = tf.reduce_sum(first * second, axis=1)
        cosine = tf.abs(cosine) if self.polarised == "absolute" else cosine
        named = tf.reduce_sum(kinds, axis=1)
        return tf.math.divide_no_nan(tf.reduce_sum(cosine * named), summed(tf.reduce_sum(named)))

    def output_names(self) -> Names:
        """Names of both vectors' numbers."""
        width = self.units[-1]
        return unit_names("common", width) + unit_names("private", width)

    def axes(self, aligned: Names, raw: Names) -> Iterator[NamedAxes]:
        """The weights with the names of the columns of q and v."""
        yield from self.common.axes(aligned)
        yield from self.private.axes(raw, tuple(f"kind:{kind}" for kind in self.kinds))

    def get_config(self) -> dict[str, Any]:
        """The arguments of the layer."""
        own = ("kinds", "units", "polarised", "weight", "seed")
        return {**super().get_config(), **{name: getattr(self, name) for name in own}}
