import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import tensorflow as tf

from data.artifacts.region_split import FeatureSplit
from data.definition.dataset import Dataset
from data.errors import InputError
from models.config import ModelConfig, TrainingConfig
from models.features.transform_graph import TransformGraph
from models.layers.streams import INVARIANT, LEARNT
from models.ranking_model import RankingModel
from models.training.input_pipeline import Reader

Build = Callable[..., RankingModel]
POINTWISE = {"default_loss": {"losses": {"sigmoid_cross_entropy": 1.0}}}


def batch_of(reader: Reader, lists: list[Any]) -> dict[str, tf.Tensor]:
    return reader(tf.constant([one.serialized() for one in lists]))


def cross_entropy(labels: np.ndarray, probabilities: np.ndarray, weights: np.ndarray) -> float:
    known = ~np.isnan(labels)
    chosen = np.where(labels[known] > 0, probabilities[known], 1 - probabilities[known])
    return float(np.average(-np.log(chosen), weights=weights[known]))


def test_probabilities_are_products_and_the_score_the_blend_that_was_asked_for(
    build_model: Build, reader: Reader, lists: list[Any]
) -> None:
    batch = batch_of(reader, lists[:9])
    model = build_model({"score_weights": {"click": 1.0, "order": 4.0}})
    found = model(batch)
    raw = tf.sigmoid(model.ranker(model.streams(batch))).numpy()
    np.testing.assert_allclose(found.probabilities, np.cumprod(raw, axis=1), rtol=1e-5)
    click, order = found.probabilities.numpy().T
    np.testing.assert_allclose(found.score, 0.2 * click + 0.8 * order, rtol=1e-5)


def test_probabilities_need_not_descend(
    build_model: Build, reader: Reader, lists: list[Any]
) -> None:
    batch = batch_of(reader, lists[:9])
    model = build_model(model={"descending": False, "linear_path": True})
    found = model(batch)
    # The linear path starts at zero.
    raw = model.ranker(model.streams(batch))
    np.testing.assert_allclose(found.logits, raw, atol=1e-6)


@pytest.mark.parametrize(
    "network",
    [
        {"ranker": "seq", "region_gates": "hidden", "region_rank": 2},
        {"ranker": "seq", "token_units": ()},
        {"ranker": "ple"},
        {"ranker": "adatt_sp", "adaptor": "shared", "concatenate_country": True},
        {"ranker": "mlmmoe", "region_gates": "all"},
        {"ranker": "star", "linear_path": True},
    ],
    ids=lambda network: network["ranker"],
)
def test_gradients_are_those_of_all_columns(
    build_model: Build, reader: Reader, lists: list[Any], network: dict[str, Any]
) -> None:
    model, batch = build_model(model=network), batch_of(reader, lists[:9])
    model(batch)
    generator = np.random.default_rng(1)
    for weight in model.trainable_variables:
        weight.assign_add(generator.normal(scale=0.3, size=weight.shape))

    def gradients(columns_are_told: bool) -> list[tf.Tensor]:
        with tf.GradientTape() as tape:
            streams = model.streams(batch, training=True)
            if not columns_are_told:
                streams = {name: streams[name] for name in set(streams) - set(LEARNT.values())}
            logits = model.of_streams(streams, training=True).logits
        return [tf.convert_to_tensor(one) for one in tape.gradient(logits, model.trainable_weights)]

    for found, expected in zip(gradients(True), gradients(False), strict=True):
        np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("ranker", ["seq_md", "pepnet"])
