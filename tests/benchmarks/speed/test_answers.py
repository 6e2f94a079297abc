"""The measurements of answers run on a real model."""

from pathlib import Path

from benchmarks.speed.network_size import network_size
from benchmarks.speed.process import in_own_process
from models.pushed_model import PushedModel


def test_every_way_answers_lists_of_every_length(trained_model: Path) -> None:
    found = in_own_process(
        "answers", model=str(trained_model), candidates=[1, 30], requests=3, clients=2
    )
    ways = {"serving_default", "serve_examples", "bare_mlp"}
    for figures in found["candidates"].values():
        assert set(figures["alone"]) == set(figures["clients"]) == ways
        assert figures["times_bare_mlp"]["bare_mlp"] == 1
    counted = found["multiply_adds"]
    assert abs(counted["bare_mlp"] / counted["network"] - 1) < 0.1


def test_the_input_is_all_that_the_network_gets(trained_model: Path) -> None:
    size = network_size(str(trained_model), PushedModel.load(str(trained_model)))
    numeric = 2 * 12 + 11
    assert size.width > numeric
    assert size.tasks == 3
