"""The input of a whole model: streams joined, with or without the adaptor before (Algorithm 1)."""

from collections.abc import Iterator, Sequence
from typing import Any

import tensorflow as tf

from models.layers.axes import NamedAxes, Names
from models.layers.building import build_inside
from models.layers.partly_learnt import PartlyLearnt, joined
from models.layers.region_adaptor import RegionAdaptor
from models.layers.streams import (
    COUNTRY,
    DEPENDENT,
    INVARIANT,
    SHIFTED,
    SHIFTED_INVARIANT,
    STREAMS,
    Columns,
    Shapes,
    Streams,
    check_streams,
    columns_of,
    joined_shape,
)


@tf.keras.utils.register_keras_serializable(package="seqmd")
class SharedInput(tf.keras.layers.Layer):
    """x = [transformed, invariant] with the adaptor, x = [country, dependent, invariant] without.

    With the adaptor, country features enter through the mask alone, unless they are concatenated
    as well. Where no feature depends on the region there is nothing to mask, and they are ordinary
    inputs.

    Args:
        adapt: whether the adaptor stands before the model.
        concatenate_country: whether country features also are ordinary inputs beside the mask.
        mask_units: hidden widths of the mask's MLP.
        transformed_units: widths of the MLP over masked features.
        dropout: share of hidden units dropped in training.
        seed: seed of initial weights and dropout.
        shift: whether the adaptor has a shift beside its mask.

    Source:
        SEQ+MD (arXiv 2408.13357), Algorithm 1.
    """

    def __init__(
        self,
        adapt: bool = True,
        concatenate_country: bool = False,
        mask_units: Sequence[int] = (16,),
        transformed_units: Sequence[int] = (64,),
        dropout: float = 0.0,
        seed: int | None = None,
        shift: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.adapt = adapt
        self.concatenate_country = concatenate_country
        self.mask_units = tuple(mask_units)
        self.transformed_units = tuple(transformed_units)
        self.dropout = dropout
        self.seed = seed
        self.shift = shift

    def build(self, input_shape: Shapes) -> None:
        """Makes the adaptor where there is something to adapt."""
        check_streams(input_shape)
        self.adaptor = None
        if self.adapt and input_shape[DEPENDENT][-1]:
            adaptor = RegionAdaptor(
                1,
                self.mask_units,
                self.transformed_units,
                self.dropout,
                self.seed,
                shift=self.shift,
                name="adaptor",
            )
            self.adaptor = build_inside(adaptor, input_shape)
        super().build(input_shape)

    def call(self, inputs: Streams, training: bool | None = None) -> tf.Tensor | PartlyLearnt:
        """Joins the streams.

        Args:
            inputs: streams `country`, `dependent`, `invariant`, float [N, width] each.
            training: whether units are dropped.

        Returns:
            float [N, width].
        """
        if self.adaptor is None:
            return joined([columns_of(inputs, name) for name in (COUNTRY, DEPENDENT, INVARIANT)])
        names = [INVARIANT, COUNTRY] if self.concatenate_country else [INVARIANT]
        adapted = self.adaptor(inputs, training=training)[0]
        return joined([adapted, *(columns_of(inputs, name) for name in names)])

    def shifted(self, inputs: Streams) -> tf.Tensor | None:
        """Float [1, width], 0 at joined columns of histories, which no shift by region moves.

        Args:
            inputs: the streams; see `call`.

        Returns:
            None where there are none.
        """
        if self.adaptor is None:
            names = {COUNTRY: "", DEPENDENT: SHIFTED, INVARIANT: SHIFTED_INVARIANT}
            parts = [
                inputs.get(key, tf.ones([1, inputs[stream].shape[-1]]))
                for stream, key in names.items()
            ]
            has = SHIFTED in inputs or SHIFTED_INVARIANT in inputs
            return tf.concat(parts, axis=-1) if has else None
        if SHIFTED_INVARIANT not in inputs:
            return None
        shape = self.adaptor.compute_output_shape({n: inputs[n].shape for n in STREAMS})
        parts = [tf.ones([1, shape[-1]]), inputs[SHIFTED_INVARIANT]]
        if self.concatenate_country:
            parts.append(tf.ones([1, inputs[COUNTRY].shape[-1]]))
        return tf.concat(parts, axis=-1)

    @property
    def holds_country(self) -> bool:
        """Whether country features are among the joined columns; known once it is built."""
        return self.adaptor is None or self.concatenate_country

    def compute_output_shape(self, input_shape: Shapes) -> tf.TensorShape:
        """Shape [N, width] of the joined streams."""
        names = [COUNTRY, DEPENDENT, INVARIANT]
        if self.adaptor is None:
            return joined_shape(*(input_shape[name] for name in names))
        names = [INVARIANT, COUNTRY] if self.concatenate_country else [INVARIANT]
        adapted = self.adaptor.compute_output_shape(input_shape)[1:]
        return joined_shape(adapted, *(input_shape[name] for name in names))

    def output_names(self, streams: Columns) -> Names:
        """Names of the joined columns."""
        if self.adaptor is None:
            return (*streams[COUNTRY], *streams[DEPENDENT], *streams[INVARIANT])
        country = streams[COUNTRY] if self.concatenate_country else ()
        return (*self.adaptor.output_names(streams), *streams[INVARIANT], *country)

    def axes(self, streams: Columns) -> Iterator[NamedAxes]:
        """The weights with the names of the streams' columns."""
        if self.adaptor is not None:
            yield from self.adaptor.axes(streams)

    def get_config(self) -> dict[str, Any]:
        """The arguments of the layer."""
        own = ["adapt", "concatenate_country", "mask_units", "transformed_units", "dropout", "seed"]
        own += ["shift"]
        return {**super().get_config(), **{name: getattr(self, name) for name in own}}
