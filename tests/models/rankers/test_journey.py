"""Journey Ranker: which loss teaches which part, and what becomes of it."""

from collections.abc import Callable, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import tensorflow as tf

from data.artifacts.region_split import FeatureSplit
from data.definition.dataset import Dataset
from models.config import ModelConfig, TrainingConfig
from models.features.transform_graph import TransformGraph
from models.layers.building import build_inside
from models.onnx_export.export import export_onnx
from models.ranking_model import RankingModel
from models.training.input_pipeline import Batch, batch_reader
from models.training.pushed_model import PushedModel
from models.training.run_fn import run_fn
from models.training.warm_start import warm_start
from models.weights import named_weights, weight_axes

SMALL = {"ranker": "journey", "level_units": (8,), "tower_units": (4,), "mask_units": (4,)}


@pytest.fixture(scope="module")
def kept(dataset: Dataset) -> Dataset:
    """The small dataset, whose orders are sent back."""
    order = {"name": "order", "grade": 2, "at": "ordered"}
    times = {"column": "order", "at": "ordered", "undone_by": "sent_back"}
    tasks = [{"name": "click", "grade": 1}, order, {"name": "kept", "grade": 3, **times}]
    fields = {"time": {"column": "shown"}, "tasks": tasks}
    return Dataset.model_validate(dataset.model_dump() | fields)


@pytest.fixture(scope="module")
def kept_lists(lists: list[Any]) -> list[Any]:
    def with_kept(one: Any) -> Any:
        order = np.array(one.item["label_order"])
        label = np.where(np.arange(len(order)) % 3, order, 0 * order)
        age = {"list_age": [1e7]}
        item = {**one.item, "label_kept": label.tolist()}
        return one._replace(context={**one.context, **age}, item=item)

    return [with_kept(one) for one in lists[1:60]]


@pytest.fixture(scope="module")
def batch(kept: Dataset, graph: TransformGraph, kept_lists: list[Any]) -> Batch:
    return batch_reader(kept, graph)(tf.constant([one.serialized() for one in kept_lists]))


def _model(kept: Dataset, split: FeatureSplit, graph: TransformGraph, **losses: float) -> Any:
    training = TrainingConfig.model_validate({"task_losses": {"kept": {"losses": losses}}})
    config = ModelConfig.model_validate(SMALL)
    return build_inside(RankingModel(kept, config, training, split, graph.sizes), None)


# By the weight of each loss of `kept`: what it teaches.
TAUGHT = {
    "softmax": {"combination"},
    "chain": {"ranker"},
    "sigmoid_cross_entropy": {"ranker"},
}


@pytest.mark.parametrize("name", TAUGHT)
def test_the_order_teaches_the_combination_and_labels_the_heads(
    kept: Dataset, split: FeatureSplit, graph: TransformGraph, batch: Batch, name: str
) -> None:
    losses = {"softmax": 0.0, "chain": 0.0, name: 1.0}
    model = _model(kept, split, graph, **losses)
    with tf.GradientTape() as tape:
        loss = model.objective.of_tasks(batch, model(batch, training=True))[2]
    parts = {"combination": model.combination, "ranker": model.ranker}
    weights = {part: layer.trainable_weights for part, layer in parts.items()}
    slopes = tape.gradient(loss, weights, unconnected_gradients="zero")
    largest = {part: max(np.abs(one).max() for one in found) for part, found in slopes.items()}
    assert {part for part, size in largest.items() if size > 0} == TAUGHT[name]


def test_a_weight_for_a_list_and_never_more_kept_than_bought(
    kept: Dataset, split: FeatureSplit, graph: TransformGraph, batch: Batch
) -> None:
    model = _model(kept, split, graph, softmax=1.0, chain=1.0)
    for number, weight in enumerate(model.combination.trainable_weights):
        weight.assign(tf.random.stateless_normal(weight.shape, [number, 1]))
    found = model(batch)
    assert (np.diff(found.probabilities.numpy(), axis=1) <= 0).all()
    np.testing.assert_array_equal(found.logits[:, :2], found.product[:, :2])
    assert np.abs(np.subtract(found.logits[:, 2], found.product[:, 2])).max() > 0.01
    streams = model.streams(batch)
    weights = model.combination.weights_of(model.streams.context_of(streams))[0].numpy()
    rows = np.repeat(np.arange(batch["row__lengths"].shape[0]), batch["row__lengths"])
    first = np.flatnonzero(np.r_[True, np.diff(rows) > 0])
    np.testing.assert_array_equal(weights, weights[first][rows])
    assert len(np.unique(weights[first], axis=0)) > 10


def test_its_weights_are_named_by_context_and_by_task(
    kept: Dataset, split: FeatureSplit, graph: TransformGraph
) -> None:
    model = _model(kept, split, graph, softmax=1.0, chain=1.0)
    scopes = {feature.name: feature.scope for feature in kept.features}
    of = model.streams.feature_of_columns()
    context = model.streams.context_columns()
    assert context
    assert {scopes[of[name]] for name in context} == {"context"}
    assert set(context) == {name for name in of if scopes[of[name]] == "context"}
    axes = {name.partition("combination/")[2]: one for name, one in weight_axes(model).items()}
    first, last = (axes[f"weights/dense_{number}/kernel"] for number in (0, 1))
    assert first == (None, context, None)
    assert last == (None, None, ("combination:0", "task:kept:0"))


@pytest.mark.thorough
def test_a_pushed_model_answers_as_it_was_trained_and_another_one_starts_from_it(
    kept: Dataset,
    split: FeatureSplit,
    graph: TransformGraph,
    kept_lists: list[Any],
    batch: Batch,
    arguments: Callable[..., dict[str, Any]],
    tmp_path: Path,
    write_lists: Callable[[Path, Sequence[Any]], str],
) -> None:
    path = write_lists(tmp_path / "lists", kept_lists)
    training = {"epochs": 1, "learning_rate": 0.01, "calibrated": False}
    given = arguments(tmp_path, training=training, model=SMALL, train_files=path)
    given["eval_files"] = [path]
    given["custom_config"]["dataset"] = kept.model_dump(mode="json")
    run_fn(SimpleNamespace(**given))
    pushed = PushedModel.load(given["serving_model_dir"])
    model = _model(kept, split, graph, softmax=1.0, sigmoid_cross_entropy=0.1)
    drawn = [weight.numpy() for weight in model.combination.trainable_weights]
    report = warm_start(model, graph.vocabularies(), pushed)
    assert (report.new, report.grown, report.misfits, report.left) == ([], {}, {}, [])
    weights = named_weights(model)
    assert set(report.taken) == {name for name, one in weights.items() if one.trainable}
    # The combination is among them, and has been trained.
    started = [weight.numpy() for weight in model.combination.trainable_weights]
    assert all(np.abs(new - old).max() > 0 for new, old in zip(started, drawn, strict=True))
    served = tf.saved_model.load(given["serving_model_dir"]).signatures["serve_examples"]
    answers = served(examples=tf.constant([one.serialized() for one in kept_lists]))
    found = model(batch)
    for place, task in enumerate(("click", "order", "kept")):
        answer = answers[f"probability_{task}"].numpy()
        expected = found.probabilities[:, place]
        # Behind the last item of a list there is no number.
        np.testing.assert_allclose(answer[~np.isnan(answer)], expected, atol=1e-5)
    assert np.abs(np.subtract(found.logits[:, 2], found.product[:, 2])).max() > 0.01
    assert export_onnx(tmp_path / "model", tmp_path / "onnx", False).apart < 1e-5
