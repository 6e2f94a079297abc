"""The stock generic Trainer, which also hands the region split to run_fn."""

from typing import Any

from tfx import types
from tfx.components.trainer.executor import GenericExecutor
from tfx.components.trainer.fn_args_utils import FnArgs
from tfx.types import artifact_utils

from data.artifacts.region_split import FILE_NAME

REGION_SPLIT = "region_split"

Artifacts = dict[str, list[types.Artifact]]


class Executor(GenericExecutor):
    """Calls run_fn with `custom_config["region_split"]`, the path of region_split.json."""

    def _GetFnArgs(  # noqa: N802 - TFX's name
        self, input_dict: Artifacts, output_dict: Artifacts, exec_properties: dict[str, Any]
    ) -> FnArgs:
        arguments = super()._GetFnArgs(input_dict, output_dict, exec_properties)
        arguments.custom_config = dict(arguments.custom_config or {})
        folder = artifact_utils.get_single_uri(input_dict[REGION_SPLIT])
        arguments.custom_config[REGION_SPLIT] = f"{folder}/{FILE_NAME}"
        return arguments
