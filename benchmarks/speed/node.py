"""One node of the real pipeline."""

from pathlib import Path
from typing import Any

from benchmarks.speed.marketplace import definition_in, logs_in
from benchmarks.speed.usage import Meter, Usage
from pipeline.beam_runner import beam_arguments
from pipeline.config import load_config
from pipeline.local_runner import run_locally
from pipeline.locations import Inputs, Locations
from pipeline.metadata_address import metadata_connection
from pipeline.node_result import NodeResult
from pipeline.pipeline import create_pipeline

# Small nodes that no stage measures: they run along with the stage that needs them first.
ON_THE_WAY = {"SchemaGen", "ExampleValidator", "Baseline", "Pusher"}


class _MeteredNodes:
    """An observer that measures the node that ran last."""

    usage: Usage

    def node_started(self, node: str) -> None:
        """Starts to measure."""
        self._meter = Meter()

    def node_finished(self, result: NodeResult) -> None:
        """Reads what was measured."""
        self.usage = self._meter.read()


def measure(folder: str, node: str) -> dict[str, Any]:
    """Runs a node; those that it depends on are answered from the cache.

    Args:
        folder: of a marketplace; the pipeline's output goes there as well.
        node: id of the node.

    Returns:
        `usage` of the node by name, and `outputs`: folders of its artifacts by output key.

    Raises:
        RuntimeError: the node itself was answered from the cache, or one before it was not.
    """
    locations = Locations(Path(folder) / "output")
    pipeline = create_pipeline(
        load_config(str(definition_in(folder))),
        Inputs(logs=(str(logs_in(folder)),)),
        locations.folders,
        beam_arguments("direct", ()),
        metadata_connection(str(locations.metadata)),
    )
    observer = _MeteredNodes()
    results = run_locally(pipeline, observer, target=node)
    ran = {name for name, result in results.items() if not result.cached} - ON_THE_WAY
    if ran != {node}:
        raise RuntimeError(f"{folder}: expected {node} alone to run, found {sorted(ran)}")
    outputs = {name: output.uri for name, output in results[node].outputs.items()}
    return {"usage": observer.usage.figures(), "outputs": outputs}
