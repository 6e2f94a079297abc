"""The measurements of answers run on a real model."""

from pathlib import Path

from benchmarks.speed.network_size import network_size
from benchmarks.speed.process import in_own_process
from models.training.pushed_model import PushedModel


def test_every_way_answers_lists_of_every_length(serving_model: Path) -> None:
    model = str(serving_model / "2")
    found = in_own_process("answers", model=model, candidates=[1, 60], requests=3, clients=2)
    ways = {"serving_default", "serve_examples", "inputs_alone", "onnx", "bare_mlp"}
    for figures in found["candidates"].values():
        assert set(figures["alone"]) == set(figures["clients"]) == ways
        assert figures["times_bare_mlp"]["bare_mlp"] == 1
    counted = found["multiply_adds"]
    assert abs(counted["bare_mlp"] / counted["network"] - 1) < 0.1


def test_the_input_is_all_that_the_network_gets(serving_model: Path) -> None:
    model = str(serving_model / "2")
    pushed = PushedModel.load(model)
    kinds = [feature.kind for feature in pushed.dataset.features]
    versions = sum(len(feature.within_list or ()) for feature in pushed.dataset.features)
    # A number and whether it is missing; a vector of 8 likewise; embeddings.
    expected = 2 * kinds.count("numeric") + versions + (8 + 1) * kinds.count("vector")
    expected += sum(pushed.embedding_widths().values())
    size = network_size(model, pushed)
    assert (size.width, size.tasks) == (expected, 3)
