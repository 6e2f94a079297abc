"""Executor of AttributeFill: fills in a folder of this machine, and keeps what is whole."""

import logging
import tempfile
from importlib import import_module
from pathlib import Path
from typing import Any

import tensorflow as tf
from tfx.dsl.components.base.base_executor import BaseExecutor
from tfx.types import artifact_utils
from tfx.types.artifact import Artifact

from data.definition.item_listings import ItemListings
from data.files import below
from data.notices import DATA_LOGGER, tell


class Executor(BaseExecutor):
    """Calls a function `(listings: ItemListings, folder: str) -> AttributeFillResult`."""

    def Do(  # noqa: N802 - TFX's name
        self,
        input_dict: dict[str, list[Artifact]],
        output_dict: dict[str, list[Artifact]],
        exec_properties: dict[str, Any],
    ) -> None:
        """Writes the attributes, what filling them came to, and the model.

        Args:
            input_dict: empty.
            output_dict: `attributes`, one artifact.
            exec_properties: see `AttributeFillSpec`.

        Raises:
            InputError: the files are not as expected, or nothing can be learnt from them.
        """
        self._log_startup(input_dict, output_dict, exec_properties)
        module, _, name = exec_properties["fill_fn"].rpartition(".")
        fill = getattr(import_module(module), name)
        listings = ItemListings.model_validate_json(exec_properties["listings"])
        output = artifact_utils.get_single_instance(output_dict["attributes"])
        with tempfile.TemporaryDirectory(prefix="seqmd-") as folder:
            result = fill(listings, folder)
            result.save(folder)
            _copy(Path(folder), output.uri)
        tell(DATA_LOGGER, result.told_coverage)
        tell(DATA_LOGGER, result.told, logging.WARNING)


def _copy(folder: Path, place: str) -> None:
    """Copies files at any depth to a place that may be remote."""
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        target = below(place, *path.relative_to(folder).parts)
        tf.io.gfile.makedirs(target.rpartition("/")[0])
        tf.io.gfile.copy(str(path), target, overwrite=True)
