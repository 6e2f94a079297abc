"""How fast a model answers, beside a bare MLP of the same size, and how many clients it serves.

python -m benchmarks.serving --json serving.json
"""

import argparse
import json
import os
import platform
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

if not __package__:
    # Called by its path: benchmarks/models.py would hide the package `models`.
    sys.path.pop(0)

from rich.console import Console
from rich.table import Table

from benchmarks.laboratory.options import positive
from benchmarks.speed.capacity_table import capacity_table, loading_table
from benchmarks.speed.marketplace import WIDE_MODEL
from benchmarks.speed.process import Measure, in_own_process
from benchmarks.speed.server_program import missing_server
from data.artifacts.model_folder import ExtraFiles, newest_version
from data.files import local_path

CANDIDATES = (1, 50, 200, 1000)
# TensorFlow's threads within an operation, and for operations; 0 is one a core.
THREADS = ((1, 1), (1, 0), (0, 0))
# A model is loaded as it is, and with the requests that warm it up, where it has some.
_COLD, _WARM = "no warm-up", "warm-up"
# Width of output that goes to a file.
_PLAIN_WIDTH = 120


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs the benchmark.

    Args:
        arguments: the command line; that of the process by default.
    """
    parser = argparse.ArgumentParser(prog="python -m benchmarks.serving", description=__doc__)
    parser.add_argument(
        "--model",
        type=local_path,
        help="a pushed model (default: one of the simulated marketplace)",
    )
    parser.add_argument("--rows", type=positive, default=20_000, help="of the marketplace, about")
    parser.add_argument(
        "--requests", type=positive, default=500, help="to each way, for each length"
    )
    parser.add_argument("--clients", type=positive, default=4, help="at the same time, at most")
    parser.add_argument("--json", type=local_path, required=True, help="file for the figures")
    options = parser.parse_args(arguments)
    console = Console(highlight=False, width=None if sys.stdout.isatty() else _PLAIN_WIDTH)
    with tempfile.TemporaryDirectory() as folder, console.status("") as status:
        model = options.model and str(newest_version(options.model).absolute())
        if model is None:
            status.update("making a model")
            made = in_own_process(
                "trained_model", folder=folder, rows=options.rows, model=WIDE_MODEL
            )
            model = made["model"]
        figures = benchmark(model, options.requests, options.clients, in_own_process, status.update)
    options.json.write_text(json.dumps(figures, indent=2) + "\n")
    show(figures, console)


def benchmark(
    model: str,
    requests: int,
    clients: int,
    measure: Measure = in_own_process,
    tell: Callable[[str], None] = print,
) -> dict[str, Any]:
    """Measures the answers of one model.

    Args:
        model: a version of a pushed model.
        requests: to each way, for each length.
        clients: that ask at the same time; capacity is measured of 1, 2, 4, ... up to as many.
        measure: runs one piece of work.
        tell: is told what is being measured.

    Returns:
        `in_process` as `benchmarks.speed.answers` has it, `tf_serving` as
        `benchmarks.speed.served_answers` has it, or `not_measured`, the reason; `capacity` by
        threads as `benchmarks.speed.capacity` has it; `loading` as `benchmarks.speed.loading` has
        it, without warm-up, and with it where the model has requests for it.
    """
    load = os.getloadavg()[0]
    asked = {"candidates": CANDIDATES, "requests": requests, "clients": clients}
    tell("in process")
    in_process = measure("answers", model=model, **asked)
    reason = missing_server()
    tell("TF Serving")
    served = {"not_measured": reason} if reason else measure("served_answers", model=model, **asked)
    return {
        "machine": {"cores": os.cpu_count(), "kind": platform.machine(), "load_before": load},
        "requests": requests,
        "clients": clients,
        "in_process": in_process,
        "tf_serving": served,
        "capacity": _capacity(model, requests, clients, measure, tell),
        "loading": {
            way: measure("loading", model=model, candidates=CANDIDATES[-1], warm_up=way == _WARM)
            for way in _ways_to_load(model)
        },
    }


def _ways_to_load(model: str) -> tuple[str, ...]:
    return (_COLD, _WARM) if Path(ExtraFiles(model).warm_up).exists() else (_COLD,)


def _capacity(
    model: str, requests: int, clients: int, measure: Measure, tell: Callable[[str], None]
) -> dict[str, Any]:
    numbers = sorted({clients, *(2**power for power in range(clients.bit_length()))})
    found = {}
    for intra, inter in THREADS:
        name = f"{_threads(intra)} + {_threads(inter)}"
        tell(f"capacity, threads {name}")
        found[name] = measure(
            "capacity",
            model=model,
            candidates=CANDIDATES,
            clients=numbers,
            requests=requests,
            intra=intra,
            inter=inter,
        )
    return found


def _threads(number: int) -> str:
    return str(number or "cores")


def show(figures: Mapping[str, Any], console: Console) -> None:
    """Prints a line for each length and way, then capacity and loading.

    Args:
        figures: of the benchmark.
        console: where to print.
    """
    in_process, served = figures["in_process"], figures["tf_serving"]
    counted = in_process["multiply_adds"]
    table = Table(
        title=f"milliseconds; {counted['network']:,} multiply-adds an item, the bare MLP"
        f" {counted['bare_mlp']:,}; load before {figures['machine']['load_before']:.1f}"
    )
    clients = f"{figures['clients']} clients"
    headings = ("candidates", "way", "p50", "p99", "least", "CPU p50", "x bare MLP", "operations")
    for name in (*headings, f"{clients} p50", "p99", "answers/s"):
        table.add_column(name, justify="left" if name == "way" else "right")
    for place, ways in (("", in_process), ("TF Serving ", served)):
        for items, found in ways.get("candidates", {}).items():
            for way in found["alone"]:
                table.add_row(f"{int(items):,}", f"{place}{way}", *_row(found, way))
    console.print(table)
    if "not_measured" in served:
        console.print(f"TF Serving was not measured: {served['not_measured']}")
    console.print(capacity_table(figures["capacity"]))
    console.print(loading_table(figures["loading"]))


def _row(found: Mapping[str, Any], way: str) -> tuple[str, ...]:
    alone, together = found["alone"][way], found["clients"][way]
    times = found.get("times_bare_mlp", {}).get(way)
    counted = found.get("operations", {}).get(way)
    return (
        *(f"{alone[name]:.2f}" for name in ("p50_ms", "p99_ms", "least_ms", "cpu_ms")),
        "" if times is None else f"{times:.2f}",
        "" if counted is None else f"{counted['operations']:,}",
        *(f"{together[name]:.2f}" for name in ("p50_ms", "p99_ms")),
        f"{together['answers_per_second']:,.0f}",
    )


if __name__ == "__main__":
    main()
