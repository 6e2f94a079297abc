"""Measures every stage of the pipeline on one marketplace."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from benchmarks.speed.process import Measure

Figures = dict[str, Any]

# The stages by name: the node, and the splits of which it reads every item.
STAGES = {
    "listexamplegen": ("ListExampleGen", ("train", "validation", "eval")),
    "statistics": ("StatisticsGen", ("train", "validation", "eval")),
    "region_statistics": ("RegionStatistics", ("train",)),
    "region_split": ("RegionSplit", ("train",)),
    "transform": ("Transform", ("train",)),
    "training": ("Trainer", ("train",)),
    "evaluation": ("Evaluator", ("eval",)),
    "diagnostics": ("Diagnostics", ("eval",)),
}


def nodes_through(last: str) -> list[str]:
    """The nodes that are measured up to one of them, in the order in which they run.

    Args:
        last: id of the last one.

    Returns:
        Ids of the nodes.
    """
    nodes = [node for node, _ in STAGES.values()]
    return nodes[: nodes.index(last) + 1]


def measure_stages(folder: Path, measure: Measure, tell: Callable[[str], None]) -> Figures:
    """Runs the nodes one after the other and measures them.

    Args:
        folder: of a marketplace.
        measure: runs one node.
        tell: is told which stage comes next.

    Returns:
        By stage `rows`, `rows_per_second` and what `Usage` has; for training `rows_per_second` is
        that of the node as a whole, and `items_per_second` that of its epochs after the first.
        `outputs`: folders of the artifacts by key.
    """
    stages: Figures = {}
    outputs: dict[str, str] = {}
    for stage, (node, splits) in STAGES.items():
        tell(stage)
        done = measure("node", folder=str(folder), node=node)
        outputs |= done["outputs"]
        items = _counts(outputs)["items"]
        stages[stage] = with_rate(done["usage"], sum(items[split] for split in splits))
    stages["training"] |= _epochs(outputs)
    return {"stages": stages, "outputs": outputs}


def with_rate(usage: Mapping[str, float], rows: int) -> Figures:
    """A usage with the rows that were worked on, and those a second."""
    return {"rows": rows, "rows_per_second": round(rows / usage["seconds"], 1), **usage}


def beside(ours: Mapping[str, Any], other: Mapping[str, Any]) -> Figures:
    """Figures of another way to group the same rows, and how many times as fast ListExampleGen is.

    Args:
        ours: figures of ListExampleGen.
        other: has the `usage` of the other way.

    Returns:
        The figures; `listexamplegen_times_as_fast` by the clock, and by processor time.
    """
    usage = other["usage"]
    return {
        **with_rate(usage, ours["rows"]),
        "listexamplegen_times_as_fast": round(usage["seconds"] / ours["seconds"], 3),
        "listexamplegen_times_as_fast_by_cpu": round(usage["cpu_seconds"] / ours["cpu_seconds"], 3),
    }


def with_parts(training: Mapping[str, Any], parts: Mapping[str, Any]) -> Figures:
    """Training's figures with those of its parts, and its share of bare matrix products."""
    rates = parts["items_per_second"]
    return {
        **training,
        "parameters": parts["parameters"],
        "multiply_adds_per_item": parts["multiply_adds_per_item"],
        "parts_items_per_second": rates,
        "share_of_matrix_chain": round(training["items_per_second"] / rates["matrix_chain"], 3),
    }


def _counts(outputs: Mapping[str, str]) -> dict[str, Any]:
    return json.loads((Path(outputs["rows_set_aside"]) / "counts.json").read_text())


def _epochs(outputs: Mapping[str, str]) -> Figures:
    """Training by itself: the first epoch is left out, since functions are traced in it."""
    items = _counts(outputs)["items"]
    history = json.loads((Path(outputs["model_run"]) / "history.json").read_text())[1:]
    training = sum(epoch["training_seconds"] for epoch in history)
    validation = sum(epoch["seconds"] - epoch["training_seconds"] for epoch in history)
    return {
        "items_per_second": round(items["train"] * len(history) / training, 1),
        "validation_items_per_second": round(items["validation"] * len(history) / validation, 1),
        "epochs_measured": len(history),
    }
