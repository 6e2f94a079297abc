import io
from typing import Any

from rich.console import Console

from benchmarks.history import benchmark, show


def measured(module: str, **arguments: Any) -> dict[str, Any]:
    assert module == "history_cost"
    assert arguments == {"lists": 128, "items": 25, "entries": 7, "steps": 2, "requests": 3}
    ways = {"with": 800.0, "without": 1_000.0, "din": 250.0}
    times = {"with": 1.25, "din": 4.0}
    return {
        "items_per_second": {"step": ways, "input_and_step": ways},
        "answer_ms": {"with": 5.0, "without": 4.0, "din": 16.0},
        "times": {"step": times, "input_and_step": times, "answer": times},
    }


def test_the_table_says_how_many_times_as_long_it_takes() -> None:
    figures = benchmark(7, 2, 3, None, measured)
    console = Console(file=io.StringIO(), width=120)
    show(figures, console)
    printed = console.file.getvalue()  # type: ignore[attr-defined]
    assert "histories of 7" in printed
    assert "torch-rechub" not in printed
    row = next(line for line in printed.splitlines() if "1,000 candidates" in line)
    assert [cell.strip() for cell in row.split("│")[2:7]] == ["4.0", "5.0", "1.25", "16.0", "4.00"]
    there = {"items_per_second": {"with": 400.0, "without": 2_000.0}, "version": "2.0"}
    show({**figures, "torch_rechub": there}, console)
    printed = " ".join(console.file.getvalue().split())  # type: ignore[attr-defined]
    # 1/400 less 1/2,000 of a second, and 1/800 less 1/1,000.
    assert "2,000.0 microseconds more an item, where the encoder takes 250.0 more" in printed
