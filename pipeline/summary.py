"""summary.json: the result of a run for machines; docs/summary.md describes it."""

import datetime
import json
from pathlib import Path
from typing import Any

from components.list_example_gen.counts import ListCounts
from data.definition import keys
from data.files import write_whole
from pipeline.config import RunConfig
from pipeline.failures import told
from pipeline.locations import Inputs, Locations
from pipeline.node_result import NodeResult
from pipeline.pushed_version import pushed_version
from pipeline.run_results import RunResults

VERSION = 1


def summarise(
    config: RunConfig,
    inputs: Inputs,
    locations: Locations,
    nodes: dict[str, NodeResult],
    seconds: float,
) -> dict[str, Any]:
    """Gathers what the components wrote.

    Args:
        config: the run's configuration.
        inputs: the log files.
        locations: where everything is kept.
        nodes: results of the components by their id.
        seconds: wall time of the run.

    Returns:
        The content of summary.json.
    """
    found = RunResults(nodes)
    diagnostics = found.diagnostics.model_dump(mode="json")
    return {
        "version": VERSION,
        "status": "complete",
        "dataset": described(config),
        "inputs": {key: _plain(value) for key, value in vars(inputs).items()},
        "config": resolved(config),
        "seed": config.training.seed,
        "unknown_values": diagnostics["unknown_values"],
        "counts": counts_of(found.counts),
        "region_split": found.split.model_dump(mode="json"),
        "validation": found.validation.model_dump(mode="json"),
        "metrics": found.metrics.model_dump(mode="json"),
        "counterfactual": diagnostics["counterfactual"],
        "blessing": found.verdict.model_dump(mode="json", exclude={"version"}),
        "components": {
            node: {"seconds": round(result.seconds, 3), "cached": result.cached}
            for node, result in nodes.items()
        },
        "seconds": round(seconds, 3),
        "paths": _paths(locations, found),
    }


def write_failure(config: RunConfig, error: BaseException, path: Path) -> None:
    """Writes that a run ended in an error, in place of an older run's summary.

    Args:
        config: the run's configuration.
        error: the error.
        path: the file; on a full disk there is none afterwards, rather than an older one.
    """
    failure = {
        "version": VERSION,
        "status": "failed",
        "error": told(error),
        "dataset": described(config),
    }
    try:
        write_summary(failure, path)
    except OSError:
        path.unlink(missing_ok=True)


def write_summary(summary: dict[str, Any], path: Path) -> None:
    """Writes the summary so that no reader ever sees half of it."""
    write_whole(path, json.dumps(summary, indent=2, ensure_ascii=False) + "\n")


def counts_of(read: ListCounts) -> dict[str, Any]:
    """What was read; `lists_of_new_regions` were evaluated by the mask of an unknown region."""
    counts = read.model_dump(mode="json")
    counts["lists_of_new_regions"] = {
        region: splits[keys.EVALUATION]
        for region, splits in counts["lists_by_region"].items()
        if not splits[keys.TRAIN] and splits[keys.EVALUATION]
    }
    return counts


def described(config: RunConfig) -> dict[str, str]:
    """What the dataset is called."""
    return {"name": config.dataset.name, "description": config.dataset.description}


def resolved(config: RunConfig) -> dict[str, Any]:
    """The configuration without the dataset, with what follows from the dataset filled in."""
    filled = config.model_dump(mode="json", exclude={"dataset"})
    filled["model"]["descending"] = config.model.descends(config.dataset.actions_imply_previous)
    return filled


def _paths(locations: Locations, found: RunResults) -> dict[str, Any]:
    return {
        "pushed_model": pushed_version(found.nodes["Pusher"]),
        "serving_model": locations.folders.serving_model,
        "region_split": found.split_file,
        "evaluation": found.folder("Evaluator", "evaluation"),
        "rows_set_aside": found.rows_set_aside,
        "diagnostics": found.folder("Diagnostics", "diagnostics"),
        "anomalies": found.folder("ExampleValidator", "anomalies"),
        "tensorboard": found.folder("Trainer", "model_run"),
        "metadata": str(locations.metadata),
        "log": str(locations.log),
        "summary": str(locations.summary),
        "report": str(locations.report),
    }


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, datetime.date) else value
