"""An input for each task, with a mask of its own (Fig. 3b)."""

from collections.abc import Iterator, Sequence
from typing import Any

import tensorflow as tf

from models.layers.axes import NamedAxes, Names
from models.layers.building import build_inside
from models.layers.mlp import MultiLayerPerceptron
from models.layers.region_adaptor import RegionAdaptor
from models.layers.seeds import derived_seed
from models.layers.streams import (
    COUNTRY,
    DEPENDENT,
    INVARIANT,
    Columns,
    Shapes,
    Streams,
    check_streams,
    joined_shape,
)


@tf.keras.utils.register_keras_serializable(package="seqmd")
class TaskInputs(tf.keras.layers.Layer):
    """x_t = [MLP_t(mask_t * dependent), MLP(invariant)].

    With the adaptor, country features enter through the masks alone, unless they are concatenated
    to the invariant ones as well. Where no feature depends on the region there is nothing to mask,
    and they are ordinary inputs.

    Args:
        tasks: number of tasks, T.
        concatenate_country: whether country features also join the invariant ones.
        mask_units: hidden widths of a mask's MLP.
        transformed_units: widths of a task's MLP over masked features.
        invariant_units: widths of the MLP over invariant features; empty passes them on.
        dropout: share of hidden units dropped in training.
        seed: seed of initial weights and dropout.
        common_draw: whether all tasks' masks and MLPs start from the same draw.
        shift: whether the adaptor has shifts beside its masks.

    Source:
        SEQ+MD (arXiv 2408.13357), section 3.4, Fig. 3b.
    """

    def __init__(
        self,
        tasks: int,
        concatenate_country: bool = False,
        mask_units: Sequence[int] = (16,),
        transformed_units: Sequence[int] = (64,),
        invariant_units: Sequence[int] = (64,),
        dropout: float = 0.0,
        seed: int | None = None,
        common_draw: bool = True,
        shift: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.tasks = tasks
        self.concatenate_country = concatenate_country
        self.mask_units = tuple(mask_units)
        self.transformed_units = tuple(transformed_units)
        self.invariant_units = tuple(invariant_units)
        self.dropout = dropout
        self.seed = seed
        self.common_draw = common_draw
        self.shift = shift

    def build(self, input_shape: Shapes) -> None:
        """Makes the adaptor and the MLP over invariant features."""
        check_streams(input_shape)
        self.adaptor = None
        if input_shape[DEPENDENT][-1]:
            adaptor = RegionAdaptor(
                self.tasks,
                self.mask_units,
                self.transformed_units,
                self.dropout,
                derived_seed(self.seed, "adaptor"),
                self.common_draw,
                self.shift,
                name="adaptor",
            )
            self.adaptor = build_inside(adaptor, input_shape)
        self.common = (INVARIANT, COUNTRY) if self._country_is_an_input() else (INVARIANT,)
        shape = joined_shape(*(input_shape[name] for name in self.common))
        self.invariant_mlp = self._build_invariant(shape) if shape[-1] else None
        super().build(input_shape)

    def _country_is_an_input(self) -> bool:
        return self.concatenate_country or self.adaptor is None

    def _build_invariant(self, shape: tf.TensorShape) -> tf.keras.layers.Layer:
        mlp = MultiLayerPerceptron(
            self.invariant_units,
            dropout=self.dropout,
            seed=derived_seed(self.seed, "invariant"),
            name="invariant",
        )
        return build_inside(mlp, shape)

    def call(self, inputs: Streams, training: bool | None = None) -> list[tf.Tensor]:
        """Makes the tasks' inputs.

        Args:
            inputs: streams `country`, `dependent`, `invariant`, float [N, width] each.
            training: whether units are dropped.

        Returns:
            T times float [N, width].
        """
        parts = []
        if self.adaptor is not None:
            parts.append(self.adaptor(inputs, training=training))
        if self.invariant_mlp is not None:
            common = tf.concat([inputs[name] for name in self.common], axis=-1)
            parts.append(self.invariant_mlp(common, training=training) * self.tasks)
        return [tf.concat(of_task, axis=-1) for of_task in zip(*parts, strict=True)]

    def compute_output_shape(self, input_shape: Shapes) -> tf.TensorShape:
        """Shape [T, N, width] of the tasks' inputs, stacked."""
        parts = []
        if self.adaptor is not None:
            parts.append(self.adaptor.compute_output_shape(input_shape))
        if self.invariant_mlp is not None:
            shape = joined_shape(*(input_shape[name] for name in self.common))
            parts.append(self.invariant_mlp.compute_output_shape(shape))
        return tf.TensorShape((self.tasks, *joined_shape(*parts)[1:]))

    def output_names(self, streams: Columns) -> Names:
        """Names of a task's inputs."""
        adapted = () if self.adaptor is None else self.adaptor.output_names(streams)
        common = self._common_names(streams)
        return adapted + (self.invariant_mlp.output_names(common) if self.invariant_mlp else ())

    def axes(self, streams: Columns, tasks: Names) -> Iterator[NamedAxes]:
        """The weights with the names of the streams' columns and of tasks."""
        if self.adaptor is not None:
            yield from self.adaptor.axes(streams, tasks)
        if self.invariant_mlp is not None:
            yield from self.invariant_mlp.axes(self._common_names(streams))

    def _common_names(self, streams: Columns) -> Names:
        return tuple(name for stream in self.common for name in streams[stream])

    def get_config(self) -> dict[str, Any]:
        """The arguments of the layer."""
        own = ["tasks", "concatenate_country", "mask_units", "transformed_units"]
        own += ["invariant_units", "dropout", "seed", "common_draw", "shift"]
        return {**super().get_config(), **{name: getattr(self, name) for name in own}}
