"""Starting from a pushed model: equal weights, more tasks, other values."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tensorflow as tf

from data.artifacts.region_split import FeatureSplit
from data.definition.dataset import Dataset
from data.errors import InputError
from models.config import ModelConfig, TrainingConfig
from models.features.transform_graph import TransformGraph
from models.ranking_model import RankingModel
from models.training.input_pipeline import Reader
from models.training.pushed_model import PushedModel
from models.training.training import Training
from models.training.warm_start import task_neighbours, warm_start
from models.weights import named_weights

MODEL = {"dropout": 0.1, "unknown_region_share": 0.2, "linear_path": True}


@pytest.fixture(scope="module")
def pushed(trained: Path) -> PushedModel:
    return PushedModel.load(str(trained / "model"))


@pytest.fixture
def inputs(reader: Reader, lists: list[Any]) -> dict[str, tf.Tensor]:
    return reader(tf.constant([one.serialized() for one in lists[:9]]))


@pytest.fixture
def with_tasks(
    dataset: Dataset, split: FeatureSplit, graph: TransformGraph, inputs: dict[str, tf.Tensor]
) -> Callable[[list[str]], RankingModel]:
    def build(tasks: list[str]) -> RankingModel:
        named = [{"name": name, "grade": number + 1} for number, name in enumerate(tasks)]
        changed = Dataset.model_validate({**dataset.model_dump(), "tasks": named})
        config = ModelConfig(
            token_units=(8,),
            recurrent_units=(8,),
            transformed_units=(8,),
            invariant_units=(8,),
            mask_units=(4,),
            **MODEL,
        )
        model = RankingModel(changed, config, TrainingConfig(), split, graph.sizes)
        model(inputs)
        return model

    return build


@pytest.mark.parametrize(
    ("tasks", "expected"),
    [
        (["a", "b"], [["a"], ["b"]]),
        (["a", "new", "b"], [["a"], ["a", "b"], ["b"]]),
        (["a", "b", "new"], [["a"], ["b"], ["b"]]),
        (["new", "a", "b"], [["a"], ["a"], ["b"]]),
        (["a", "x", "y", "b"], [["a"], ["a", "b"], ["a", "b"], ["b"]]),
    ],
)
def test_a_new_task_is_the_mean_of_its_neighbours(
    tasks: list[str], expected: list[list[str]]
) -> None:
    assert list(task_neighbours(["a", "b"], tasks).values()) == expected


@pytest.mark.parametrize("tasks", [["a"], ["b", "a"], ["a", "c"]])
def test_tasks_that_went_or_moved_are_refused(tasks: list[str]) -> None:
    with pytest.raises(InputError, match=r"expected the pushed model's tasks \['a', 'b'\]"):
        task_neighbours(["a", "b"], tasks)


def test_without_training_it_is_the_pushed_model(
    trained: Path, train: Callable[..., Path], tmp_path: Path, lists: list[Any]
) -> None:
    again = train(tmp_path, training={"epochs": 0}, model=MODEL, warm_start=trained / "model")
    examples = tf.constant([one.serialized() for one in lists[:20]])
    scores = [
        tf.saved_model.load(str(folder / "model")).signatures["serve_examples"](examples=examples)
        for folder in (trained, again)
    ]
    for name, expected in scores[0].items():
        np.testing.assert_allclose(scores[1][name], expected, atol=1e-6)


def test_training_goes_on_from_there(
    pushed: PushedModel,
    build_model: Callable[..., RankingModel],
    learn: Callable[..., Training],
    graph: TransformGraph,
    inputs: dict[str, tf.Tensor],
    tmp_path: Path,
) -> None:
    # Steps so small leave the weights near to where they started.
    training = {"epochs": 1, "learning_rate": 1e-4}
    model = build_model(training, MODEL)
    model(inputs)
    warm_start(model, graph.vocabularies(), pushed)
    learn(tmp_path, training, network=model)
    weights = named_weights(model)
    assert weights.keys() == pushed.weights.keys()
    # The others count what was drawn.
    floats = {name: old for name, old in pushed.weights.items() if old.dtype.kind == "f"}
    moved = {name: np.abs(weights[name].numpy() - old).max() for name, old in floats.items()}
    assert any(moved[name] > 0 for name in moved if "token" in name)
    assert max(moved.values()) < 0.01


def test_a_task_at_the_end_leaves_the_others_as_they_were(
    pushed: PushedModel,
    with_tasks: Callable[[list[str]], RankingModel],
    graph: TransformGraph,
    inputs: dict[str, tf.Tensor],
) -> None:
    two, three = with_tasks(["click", "order"]), with_tasks(["click", "order", "return"])
    report = warm_start(two, graph.vocabularies(), pushed)
    assert not report.grown
    assert not report.left
    assert not report.new
    assert not report.misfits
    report = warm_start(three, graph.vocabularies(), pushed)
    assert not report.new
    assert not report.misfits
    assert any("token" in name for name in report.grown)
    assert any("mask" in name for name in report.grown)
    assert not any("gru" in name or "invariant" in name for name in report.grown)
    np.testing.assert_allclose(three(inputs).logits[:, :2], two(inputs).logits, atol=1e-5)


def test_a_task_between_has_the_mean_of_tokens_masks_and_linear_path(
    pushed: PushedModel,
    with_tasks: Callable[[list[str]], RankingModel],
    graph: TransformGraph,
) -> None:
    model = with_tasks(["click", "cart", "order"])
    report = warm_start(model, graph.vocabularies(), pushed)
    weights = named_weights(model)
    for name in report.grown:
        old, new = pushed.weights[name], weights[name].numpy()
        axis = -1 if new.shape[-1] == 3 and old.shape[-1] == 2 else 0
        old, new = np.moveaxis(old, axis, 0), np.moveaxis(new, axis, 0)
        np.testing.assert_allclose(new, [old[0], (old[0] + old[1]) / 2, old[1]], atol=1e-6)


def test_known_values_keep_their_embedding(
    pushed: PushedModel,
    with_tasks: Callable[[list[str]], RankingModel],
    graph: TransformGraph,
) -> None:
    model = with_tasks(["click", "order"])
    brands = [b"new", *graph.vocabularies()["brand"][:0:-1]]
    vocabularies = {**graph.vocabularies(), "brand": brands}
    initial = named_weights(model)["embedding/brand"].numpy()
    report = warm_start(model, vocabularies, pushed)
    found = named_weights(model)["embedding/brand"].numpy()
    old = pushed.weights["embedding/brand"]
    known = len(brands)
    np.testing.assert_array_equal(found[1], initial[1])
    np.testing.assert_array_equal(found[2 : known + 1], old[known:1:-1])
    np.testing.assert_array_equal(found[0], old[0])
    assert f"{len(old) - 1} of {len(old)} values were known" in report.grown["embedding/brand"]


def test_other_widths_do_not_fit_and_are_named(
    pushed: PushedModel,
    dataset: Dataset,
    split: FeatureSplit,
    graph: TransformGraph,
    inputs: dict[str, tf.Tensor],
) -> None:
    model = RankingModel(dataset, ModelConfig(), TrainingConfig(), split, graph.sizes)
    model(inputs)
    report = warm_start(model, graph.vocabularies(), pushed)
    (line,) = (line for line in report.lines() if "logit/kernel" in line)
    assert "does not fit" in line
    assert "expected (32, 1), found (8, 1)" in line


def test_another_ranker_is_refused(
    pushed: PushedModel,
    dataset: Dataset,
    split: FeatureSplit,
    graph: TransformGraph,
    inputs: dict[str, tf.Tensor],
) -> None:
    stranger = PushedModel(dataset, {}, {}, {}, {})
    model = RankingModel(dataset, ModelConfig(ranker="ple"), TrainingConfig(), split, graph.sizes)
    model(inputs)
    with pytest.raises(InputError, match="found no weight that fits"):
        warm_start(model, graph.vocabularies(), stranger)
    report = warm_start(model, graph.vocabularies(), pushed)
    assert report.new
    *_, last = report.lines()
    assert last.startswith("  left, since this model has no such weights: seq_md/")
    assert set(report.left) == set(pushed.weights) - set(named_weights(model))


def test_a_model_without_names_of_weights_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"expected .*/assets\.extra/weights\.json, as this"):
        PushedModel.load(str(tmp_path))
