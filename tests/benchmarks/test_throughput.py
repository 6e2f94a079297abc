"""The benchmark's figures, with pieces of work that are only pretended to run."""

import json
from pathlib import Path
from typing import Any

import pytest

from benchmarks.speed.measuring import STAGES
from benchmarks.speed.node import measure as measure_node
from benchmarks.throughput import benchmark


def pretended(module: str, **arguments: Any) -> dict[str, Any]:
    """A machine that works on 1,000 rows a second, and in a tenth of the time for Polars."""
    if module == "marketplace":
        return {"rows": arguments["rows"]}
    if module == "network":
        rates = {"matrix_chain": 4000.0, "step": 2000.0}
        return {"parameters": 20, "multiply_adds_per_item": 10, "items_per_second": rates}
    folder = Path(arguments["folder"])
    rows = 10_000 if folder.name == "whole" else 1_000
    seconds = rows / 1000 / (10 if arguments.get("way") == "polars" else 1)
    usage = {
        "seconds": seconds,
        "cpu_seconds": 2 * seconds,
        "others_cpu_seconds": 0.0,
        "peak_megabytes": 500 + seconds,
        "megabytes_before": 500,
    }
    (folder / "counts.json").write_text(
        json.dumps({"items": {"train": rows, "validation": rows, "eval": rows}})
    )
    epoch = {"training_seconds": 2.0, "seconds": 3.0}
    (folder / "history.json").write_text(json.dumps([{**epoch, "training_seconds": 9}, epoch]))
    outputs = {"rows_set_aside": str(folder), "model_run": str(folder)}
    return {"usage": usage, "outputs": outputs}


def test_figures_of_every_stage_and_their_ratios(tmp_path: Path) -> None:
    figures = benchmark(tmp_path, 10_000, pretended, lambda stage: None)
    assert set(STAGES) <= set(figures)
    # Three splits of 10,000 items in 10 seconds.
    assert figures["listexamplegen"]["rows_per_second"] == 3 * 10_000 / 10
    assert figures["polars"]["listexamplegen_times_as_fast"] == 1 / 10
    assert figures["row_by_row"]["listexamplegen_times_as_fast"] == 1
    # The epochs after the first: 10,000 items in 2 seconds.
    assert figures["training"]["items_per_second"] == 10_000 / 2
    assert figures["training"]["share_of_matrix_chain"] == 5000 / 4000
    grown = figures["scaling"]["growth"]["transform"]
    assert (grown["seconds"], grown["added_peak_megabytes"]) == (10, 10 - 1)


def test_one_node_runs_alone_after_those_before_it(tmp_path: Path) -> None:
    from benchmarks.speed.marketplace import measure as write_marketplace

    write_marketplace(str(tmp_path), 10_000)
    done = measure_node(str(tmp_path), "ListExampleGen")
    assert done["usage"]["seconds"] > 0
    assert Path(done["outputs"]["examples"]).is_dir()
    with pytest.raises(RuntimeError, match="expected ListExampleGen alone to run"):
        measure_node(str(tmp_path), "ListExampleGen")
