"""Executor of RegionStatistics: training lists -> statistics by region."""

from typing import Any

from tfx import types
from tfx.components.util import tfxio_utils
from tfx.dsl.components.base.base_beam_executor import BaseBeamExecutor
from tfx.types import artifact_utils

from components.list_statistics import WriteRegionStatistics
from data.definition import keys
from data.definition.dataset import Dataset

Artifacts = dict[str, list[types.Artifact]]


class Executor(BaseBeamExecutor):
    """Counts what is in the training lists."""

    def Do(  # noqa: N802 - TFX's name
        self, input_dict: Artifacts, output_dict: Artifacts, exec_properties: dict[str, Any]
    ) -> None:
        """Writes the statistics.

        Args:
            input_dict: `examples`, of which only the split `train` is read.
            output_dict: `statistics` gets the split `train`, sliced by region.
            exec_properties: `dataset` as JSON.
        """
        self._log_startup(input_dict, output_dict, exec_properties)
        dataset = Dataset.model_validate_json(exec_properties["dataset"])
        lists = tfxio_utils.get_split_tfxio(
            input_dict["examples"], keys.TRAIN, telemetry_descriptors=["RegionStatistics"]
        )
        output = artifact_utils.get_single_instance(output_dict["statistics"])
        output.split_names = artifact_utils.encode_split_names([keys.TRAIN])
        statistics = WriteRegionStatistics(dataset, output, keys.TRAIN)
        with self._make_beam_pipeline() as pipeline:
            _ = pipeline | "Read" >> lists.BeamSource() | "Statistics" >> statistics
