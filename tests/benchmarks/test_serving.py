"""The benchmark of answers, with answers that are only pretended to be measured."""

from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from benchmarks import serving
from data.artifacts.model_folder import ExtraFiles


def pretended(module: str, **arguments: Any) -> dict[str, Any]:
    """Twice as slow as the bare MLP in process, and without it through TF Serving."""
    if module == "capacity":
        return {str(items): capacity_of(arguments["clients"]) for items in arguments["candidates"]}
    if module == "loading":
        warm_up = arguments["warm_up"]
        seconds = {"load_seconds": 1.5, "warm_up_seconds": 7.25 if warm_up else 0.0}
        return {**seconds, "first_ms": 10.0 if warm_up else 2000.0, "second_ms": 9, "megabytes": 80}
    ways = {"serving_default": 2.0, "bare_mlp": 1.0}
    if module == "served_answers":
        ways = {"serving_default": 3.0}
    clock = {"p99_ms": 9.0, "least_ms": 0.5}
    found = {
        "alone": {way: {**clock, "p50_ms": ms, "cpu_ms": ms} for way, ms in ways.items()},
        "clients": {
            way: {**clock, "p50_ms": 4 * ms, "answers_per_second": 1234.0}
            for way, ms in ways.items()
        },
        "times_bare_mlp": ways,
        "operations": {way: {"operations": 321, "nodes": 654} for way in ways},
    }
    return {
        "multiply_adds": {"network": 1000, "bare_mlp": 990},
        "candidates": {str(items): found for items in arguments["candidates"]},
    }


def capacity_of(clients: list[int]) -> dict[str, Any]:
    """A process that answers 100 a second: one client more waits 10 ms longer."""
    return {
        str(number): {"p99_ms": 10.0 * number, "answers_per_second": 100.0 + number}
        for number in clients
    }


@pytest.mark.parametrize("reason", [None, "no server"])
def test_both_places_are_measured_where_a_server_is(
    reason: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(serving, "missing_server", lambda: reason)
    figures = serving.benchmark("model", 10, 4, pretended, lambda stage: None)
    assert set(figures["in_process"]["candidates"]) == {"1", "50", "200", "1000"}
    console = Console(record=True, width=160)
    serving.show(figures, console)
    shown = console.export_text()
    assert "1,000" in shown
    assert "1,234" in shown
    assert "321" in shown
    if reason:
        assert figures["tf_serving"] == {"not_measured": reason}
        assert "TF Serving was not measured: no server" in shown
    else:
        assert "TF Serving serving_default" in shown


def test_a_model_without_warm_up_requests_is_measured_without(tmp_path: Path) -> None:
    figures = serving.benchmark(str(tmp_path), 10, 1, pretended, lambda stage: None)
    assert list(figures["loading"]) == ["no warm-up"]


@pytest.mark.parametrize("option", ["--clients", "--requests", "--rows"])
def test_of_nothing_nothing_is_measured(
    option: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        serving.main(["--json", str(tmp_path / "figures.json"), option, "0"])
    assert f"argument {option}: expected 1 or more, found 0" in capsys.readouterr().err


def test_capacity_is_that_of_the_most_clients_that_are_answered_in_time(tmp_path: Path) -> None:
    warm_up = Path(ExtraFiles(str(tmp_path)).warm_up)
    warm_up.parent.mkdir()
    warm_up.touch()
    figures = serving.benchmark(str(tmp_path), 10, 6, pretended, lambda stage: None)
    assert set(figures["capacity"]) == {"1 + 1", "1 + cores", "cores + cores"}
    assert list(figures["capacity"]["1 + 1"]["50"]) == ["1", "2", "4", "6"]
    console = Console(record=True, width=160)
    serving.show(figures, console)
    shown = console.export_text()
    assert "104 (40.0)" in shown
    # Two clients wait 20 ms, four 40.
    assert "102 by 2" in shown
    assert "7.25" in shown
