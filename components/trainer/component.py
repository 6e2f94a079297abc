"""Trainer: the stock one, which also takes the region split."""

from typing import Any

from tfx import types
from tfx.dsl.components.base.base_component import BaseComponent
from tfx.dsl.components.base.executor_spec import ExecutorClassSpec
from tfx.proto import trainer_pb2
from tfx.types.channel import Channel
from tfx.types.component_spec import ChannelParameter
from tfx.types.standard_artifacts import Model, ModelRun
from tfx.types.standard_component_specs import TrainerSpec as StockSpec
from tfx.utils import json_utils

from components.region_split.component import RegionSplitArtifact
from components.trainer.executor import REGION_SPLIT, Executor
from data.definition import keys


class TrainerSpec(StockSpec):
    """The stock spec with one more input."""

    INPUTS = {
        **StockSpec.INPUTS,
        REGION_SPLIT: ChannelParameter(type=RegionSplitArtifact),
    }


class Trainer(BaseComponent):
    """Trains the model with a run_fn.

    Outputs:
        model: the exported model.
        model_run: logs and checkpoints.
    """

    SPEC_CLASS = TrainerSpec
    EXECUTOR_SPEC = ExecutorClassSpec(Executor)

    def __init__(
        self,
        run_fn: str,
        examples: types.BaseChannel,
        transform_graph: types.BaseChannel,
        schema: types.BaseChannel,
        region_split: types.BaseChannel,
        train_args: trainer_pb2.TrainArgs | None = None,
        eval_args: trainer_pb2.EvalArgs | None = None,
        custom_config: dict[str, Any] | None = None,
    ) -> None:
        """Sets the component up.

        Args:
            run_fn: dotted name of the function that trains and exports.
            examples: lists as tf.Examples.
            transform_graph: the fitted preprocessing.
            schema: the schema of the examples.
            region_split: which features depend on the region.
            train_args: the split to train on, `train` by default.
            eval_args: the split to validate on, `validation` by default.
            custom_config: JSON values that run_fn gets; `region_split` is added to it.
        """
        super().__init__(
            TrainerSpec(
                run_fn=run_fn,
                examples=examples,
                transform_graph=transform_graph,
                schema=schema,
                region_split=region_split,
                train_args=train_args or trainer_pb2.TrainArgs(splits=[keys.TRAIN]),
                eval_args=eval_args or trainer_pb2.EvalArgs(splits=[keys.VALIDATION]),
                custom_config=json_utils.dumps(custom_config or {}),
                model=Channel(type=Model),
                model_run=Channel(type=ModelRun),
            ),
        )
