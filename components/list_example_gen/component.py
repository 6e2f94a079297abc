"""ListExampleGen: search logs -> tf.Examples of whole lists, split, with bad rows set aside."""

import json
from collections.abc import Sequence

from tfx import types
from tfx.dsl.components.base.base_beam_component import BaseBeamComponent
from tfx.dsl.components.base.executor_spec import BeamExecutorSpec
from tfx.types.channel import Channel
from tfx.types.component_spec import ChannelParameter, ComponentSpec, ExecutionParameter
from tfx.types.standard_artifacts import Examples

from components.attribute_fill.component import ItemAttributesArtifact
from components.list_example_gen.executor import Executor
from components.list_example_gen.plan import fingerprint, input_files
from components.list_example_gen.set_aside import RowsSetAside
from data.definition.dataset import Dataset


class ListExampleGenSpec(ComponentSpec):
    """Inputs, outputs and properties of ListExampleGen."""

    INPUTS = {"attributes": ChannelParameter(type=ItemAttributesArtifact, optional=True)}
    OUTPUTS = {
        "examples": ChannelParameter(type=Examples),
        "rows_set_aside": ChannelParameter(type=RowsSetAside),
    }
    PARAMETERS = {
        "dataset": ExecutionParameter(type=str),
        "input": ExecutionParameter(type=str),
        "evaluation_input": ExecutionParameter(type=str),
        "first_partition": ExecutionParameter(type=str),
        "last_partition": ExecutionParameter(type=str),
        "input_fingerprint": ExecutionParameter(type=str),
    }


class ListExampleGen(BaseBeamComponent):
    """Reads logs, sets bad rows aside, groups the others into lists and splits these.

    Outputs:
        examples: one tf.Example a list, in the splits train, validation and eval.
        rows_set_aside: counts, and the rows that were set aside.
    """

    SPEC_CLASS = ListExampleGenSpec
    EXECUTOR_SPEC = BeamExecutorSpec(Executor)

    def __init__(
        self,
        dataset: Dataset,
        input_patterns: Sequence[str],
        evaluation_patterns: Sequence[str] = (),
        first_partition: str = "",
        last_partition: str = "",
        input_fingerprint: str | None = None,
        attributes: types.BaseChannel | None = None,
    ) -> None:
        """Sets the component up.

        Args:
            dataset: what the columns mean.
            input_patterns: files, folders or patterns of the logs.
            evaluation_patterns: files whose lists are evaluated only; the other ones then train
                and validate.
            first_partition: first day of a Hive partition to read; empty reads from the first.
            last_partition: last day to read; empty reads to the last.
            input_fingerprint: stands for the content of the files: changed input executes again.
                None takes the `fingerprint` of the files as they are now.
            attributes: of the items, where the dataset has `listings`.

        Raises:
            InputError: no such files.
        """
        if input_fingerprint is None:
            files = input_files(
                dataset, input_patterns, evaluation_patterns, first_partition, last_partition
            )
            input_fingerprint = fingerprint([*files[0], *files[1]])
        super().__init__(
            ListExampleGenSpec(
                dataset=dataset.model_dump_json(),
                input=json.dumps(list(input_patterns)),
                evaluation_input=json.dumps(list(evaluation_patterns)),
                first_partition=first_partition,
                last_partition=last_partition,
                input_fingerprint=input_fingerprint,
                attributes=attributes,
                examples=Channel(type=Examples),
                rows_set_aside=Channel(type=RowsSetAside),
            )
        )
