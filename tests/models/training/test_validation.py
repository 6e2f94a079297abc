"""Validation is a mean over lists, task by task, whatever the batch."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tensorflow as tf

from data.definition.dataset import Dataset
from models.config import TrainingConfig
from models.ranking_model import RankingModel
from models.training.input_pipeline import Reader, validation_batches
from models.training.validation import Validation
from models.training.workers import ALONE

# 40 lists in batches of 7: 5 of them and a last one of 5.
LISTS, SMALL, LARGE = 40, 7, 1000
LOSSES = {
    "click": {"losses": {"softmax": 1.0, "sigmoid_cross_entropy": 0.1}, "weight": 0.5},
    "order": {"losses": {"gumbel_approx_ndcg": 1.0, "sigmoid_cross_entropy": 1.0}},
}
RELEVANT = {
    name: {"losses": {"softmax": 1.0}, "weight": weight, "mean_over": "relevant_lists"}
    for name, weight in (("click", 0.5), ("order", 1.0))
}
ALL = {name: {**loss, "mean_over": "all_lists"} for name, loss in RELEVANT.items()}


@pytest.fixture(scope="module")
def model(build_model: Callable[..., RankingModel], reader: Reader) -> RankingModel:
    return with_losses(build_model, reader, LOSSES)


def with_losses(
    build_model: Callable[..., RankingModel], reader: Reader, losses: Any
) -> RankingModel:
    model = build_model({"task_losses": losses})
    model(reader(tf.zeros([0], tf.string)))
    for number, weight in enumerate(model.trainable_variables):
        # Away from where it starts, so that lists differ in their losses.
        draw = np.random.default_rng(number).normal(0.0, 0.3, weight.shape)
        weight.assign_add(draw.astype(np.float32))
    return model


def validated(
    dataset: Dataset, model: RankingModel, reader: Reader, file: str, lists_per_batch: int
) -> dict[str, float]:
    batches = validation_batches([file], reader, lists_per_batch)
    number = -(-LISTS // lists_per_batch)
    return Validation(dataset, model, TrainingConfig(), batches, number, ALONE).run()


def test_the_same_lists_have_the_same_metrics_in_batches_of_any_size(
    dataset: Dataset, files: Any, reader: Reader, model: RankingModel
) -> None:
    small, large = (
        validated(dataset, model, reader, files.validation, size) for size in (SMALL, LARGE)
    )
    assert small == pytest.approx(large, abs=1e-5)
    assert small["loss"] == pytest.approx(0.5 * small["loss_click"] + 1.0 * small["loss_order"])


def test_a_task_counts_by_the_lists_in_which_it_was_done(
    dataset: Dataset,
    build_model: Callable[..., RankingModel],
    reader: Reader,
    lists: list[Any],
    tmp_path: Path,
) -> None:
    file = str(tmp_path / "lists")
    weights: dict[str, float] = {"click": 0.0, "order": 0.0}
    known, learnt = dict(weights), dict(weights)
    with tf.io.TFRecordWriter(file) as writer:
        for number, one in enumerate(lists[:LISTS]):
            weight = 1.0 + number % 3
            writer.write(
                one._replace(context={**one.context, "list_weight": [weight]}).serialized()
            )
            for task in weights:
                labels = one.item[f"label_{task}"]
                weights[task] += weight * bool(np.nansum(labels) > 0)
                labelled = int(np.isfinite(labels).sum())
                known[task] += weight * (labelled > 0)
                # Of one item there is no order.
                learnt[task] += weight * bool(np.nansum(labels) > 0 and labelled > 1)
    assert weights["click"] > weights["order"] > 0
    found, of_all = (
        validated(dataset, with_losses(build_model, reader, losses), reader, file, SMALL)
        for losses in (RELEVANT, ALL)
    )
    # Of the tasks' own weights, click has .5 and order 1.
    counts = {"click": 0.5 * weights["click"], "order": 1.0 * weights["order"]}
    expected = sum(count * found[f"loss_{task}"] for task, count in counts.items())
    assert found["loss_by_lists"] == pytest.approx(expected / sum(counts.values()))
    assert of_all["loss_by_lists"] == pytest.approx(found["loss_by_lists"])
    # As training has it: lists without the action are 0.
    for task, own in learnt.items():
        share = own / known[task]
        assert of_all[f"loss_{task}"] == pytest.approx(share * found[f"loss_{task}"], rel=1e-5)


def test_a_batch_without_anything_relevant_adds_nothing(
    dataset: Dataset, reader: Reader, model: RankingModel, lists: list[Any], tmp_path: Path
) -> None:
    ordered = [one for one in lists if np.nansum(one.item["label_order"]) > 0][:1]
    others = [one for one in lists if np.nansum(one.item["label_order"]) == 0][: LISTS - 1]
    assert len(others) == LISTS - 1
    file = str(tmp_path / "lists")
    with tf.io.TFRecordWriter(file) as writer:
        for one in ordered + others:
            writer.write(one.serialized())
    small, large = (validated(dataset, model, reader, file, size) for size in (SMALL, LARGE))
    assert small["loss_order"] == pytest.approx(large["loss_order"], abs=1e-5)


def test_a_task_that_no_list_measures_is_left_out(
    dataset: Dataset, model: RankingModel, reader: Reader, lists: list[Any], tmp_path: Path
) -> None:
    file = str(tmp_path / "lists")
    with tf.io.TFRecordWriter(file) as writer:
        for one in lists[:LISTS]:
            unknown = [float("nan")] * len(one.item["label_order"])
            writer.write(one._replace(item={**one.item, "label_order": unknown}).serialized())
    metrics = validated(dataset, model, reader, file, SMALL)
    assert np.isnan(metrics["loss_order"])
    assert metrics["loss"] == pytest.approx(0.5 * metrics["loss_click"])
    assert metrics["loss_by_lists"] > metrics["loss_click"]
