"""SEQ+MD: tasks as a sequence, behind the multi-distribution adaptor."""

from collections.abc import Iterator, Sequence
from typing import Any, Literal

import tensorflow as tf

from models.config import ModelConfig
from models.layers.axes import NamedAxes, task_names
from models.layers.building import build_inside
from models.layers.region import NO_OPTIONS, RegionOptions
from models.layers.region_context import JOINED, RegionContext
from models.layers.seeds import derived_seed
from models.layers.shared_input import SharedInput
from models.layers.streams import Columns, Shapes, Streams, check_streams
from models.layers.task_inputs import TaskInputs
from models.layers.task_sequence import TaskSequence
from models.rankers.by_region import region_options

Adaptor = Literal["per_task", "shared", "none"]


@tf.keras.utils.register_keras_serializable(package="seqmd")
class SeqMd(tf.keras.layers.Layer):
    """Streams > adaptor > token MLPs > GRU over tasks > one logit a task.

    Args:
        tasks: names of the tasks, in order.
        adaptor: `per_task`, a mask for each task (Fig. 3b); `shared`, one mask before the model
            (Algorithm 1); `none`, country features are ordinary inputs.
        concatenate_country: whether country features also are ordinary inputs beside the mask.
        token_units: widths of a token MLP.
        recurrent_units: widths of the GRU layers.
        mask_units: hidden widths of a mask's MLP.
        transformed_units: widths of the MLP over masked features.
        invariant_units: widths of the MLP over invariant features; `per_task` only.
        dropout: share of hidden units dropped in training.
        common_draw: whether the tasks' token MLPs, masks and their MLPs start from the same draw.
        seed: seed of initial weights and dropout.
        by_region: what there is by region beside masks.
        adaptor_shift: whether the adaptor has shifts beside its masks.
        token_path: whether a logit reads its token beside the recurrent state.

    Source:
        SEQ+MD: Learning Multi-Task as a SEquence with Multi-Distribution Data
        (arXiv 2408.13357), Fig. 3b and Algorithm 1.
    """

    def __init__(
        self,
        tasks: Sequence[str],
        adaptor: Adaptor = "per_task",
        concatenate_country: bool = False,
        token_units: Sequence[int] = (64, 32),
        recurrent_units: Sequence[int] = (32,),
        mask_units: Sequence[int] = (16,),
        transformed_units: Sequence[int] = (64,),
        invariant_units: Sequence[int] = (64,),
        dropout: float = 0.0,
        common_draw: bool = True,
        seed: int | None = None,
        by_region: RegionOptions = NO_OPTIONS,
        adaptor_shift: bool = False,
        token_path: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.tasks = tuple(tasks)
        self.adaptor = adaptor
        self.concatenate_country = concatenate_country
        self.token_units = tuple(token_units)
        self.recurrent_units = tuple(recurrent_units)
        self.mask_units = tuple(mask_units)
        self.transformed_units = tuple(transformed_units)
        self.invariant_units = tuple(invariant_units)
        self.dropout = dropout
        self.common_draw = common_draw
        self.seed = seed
        self.by_region = RegionOptions(*by_region)
        self.adaptor_shift = adaptor_shift
        self.token_path = token_path
        self.joined = self._task_inputs() if adaptor == "per_task" else self._shared_input()
        copies = len(self.tasks) if adaptor == "per_task" else 1
        context_seed = derived_seed(seed, "region")
        self.context = RegionContext(self.by_region, copies, dropout, context_seed, name="region")
        self.sequence = TaskSequence(
            len(self.tasks),
            self.token_units,
            self.recurrent_units,
            dropout,
            derived_seed(seed, "sequence"),
            common_draw,
            self.by_region.hidden,
            token_path,
            name="sequence",
        )

    @classmethod
    def from_model_config(
        cls, config: ModelConfig, tasks: Sequence[str], seed: int | None = None
    ) -> "SeqMd":
        """The ranker that a configuration describes.

        Args:
            config: widths and options.
            tasks: names of the tasks, in order.
            seed: seed of initial weights and dropout.

        Returns:
            The ranker.
        """
        names = ["adaptor", "concatenate_country", "token_units", "recurrent_units"]
        names += ["mask_units", "transformed_units", "invariant_units", "dropout", "common_draw"]
        names += ["adaptor_shift", "token_path"]
        options = {name: getattr(config, name) for name in names}
        by_region = region_options(config)
        return cls(tasks, **options, seed=seed, by_region=by_region, name=config.ranker)

    def _task_inputs(self) -> TaskInputs:
        return TaskInputs(
            len(self.tasks),
            self.concatenate_country,
            self.mask_units,
            self.transformed_units,
            self.invariant_units,
            self.dropout,
            derived_seed(self.seed, "inputs"),
            self.common_draw,
            self.adaptor_shift,
            name="inputs",
        )

    def _shared_input(self) -> SharedInput:
        return SharedInput(
            self.adaptor == "shared",
            self.concatenate_country,
            self.mask_units,
            self.transformed_units,
            self.dropout,
            derived_seed(self.seed, "inputs"),
            self.adaptor_shift,
            name="inputs",
        )

    def build(self, input_shape: Shapes) -> None:
        """Makes the weights."""
        check_streams(input_shape)
        build_inside(self.joined, input_shape)
        shape = self.joined.compute_output_shape(input_shape)
        build_inside(self.context, {**input_shape, JOINED: shape})
        build_inside(self.sequence, shape)
        super().build(input_shape)

    def call(self, inputs: Streams, training: bool | None = None) -> tf.Tensor:
        """Scores items for each task.

        Args:
            inputs: streams `country`, `dependent`, `invariant`, float [N, width] each; any of
                them may be empty (width 0).
            training: whether units are dropped.

        Returns:
            Logits, float [N, T], before the descending probability.
        """
        region = self.context(inputs, training=training)
        joined = self.context.gated(self.joined(inputs, training=training), region)
        return self.sequence(joined, region, training=training)

    def axes(self, streams: Columns, tasks: Sequence[str]) -> Iterator[NamedAxes]:
        """The weights with the names of the streams' columns and of tasks."""
        own = task_names(tasks)
        joined = self.joined.output_names(streams)
        if isinstance(self.joined, TaskInputs):
            yield from self.joined.axes(streams, own)
            yield from self.context.axes(streams, joined, own)
        else:
            yield from self.joined.axes(streams)
            yield from self.context.axes(streams, joined)
        yield from self.sequence.axes(joined, own)

    def get_config(self) -> dict[str, Any]:
        """The arguments of the layer."""
        own = ["tasks", "adaptor", "concatenate_country", "token_units", "recurrent_units"]
        own += ["mask_units", "transformed_units", "invariant_units", "dropout", "common_draw"]
        own += ["seed", "by_region", "adaptor_shift", "token_path"]
        return {**super().get_config(), **{name: getattr(self, name) for name in own}}