def test_what_explains_the_model_follows_every_way_to_the_score(
    build_model: Build, reader: Reader, lists: list[Any], ranker: str
) -> None:
    model, batch = build_model(model={"ranker": ranker}), batch_of(reader, lists[:9])
    model(batch)
    generator = np.random.default_rng(1)
    for weight in model.trainable_variables:
        weight.assign_add(generator.normal(scale=0.3, size=weight.shape))
    streams = model.streams(batch)
    way = generator.normal(size=streams[INVARIANT].shape).astype(np.float32)

    def last_logits(step: tf.Tensor) -> tf.Tensor:
        moved = {**streams, INVARIANT: streams[INVARIANT] + step * way}
        return tf.reduce_sum(model.of_streams(moved, training=False).logits[:, -1])

    with tf.GradientTape() as tape:
        step = tf.constant(0.0)
        tape.watch(step)
        logits = last_logits(step)
    # So small that no unit of this draw bends in between.
    slope = (last_logits(tf.constant(3e-4)) - last_logits(tf.constant(-3e-4))) / 6e-4
    assert float(tape.gradient(logits, step)) == pytest.approx(float(slope), rel=0.02)


def test_losses_by_task_mask_missing_labels_and_weigh_lists(
    build_model: Build, reader: Reader, lists: list[Any]
) -> None:
    batch = batch_of(reader, lists[:30])
    model = build_model(POINTWISE)
    predictions = model(batch)
    losses = model.objective.of_tasks(batch, predictions).numpy()
    weights = np.repeat(batch["list_weight"].numpy(), batch["row__lengths"].numpy())
    assert np.isnan(batch["label_order"].numpy()).any()
    for number, task in enumerate(("click", "order")):
        labels = batch[f"label_{task}"].numpy()
        expected = cross_entropy(labels, predictions.probabilities.numpy()[:, number], weights)
        assert losses[number] == pytest.approx(expected, rel=1e-5)


def test_a_task_without_labels_leaves_the_others_loss(
    build_model: Build, reader: Reader, lists: list[Any]
) -> None:
    batch = batch_of(reader, lists[:30])
    model = build_model(POINTWISE)
    unlabelled = {**batch, "label_order": batch["label_order"] * math.nan}
    total = model.compute_loss(unlabelled).numpy()
    assert total == pytest.approx(model.objective.of_tasks(batch, model(batch)).numpy()[0])


def test_the_total_weighs_tasks(build_model: Build, reader: Reader, lists: list[Any]) -> None:
    batch = batch_of(reader, lists[:30])
    model = build_model({"task_losses": {"click": {"weight": 2.0}, "order": {"weight": 0.5}}})
    click, order = model.objective.of_tasks(batch, model(batch)).numpy()
    assert model.compute_loss(batch).numpy() == pytest.approx(2 * click + 0.5 * order)


def test_graded_relevance_changes_the_listwise_loss_alone(
    build_model: Build, reader: Reader, lists: list[Any]
) -> None:
    batch = batch_of(reader, lists[:60])

    def click_loss(name: str, graded: bool) -> float:
        task = {"losses": {name: 1.0}, "graded": graded}
        model = build_model({"task_losses": {"click": task}})
        return float(model.objective.of_tasks(batch, model(batch))[0])

    assert click_loss("softmax", True) != click_loss("softmax", False)
    pointwise = "sigmoid_cross_entropy"
    assert click_loss(pointwise, True) == click_loss(pointwise, False)


@pytest.mark.parametrize(
    "training",
    [
        {"task_losses": {"purchase": {}}},
        {"score_weights": {"purchase": 1.0}},
    ],
)
def test_wrong_tasks_are_refused(build_model: Build, training: Any) -> None:
    with pytest.raises(InputError, match="training: "):
        build_model(training)


@pytest.mark.parametrize(
    "chosen", [{"region_gates": "hidden"}, {"region_rank": 2}, {"ranker": "star"}]
)
def test_what_there_is_by_region_needs_country_features(
    dataset: Dataset, split: FeatureSplit, graph: TransformGraph, chosen: dict[str, Any]
) -> None:
    nowhere = dataset.model_copy(update={"country_features": ()})
    sides = {"country": (), "invariant": (*split.invariant, *split.country)}
    everywhere = split.model_copy(update=sides)
    with pytest.raises(InputError, match="expected `country_features` in the dataset"):
        RankingModel(nowhere, ModelConfig(**chosen), TrainingConfig(), everywhere, graph.sizes)
