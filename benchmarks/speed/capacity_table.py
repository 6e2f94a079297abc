"""Tables of capacity and of loading."""

from collections.abc import Mapping
from typing import Any

from rich.table import Table

# The latest that one answer of a hundred may come, in milliseconds.
LATEST_MS = 25.0


def capacity_table(capacity: Mapping[str, Any]) -> Table:
    """A line for each length and choice of threads.

    Args:
        capacity: by threads, length and number of clients, as `benchmarks.serving` has it.

    Returns:
        Answers a second and their p99 by clients, and the most with a p99 of 25 ms.
    """
    first = next(iter(next(iter(capacity.values())).values()))
    table = Table(
        title="answers a second (p99 in ms) of serving_default, by clients;"
        " threads within an operation + for operations"
    )
    columns = [f"{number} client{'s' if int(number) > 1 else ''}" for number in first]
    for name in ("candidates", "threads", *columns, f"at a p99 of {LATEST_MS:.0f} ms"):
        table.add_column(name, justify="left" if name == "threads" else "right")
    lengths = list(next(iter(capacity.values())))
    for items in lengths:
        for threads, of_threads in capacity.items():
            found = of_threads[items]
            table.add_row(
                f"{int(items):,}", threads, *map(_answers, found.values()), _within(found)
            )
    return table


def loading_table(loading: Mapping[str, Any]) -> Table:
    """From the push to the first answer, and the memory of a loaded model.

    Args:
        loading: by whether the model was warmed up.

    Returns:
        A line for each.
    """
    table = Table(title="from push to first answer, of 1,000 candidates")
    for name in ("", "load s", "warm-up s", "first ms", "second ms", "MB"):
        table.add_column(name, justify="right" if name else "left")
    for way, found in loading.items():
        seconds = (f"{found[name]:.2f}" for name in ("load_seconds", "warm_up_seconds"))
        others = (f"{found[name]:,.0f}" for name in ("first_ms", "second_ms", "megabytes"))
        table.add_row(way, *seconds, *others)
    return table


def _answers(found: Mapping[str, float]) -> str:
    return f"{found['answers_per_second']:,.0f} ({found['p99_ms']:.1f})"


def _within(found: Mapping[str, Mapping[str, float]]) -> str:
    """The most answers a second among numbers of clients whose p99 is early enough."""
    early = [
        (one["answers_per_second"], number)
        for number, one in found.items()
        if one["p99_ms"] <= LATEST_MS
    ]
    if not early:
        return "none"
    answers, clients = max(early)
    return f"{answers:,.0f} by {clients}"
