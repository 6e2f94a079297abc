"""The benchmark of answers, with answers that are only pretended to be measured."""

from typing import Any

import pytest
from rich.console import Console

from benchmarks import serving


def pretended(module: str, **arguments: Any) -> dict[str, Any]:
    """Twice as slow as the bare MLP in process, and without it through TF Serving."""
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
    }
    return {
        "multiply_adds": {"network": 1000, "bare_mlp": 990},
        "candidates": {str(items): found for items in arguments["candidates"]},
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
    if reason:
        assert figures["tf_serving"] == {"not_measured": reason}
        assert "TF Serving was not measured: no server" in shown
    else:
        assert "TF Serving serving_default" in shown
