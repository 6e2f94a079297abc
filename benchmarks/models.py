"""How large and how fast to train each model is, beside bare matrix products of the same size.

python -m benchmarks.models --json models.json
"""

import argparse
import json
import os
import platform
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

if not __package__:
    # Called by its path: benchmarks/models.py would hide the package `models`.
    sys.path.pop(0)

from rich.console import Console
from rich.table import Table

from benchmarks.speed.measuring import nodes_through
from benchmarks.speed.process import Measure, in_own_process
from benchmarks.speed.torch_rechub import beside_torch_rechub
from data.files import local_path

# Width of output that goes to a file.
_PLAIN_WIDTH = 120
_RANKERS = (
    *("shared_bottom", "mlmmoe", "ple", "adatt_sp", "seq", "seq_md"),
    *("star", "pepnet", "esmm", "aitm"),
)


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs the benchmark.

    Args:
        arguments: the command line; that of the process by default.
    """
    parser = argparse.ArgumentParser(prog="python -m benchmarks.models", description=__doc__)
    parser.add_argument("--rows", type=int, default=200_000, help="rows of the logs, about")
    parser.add_argument("--batches", type=int, default=200, help="batches that are timed")
    parser.add_argument("--parameters", type=int, default=60_000, help="of each network, about")
    parser.add_argument(
        "--torch-rechub", metavar="PYTHON", help="of an environment with torch-rechub, to compare"
    )
    parser.add_argument("--json", type=local_path, required=True, help="file for the figures")
    options = parser.parse_args(arguments)
    console = Console(highlight=False, width=None if os.isatty(1) else _PLAIN_WIDTH)
    with tempfile.TemporaryDirectory() as folder, console.status("") as status:
        figures = benchmark(
            Path(folder),
            options.rows,
            options.batches,
            options.parameters,
            in_own_process,
            status.update,
        )
        if options.torch_rechub:
            status.update("torch-rechub")
            figures["beside_torch_rechub"] = beside_torch_rechub(
                options.torch_rechub, options.batches, in_own_process
            )
    options.json.write_text(json.dumps(figures, indent=2) + "\n")
    console.print(_table(figures))
    if "beside_torch_rechub" in figures:
        console.print(_comparison(figures["beside_torch_rechub"]))


def benchmark(
    folder: Path,
    rows: int,
    batches: int,
    parameters: int,
    measure: Measure = in_own_process,
    tell: Callable[[str], None] = print,
) -> dict[str, Any]:
    """Measures every model on the same lists in memory.

    Args:
        folder: for temporary files.
        rows: rows of the logs, about.
        batches: batches that each part takes.
        parameters: budget of each network.
        measure: runs one piece of work.
        tell: is told what is being measured.

    Returns:
        `machine`, and by model what `benchmarks.speed.network` measures with, as
        `share_of_matrix_chain`, the step's rate over that of bare matrix products.
    """
    tell("a marketplace")
    measure("marketplace", folder=str(folder), rows=rows)
    outputs: dict[str, str] = {}
    for node in nodes_through("Transform"):
        tell(node)
        outputs |= measure("node", folder=str(folder), node=node)["outputs"]
    models = {}
    for ranker in _RANKERS:
        tell(ranker)
        model = {"ranker": ranker, "parameters": parameters}
        found = measure(
            "network", folder=str(folder), outputs=outputs, batches=batches, model=model
        )
        rates = found["items_per_second"]
        share = round(rates["step"] / rates["matrix_chain"], 3)
        models[ranker] = {**found, "share_of_matrix_chain": share}
    machine = {"cores": os.cpu_count(), "kind": platform.machine()}
    return {"machine": machine, "models": models}


def _table(figures: dict[str, Any]) -> Table:
    table = Table(title=f"training in memory on {figures['machine']['cores']} cores")
    for name in (
        "",
        "parameters",
        "a third task adds",
        "multiply-adds",
        "items/s",
        "matrix products",
        "share",
    ):
        table.add_column(name, justify="right" if name else "left")
    for name, model in figures["models"].items():
        rates = model["items_per_second"]
        table.add_row(
            name,
            f"{model['network_parameters']:,}",
            f"{model['growth_with_the_last_task']:.0%}",
            f"{model['multiply_adds_per_item']:,}",
            f"{rates['step']:,.0f}",
            f"{rates['matrix_chain']:,.0f}",
            f"{model['share_of_matrix_chain']:.0%}",
        )
    return table


def _comparison(compared: dict[str, Any]) -> Table:
    table = Table(title="steps on a dense matrix in memory")
    for name in ("", "parameters", "items/s", "torch-rechub", "ratio"):
        table.add_column(name, justify="right" if name else "left")
    for name, model in compared.items():
        ours, theirs = model["items_per_second"], model["torch_rechub"]
        ratio = f"{ours / theirs:.2f}"
        table.add_row(name, f"{model['parameters']:,}", f"{ours:,.0f}", f"{theirs:,.0f}", ratio)
    return table


if __name__ == "__main__":
    main()
