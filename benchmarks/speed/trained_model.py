"""A model of the simulated marketplace, trained for one epoch.

Before training, what the tasks have for themselves is equal, and TensorFlow computes it once for
all of them: such a model answers faster than any that is served.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from benchmarks.speed import marketplace
from pipeline.beam_runner import beam_arguments
from pipeline.config import load_config
from pipeline.local_runner import run_locally
from pipeline.locations import Inputs, Locations
from pipeline.metadata_address import metadata_connection
from pipeline.node_result import NodeResult
from pipeline.pipeline import create_pipeline


class _Silent:
    """An observer that says nothing."""

    def node_started(self, node: str) -> None:
        """A node starts."""

    def node_finished(self, result: NodeResult) -> None:
        """A node has ended."""


def measure(folder: str, rows: int, model: Mapping[str, Any]) -> dict[str, Any]:
    """Runs the pipeline up to the Trainer, which trains for one epoch.

    Args:
        folder: for the logs and the pipeline's output.
        rows: rows of the logs, about.
        model: fields of the `ModelConfig`.

    Returns:
        `model`: folder of the SavedModel.
    """
    marketplace.measure(folder, rows)
    file = marketplace.definition_in(folder)
    definition = yaml.safe_load(file.read_text())
    file.write_text(yaml.safe_dump({**definition, "model": model, "training": {"epochs": 1}}))
    locations = Locations(Path(folder) / "output")
    pipeline = create_pipeline(
        load_config(str(file)),
        Inputs(logs=(str(marketplace.logs_in(folder)),)),
        locations.folders,
        beam_arguments("direct", ()),
        metadata_connection(str(locations.metadata)),
    )
    results = run_locally(pipeline, _Silent(), target="Trainer")
    return {"model": str(Path(results["Trainer"].outputs["model"].uri) / "Format-Serving")}
