"""What grows, on a machine that is only pretended."""

import io
import json
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from benchmarks.scaling import GROWN, benchmark, main, show
from benchmarks.speed.measuring import STAGES

SIZES = [100_000, 1_000_000, 10_000_000]


def pretended(module: str, folder: str, **arguments: Any) -> dict[str, Any]:
    """Every node takes 2 s, and 3 s a million rows for each time that features are doubled."""
    note = Path(folder) / "note.json"
    if module == "marketplace":
        note.write_text(json.dumps(arguments))
        return {"rows": arguments["rows"]}
    made = json.loads(note.read_text())
    rows = made["rows"]
    seconds = 2 + 3 * rows / 1_000_000 * made.get("features", 1)
    (Path(folder) / "counts.json").write_text(
        json.dumps({"items": {"train": rows, "validation": rows, "eval": rows}})
    )
    epoch = {"training_seconds": 1.0, "seconds": 2.0}
    (Path(folder) / "history.json").write_text(json.dumps([epoch, epoch]))
    usage = {"seconds": seconds, "cpu_seconds": 2 * seconds, "peak_megabytes": 900 + rows / 10_000}
    return {"usage": usage, "outputs": {"rows_set_aside": folder, "model_run": folder}}


@pytest.fixture(scope="module")
def figures(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("scaling")
    measured = benchmark(folder, SIZES, 1_000_000, pretended, lambda stage: None)
    assert not list(folder.iterdir())
    return measured


def test_each_stage_has_the_law_that_it_follows(figures: dict[str, Any]) -> None:
    assert [size["rows"] for size in figures["sizes"]] == SIZES
    for stage in STAGES:
        law = figures["laws"]["seconds"][stage]
        assert (law["start"], law["per_million"]) == pytest.approx((2, 3))
        assert figures["laws"]["peak_megabytes"][stage]["per_million"] == pytest.approx(100)


def test_what_is_grown_is_grown_alone_at_the_base(figures: dict[str, Any]) -> None:
    assert figures["base"] == figures["sizes"][1]
    assert {name: grown["times"] for name, grown in figures["grown"].items()} == GROWN
    seconds = {
        name: grown["stages"]["training"]["seconds"] for name, grown in figures["grown"].items()
    }
    assert seconds == {"list_length": 2 + 3, "features": 2 + 3 * 2, "regions": 2 + 3}


def test_tables_say_what_n_workers_take(figures: dict[str, Any]) -> None:
    text = io.StringIO()
    show(figures, Console(file=text, width=400))
    lines = [
        [cell.strip() for cell in line.split("|")[1:-1]] for line in text.getvalue().splitlines()
    ]
    together = next(line for line in lines if line and line[0] == "one after the other")
    # 100 million rows: 2 s and 300 s shared by 1, 4, 16 and 64 workers, in every stage.
    minutes = [f"{len(STAGES) * (2 + 300 / workers) / 60:,.1f}" for workers in (1, 4, 16, 64)]
    assert together[1:5] == minutes
    features = next(line for line in lines if line and line[0] == "training" and "x" in line[1])
    assert features[2] == f"x {(2 + 3 * 2) / (2 + 3):.2f}"


def test_the_base_is_one_of_the_sizes(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    with pytest.raises(SystemExit):
        main(["--rows", "1000", "2000", "--base", "3000", "--json", str(tmp_path / "figures.json")])
    assert "expected two sizes, one of them --base 3000" in capsys.readouterr().err
