"""Where the region enters a ranker: gates on its inputs, and what hidden layers are told."""

from collections.abc import Iterator
from typing import Any

import tensorflow as tf

from models.layers.axes import NamedAxes, Names, name_axes
from models.layers.building import build_inside
from models.layers.hidden_adaptor import HiddenAdaptor
from models.layers.mlp import MultiLayerPerceptron
from models.layers.partly_learnt import PartlyLearnt, whole
from models.layers.region import NO_OPTIONS, Region, RegionOptions, RegionParts
from models.layers.seeds import derived_seed, seeded
from models.layers.stopped_gradient import stopped_in_training
from models.layers.streams import COUNTRY, STREAMS, Columns, Shapes, Streams, joined_shape

# Beside the streams: the shape of a ranker's input.
JOINED = "joined"


@tf.keras.utils.register_keras_serializable(package="seqmd")
class RegionContext(tf.keras.layers.Layer):
    """gate = MLP([country, stop_gradient(dependent, invariant)]), code = country kernel.

    What has gates is multiplied by 2 sigmoid(gate kernel + bias), see `HiddenAdaptor`. The code has
    no bias: a region whose country features are all 0, as those of an unknown one are until some
    are learnt, has the shared kernels. Without options it makes no weights.

    Args:
        options: what there is by region.
        copies: number of inputs of the ranker: 1, or one for each task.
        dropout: share of the MLP's units dropped in training.
        seed: seed of initial weights and dropout.

    Source:
        PEPNet (arXiv 2302.01115), section 3: what gates read, and from where no gradient flows.
    """

    def __init__(
        self,
        options: RegionOptions = NO_OPTIONS,
        copies: int = 1,
        dropout: float = 0.0,
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.options = RegionOptions(*options)
        self.copies = copies
        self.dropout = dropout
        self.seed = seed

    def build(self, input_shape: Shapes) -> None:
        """Makes the gates' MLP, the code's kernel and the gates on inputs.

        Args:
            input_shape: of the streams, and of the ranker's input as `JOINED`.
        """
        self.gate_mlp, self.code_kernel, self.input_gates = None, None, None
        if self.options.gates != "none":
            self.gate_mlp = self._gate_mlp(joined_shape(*(input_shape[name] for name in STREAMS)))
        if self.options.rank:
            initial = seeded("glorot_uniform", derived_seed(self.seed, "code"))
            shape = (input_shape[COUNTRY][-1], self.options.rank)
            self.code_kernel = self.add_weight("code_kernel", shape, initializer=initial)
        if self.options.gates_inputs:
            parts = RegionParts(gate_units=self.options.units[-1])
            shape = input_shape[JOINED]
            gates = HiddenAdaptor(shape[-1], (1,) * self.copies, parts, name="inputs")
            self.input_gates = build_inside(gates, shape)
        super().build(input_shape)

    def _gate_mlp(self, shape: tf.TensorShape) -> MultiLayerPerceptron:
        seed = derived_seed(self.seed, "gate")
        units, dropout = self.options.units, self.dropout
        return build_inside(
            MultiLayerPerceptron(units, dropout=dropout, seed=seed, name="gate"), shape
        )

    def call(self, inputs: Streams, training: bool | None = None) -> Region:
        """Reads the streams.

        Args:
            inputs: streams `country`, `dependent`, `invariant`, float [N, width] each.
            training: whether units are dropped, what sets regions apart is penalised, and the
                gate's gradient ends at the country.

        Returns:
            What layers are told.
        """
        country = inputs[COUNTRY]
        gate, code, penalty = None, None, None
        if self.gate_mlp is not None:
            own = [inputs[name] for name in STREAMS if name != COUNTRY]
            others = [stopped_in_training(one, training) for one in own]
            (gate,) = self.gate_mlp(tf.concat([country, *others], axis=-1), training=training)
        if self.code_kernel is not None:
            code = tf.matmul(country, self.code_kernel)
        if training and self.options.penalty and (gate is not None or code is not None):
            penalty = self.options.penalty * share_by_region(country)
        return Region(country, gate, code, penalty)

    def gated(
        self, joined: tf.Tensor | PartlyLearnt | list[tf.Tensor], region: Region
    ) -> tf.Tensor | PartlyLearnt | list[tf.Tensor]:
        """The ranker's inputs behind their gates, where they have any.

        Args:
            joined: float [N, width], or `copies` of these.
            region: of the items.

        Returns:
            The same form.
        """
        if self.input_gates is None:
            return joined
        if not isinstance(joined, list):
            gated = self.input_gates(tf.expand_dims(whole(joined), axis=1), region)
            return tf.squeeze(gated, axis=1)
        return tf.unstack(self.input_gates(tf.stack(joined, axis=1), region), axis=1)

    def axes(
        self, streams: Columns, joined: Names, copies: Names | None = None
    ) -> Iterator[NamedAxes]:
        """The weights with the names of columns, of the ranker's inputs, and of copies if any."""
        if self.gate_mlp is not None:
            yield from self.gate_mlp.axes(tuple(n for s in STREAMS for n in streams[s]))
        if self.code_kernel is not None:
            yield name_axes(self.code_kernel, streams[COUNTRY])
        if self.input_gates is not None:
            yield from self.input_gates.axes(None, copies, joined)

    def get_config(self) -> dict[str, Any]:
        """The arguments of the layer."""
        own = ("options", "copies", "dropout", "seed")
        return {**super().get_config(), **{name: getattr(self, name) for name in own}}


def share_by_region(country: tf.Tensor) -> tf.Tensor:
    """1 / (regions * items of the item's region): weights of a mean over regions, not over items.

    A region of few lists is then held to the shared network as firmly as one of many, though its
    lists say less against it.

    Args:
        country: float [N, C]; items of one region have the same numbers.

    Returns:
        float [N], with the sum 1.
    """
    fixed = tf.cos(tf.range(1, country.shape[-1] + 1, dtype=country.dtype))
    # Rows are told apart by one number each.
    mixed = tf.reduce_sum(tf.stop_gradient(country) * fixed, axis=-1)
    _, region, items = tf.unique_with_counts(mixed)
    items = tf.cast(items, country.dtype)
    return 1 / (tf.gather(items, region) * tf.cast(tf.size(items), country.dtype))
