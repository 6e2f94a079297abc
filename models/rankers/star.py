"""STAR: every layer of the tasks' common network is a shared one times the region's own."""

from collections.abc import Iterator, Sequence
from typing import Any

import tensorflow as tf

from models.layers.axes import NamedAxes, Names, name_axes, task_names
from models.layers.building import MadeOfLayers, build_inside
from models.layers.dropout import StatelessDropout
from models.layers.mlp import MultiLayerPerceptron
from models.layers.partly_learnt import whole
from models.layers.region_context import JOINED, RegionContext
from models.layers.seeds import derived_seed
from models.layers.shared_input import SharedInput
from models.layers.star_dense import StarDense
from models.layers.streams import COUNTRY, Columns, Shapes, Streams, check_streams, joined_shape
from models.layers.towers import Towers


@tf.keras.utils.register_keras_serializable(package="seqmd")
class RegionScale(tf.keras.layers.Layer):
    """y = x * (1 + country scale) + country shift: a normalisation of the region's own.

    STAR's partitioned normalisation without moments of batches: most batches have no list of a
    small region, and a score must not depend on other lists. Inputs are standardised already.
    """

    def build(self, input_shape: tuple[tf.TensorShape, tf.TensorShape]) -> None:
        """Makes scale and shift, which start at 0, of the shapes of x and of country features."""
        shape = (input_shape[1][-1], input_shape[0][-1])
        self.scale = self.add_weight("scale_kernel", shape, initializer="zeros")
        self.shift = self.add_weight("shift_kernel", shape, initializer="zeros")
        super().build(input_shape)

    def call(
        self, inputs: tuple[tf.Tensor, tf.Tensor], shifted: tf.Tensor | None = None
    ) -> tf.Tensor:
        """Scales x, float [N, width], by country features, float [N, C]; shifts where `shifted`."""
        values, country = inputs
        shift = tf.matmul(country, self.shift)
        shift = shift if shifted is None else shift * shifted
        return values * (1 + tf.matmul(country, self.scale)) + shift

    def axes(self, inputs: Names, country: Names) -> Iterator[NamedAxes]:
        """The weights with the names of inputs and of country features."""
        yield name_axes(self.scale, country, inputs)
        yield name_axes(self.shift, country, inputs)


@tf.keras.utils.register_keras_serializable(package="seqmd")
class Star(MadeOfLayers):
    """logits = towers(star layers(scaled input)) + auxiliary([country, input]).

    The paper has one task and a star in every layer; here each task has an ordinary tower on the
    common star, as the other models have on theirs.

    Args:
        joined: makes one input of the streams.
        context: what else there is by region.
        tasks: number of tasks, T.
        level_units: widths of the star's layers.
        tower_units: hidden widths of a task's tower.
        auxiliary_units: hidden widths of the auxiliary network.
        dropout: share of hidden units dropped in training.
        seed: seed of initial weights and dropout.

    Source:
        Sheng et al., "One Model to Serve All: Star Topology Adaptive Recommender for Multi-Domain
        CTR Prediction" (arXiv 2101.11427).
    """

    parts = ("joined", "context")

    def __init__(
        self,
        joined: SharedInput,
        context: RegionContext,
        tasks: int,
        level_units: Sequence[int] = (64, 32),
        tower_units: Sequence[int] = (32,),
        auxiliary_units: Sequence[int] = (16,),
        dropout: float = 0.0,
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.joined = joined
        self.context = context
        self.tasks = tasks
        self.level_units = tuple(level_units)
        self.tower_units = tuple(tower_units)
        self.auxiliary_units = tuple(auxiliary_units)
        self.dropout = dropout
        self.seed = seed

    def build(self, input_shape: Shapes) -> None:
        """Makes the weights."""
        check_streams(input_shape)
        build_inside(self.joined, input_shape)
        country, shape = input_shape[COUNTRY], self.joined.compute_output_shape(input_shape)
        build_inside(self.context, {**input_shape, JOINED: shape})
        read = shape if self.joined.holds_country else joined_shape(country, shape)
        self.auxiliary = build_inside(self._auxiliary(), read)
        self.scale = build_inside(RegionScale(name="scale"), (shape, country))
        self.levels, self.dropped = [], []
        for number, units in enumerate(self.level_units):
            layers = self._level(number, units)
            self.levels.append(build_inside(layers[0], (shape, country)))
            shape = tf.TensorShape((shape[0], units))
            self.dropped.append(build_inside(layers[1], shape))
        seed = derived_seed(self.seed, "towers")
        hidden = self.context.options.hidden
        towers = Towers(self.tasks, self.tower_units, self.dropout, seed, hidden, name="towers")
        self.towers = build_inside(towers, shape)
        super().build(input_shape)

    def _auxiliary(self) -> MultiLayerPerceptron:
        return MultiLayerPerceptron(
            (*self.auxiliary_units, self.tasks),
            last_activation=None,
            dropout=self.dropout,
            seed=derived_seed(self.seed, "auxiliary"),
            name="auxiliary",
        )

    def _level(self, number: int, units: int) -> tuple[StarDense, StatelessDropout]:
        level = StarDense(units, derived_seed(self.seed, "level", number), name=f"level_{number}")
        seed = derived_seed(self.seed, "dropout", number)
        return level, StatelessDropout(self.dropout, seed, name=f"dropout_{number}")

    def call(self, inputs: Streams, training: bool | None = None) -> tf.Tensor:
        """Scores items for each task.

        Args:
            inputs: streams `country`, `dependent`, `invariant`, float [N, width] each; any of
                them may be empty (width 0).
            training: whether units are dropped.

        Returns:
            Logits, float [N, T], before the descending probability.
        """
        country = inputs[COUNTRY]
        region = self.context(inputs, training=training)
        joined = self.context.gated(whole(self.joined(inputs, training=training)), region)
        outputs = self.scale((joined, country), shifted=self.joined.shifted(inputs))
        for level, dropped in zip(self.levels, self.dropped, strict=True):
            outputs = dropped(level((outputs, country)), training=training)
        if not self.joined.holds_country:
            joined = tf.concat([country, joined], axis=-1)
        (auxiliary,) = self.auxiliary(joined, training=training)
        return self.towers(outputs, region, training=training) + auxiliary

    def axes(self, streams: Columns, tasks: Sequence[str]) -> Iterator[NamedAxes]:
        """The weights with the names of the streams' columns and of tasks."""
        country, joined = streams[COUNTRY], self.joined.output_names(streams)
        yield from self.joined.axes(streams)
        yield from self.context.axes(streams, joined)
        yield from self.scale.axes(joined, country)
        for number, level in enumerate(self.levels):
            yield from level.axes(None if number else joined, country)
        read = joined if self.joined.holds_country else (*country, *joined)
        yield from self.auxiliary.axes(read, None, task_names(tasks))
        yield from self.towers.axes(task_names(tasks))

    def get_config(self) -> dict[str, Any]:
        """The arguments of the layer, and the layers that it is made of."""
        own = ("tasks", "level_units", "tower_units", "auxiliary_units", "dropout", "seed")
        return {**super().get_config(), **{name: getattr(self, name) for name in own}}
