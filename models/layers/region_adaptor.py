"""The multi-distribution adaptor (MD): a mask by region over features that depend on it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import tensorflow as tf

from models.layers.axes import NamedAxes, Names
from models.layers.building import build_inside
from models.layers.mlp import MultiLayerPerceptron
from models.layers.seeds import derived_seed
from models.layers.streams import COUNTRY, COUNTRY_OF_LISTS, LIST_OF_ITEM, SHIFTED


@tf.keras.utils.register_keras_serializable(package="seqmd")
class RegionAdaptor(tf.keras.layers.Layer):
    """transformed_c = MLP_c(mask_c * dependent), mask_c = 2 sigmoid(MLP_c(country)).

    The last layer of the mask's MLP is linear and starts at zero, so every mask starts at exactly
    1: the adaptor starts as no adaptor. Without country features there is no mask. With a shift it
    is MLP_c(mask_c * dependent + shift_c), shift_c = MLP(country), which starts at 0: what is dear,
    late or well rated lies elsewhere by region, and a mask alone moves no such threshold.

    Args:
        copies: number of masks, each with its MLP: 1, or one for each task (Fig. 3b).
        mask_units: hidden widths of the mask's MLP.
        transformed_units: widths of the MLP over masked features; empty leaves it out, as
            Algorithm 1 does.
        dropout: share of hidden units dropped in training.
        seed: seed of initial weights and dropout.
        common_draw: whether all copies start from the same draw.
        shift: whether there is a shift beside each mask, from an MLP as wide as the mask's.

    Source:
        SEQ+MD (arXiv 2408.13357), section 3.3, Fig. 3 and 4.
    """

    def __init__(
        self,
        copies: int = 1,
        mask_units: Sequence[int] = (16,),
        transformed_units: Sequence[int] = (64,),
        dropout: float = 0.0,
        seed: int | None = None,
        common_draw: bool = True,
        shift: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.copies = copies
        self.mask_units = tuple(mask_units)
        self.transformed_units = tuple(transformed_units)
        self.dropout = dropout
        self.seed = seed
        self.common_draw = common_draw
        self.shift = shift

    def build(self, input_shape: Mapping[str, tf.TensorShape]) -> None:
        """Makes the MLPs of masks and of masked features."""
        country, dependent = input_shape["country"], input_shape["dependent"]
        self.mask_mlp, self.shift_mlp = None, None
        if country[-1]:
            self.mask_mlp = build_inside(self._of_region("mask", dependent[-1]), country)
        if country[-1] and self.shift:
            self.shift_mlp = build_inside(self._of_region("shift", dependent[-1]), country)
        transformed = MultiLayerPerceptron(
            self.transformed_units,
            self.copies,
            common_draw=self.common_draw,
            dropout=self.dropout,
            seed=derived_seed(self.seed, "transformed"),
            name="transformed",
        )
        self.transformed_mlp = build_inside(transformed, dependent)
        super().build(input_shape)

    def _of_region(self, name: str, width: int) -> MultiLayerPerceptron:
        return MultiLayerPerceptron(
            (*self.mask_units, width),
            self.copies,
            last_activation=None,
            zero_last=True,
            common_draw=self.common_draw,
            seed=derived_seed(self.seed, name),
            name=name,
        )

    def mask(self, country: tf.Tensor) -> tf.Tensor:
        """The masks of items; all 1 without country features.

        Args:
            country: float [N, C].

        Returns:
            float [copies, N, D] between 0 and 2; [1, 1, 1] without country features.
        """
        if self.mask_mlp is None:
            return tf.ones((1, 1, 1))
        return tf.stack(_masks(self.mask_mlp(country)))

    def call(
        self, inputs: Mapping[str, tf.Tensor], training: bool | None = None
    ) -> list[tf.Tensor]:
        """Transforms the dependent features.

        Args:
            inputs: streams `country` float [N, C] and `dependent` float [N, D], standardised or
                embedded. Where they say `country_of_lists` and `list_of_item` as well, masks are
                made once a list. Where they say `shifted`, columns that are 0 there have no shift.
                Other streams are ignored.
            training: whether units are dropped.

        Returns:
            `copies` times float [N, transformed_units[-1]].
        """
        dependent = inputs["dependent"]
        if self.mask_mlp is None:
            return self.transformed_mlp(dependent, training=training)
        masks = _of_items(_masks_of(self.mask_mlp), inputs)
        masked = [mask * dependent for mask in masks]
        if self.shift_mlp is not None:
            shifts = _of_items(self.shift_mlp, inputs)
            if SHIFTED in inputs:
                shifts = [shift * inputs[SHIFTED] for shift in shifts]
            masked = list(map(tf.add, masked, shifts))
        return self.transformed_mlp(masked, training=training)

    def compute_output_shape(self, input_shape: Mapping[str, tf.TensorShape]) -> tf.TensorShape:
        """Shape [copies, N, width] of the transformed features, stacked."""
        return self.transformed_mlp.compute_output_shape(input_shape["dependent"])

    def output_names(self, streams: Mapping[str, Names]) -> Names:
        """Names of a copy's outputs."""
        return self.transformed_mlp.output_names(streams["dependent"])

    def axes(
        self, streams: Mapping[str, Names], copies: Names | None = None
    ) -> Iterator[NamedAxes]:
        """The weights with the names of the streams' columns, and of copies where they have any."""
        for mlp in (self.mask_mlp, self.shift_mlp):
            if mlp is not None:
                yield from mlp.axes(streams["country"], copies, streams["dependent"])
        yield from self.transformed_mlp.axes(streams["dependent"], copies)

    def get_config(self) -> dict[str, Any]:
        """The arguments of the layer."""
        own = [
            "copies",
            "mask_units",
            "transformed_units",
            "dropout",
            "seed",
            "common_draw",
            "shift",
        ]
        return {**super().get_config(), **{name: getattr(self, name) for name in own}}


def _of_items(
    of_country: Callable[[tf.Tensor], list[tf.Tensor]],
    inputs: Mapping[str, tf.Tensor],
) -> list[tf.Tensor]:
    """What follows from country features, float [N, D] a copy, or [1, D] of one list alone."""
    if COUNTRY_OF_LISTS not in inputs:
        return of_country(inputs[COUNTRY])
    of_lists = inputs[COUNTRY_OF_LISTS]
    found = of_country(of_lists)
    if of_lists.shape[0] == 1:
        return found
    return [tf.gather(one, inputs[LIST_OF_ITEM]) for one in found]


def _masks_of(mlp: MultiLayerPerceptron) -> Callable[[tf.Tensor], list[tf.Tensor]]:
    return lambda country: _masks(mlp(country))


def _masks(logits: list[tf.Tensor]) -> list[tf.Tensor]:
    return [2 * tf.sigmoid(of_copy) for of_copy in logits]
