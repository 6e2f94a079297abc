import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import tensorflow as tf

from data.definition import keys
from models.config import TrainingConfig
from models.ranking_model import RankingModel
from models.training.averaged_weights import AveragedWeights
from models.training.input_pipeline import Reader, validation_batches
from models.training.train_step import (
    build_optimizer,
    build_train_step,
    learning_rate_of,
    weight_decay_of,
)

Build = Callable[..., RankingModel]


@pytest.fixture
def batches(files: Any, reader: Reader) -> tf.data.Dataset:
    return validation_batches([files.validation], reader, 16)


def step_of(
    model: RankingModel,
    optimizer: tf.keras.optimizers.Optimizer,
    batches: tf.data.Dataset,
    gradient_clip: float | None = None,
) -> Callable[[Any], tf.Tensor]:
    model(next(iter(batches)))
    optimizer.build(model.trainable_variables)
    averages = AveragedWeights(model.trainable_variables, None)
    step = build_train_step(model, optimizer, averages, gradient_clip)
    return lambda batch: step(iter(tf.data.Dataset.from_tensors(batch).repeat()))[0]


def test_every_step_takes_the_next_batch(build_model: Build, batches: tf.data.Dataset) -> None:
    model = build_model()
    model(next(iter(batches)))
    optimizer = tf.keras.optimizers.SGD(0.0)
    averages = AveragedWeights(model.trainable_variables, None)
    step, stream = build_train_step(model, optimizer, averages, None), iter(batches)
    for batch in batches.take(3):
        losses, list_ids = step(stream)
        np.testing.assert_array_equal(list_ids, batch[keys.LIST_ID])
        assert float(losses[-2]) == pytest.approx(float(model.compute_loss(batch)), rel=1e-5)


def test_weights_but_no_biases_decay(build_model: Build, batches: tf.data.Dataset) -> None:
    optimizer = build_optimizer(TrainingConfig(learning_rate=0.1))
    optimizer.weight_decay = 0.5
    model = build_model(model={"linear_path": True})
    step = step_of(model, optimizer, batches)
    for weight in model.trainable_variables:
        weight.assign_add(tf.ones_like(weight))
    before = {weight.name: weight.numpy() for weight in model.trainable_variables}
    # Without labels there is no loss, hence no gradient: what changes is decay.
    batch = next(iter(batches))
    unlabelled = {name: batch[name] * math.nan for name in batch if name.startswith("label_")}
    np.testing.assert_array_equal(step({**batch, **unlabelled})[-2:], [0, 0])
    biases = {weight.name for weight in model.trainable_variables if "bias" in weight.name}
    assert 0 < len(biases) < len(before)
    for weight in model.trainable_variables:
        kept = 1.0 if weight.name in biases else 1 - 0.1 * 0.5
        np.testing.assert_allclose(weight, kept * before[weight.name], rtol=1e-6)


def test_the_step_size_falls_as_a_cosine_over_the_epochs() -> None:
    config = TrainingConfig(learning_rate=0.1, epochs=4)
    half = math.sqrt(0.5)
    expected = [0.1, 0.1 * (1 + half) / 2, 0.1 / 2, 0.1 * (1 - half) / 2]
    assert [learning_rate_of(config, epoch) for epoch in range(1, 5)] == pytest.approx(expected)
    constant = config.model_copy(update={"learning_rate_decay": "none"})
    assert [learning_rate_of(constant, epoch) for epoch in range(1, 5)] == [0.1] * 4


def test_weights_decay_by_1_over_e_in_a_whole_training_whatever_its_steps() -> None:
    constant = TrainingConfig(learning_rate=0.1, learning_rate_decay="none", epochs=4)
    assert weight_decay_of(constant, 50) == pytest.approx(1 / (4 * 50 * 0.1))
    falling = constant.model_copy(update={"learning_rate_decay": "cosine"})
    mean = (1 + (1 + math.sqrt(0.5)) / 2 + 1 / 2 + (1 - math.sqrt(0.5)) / 2) / 4
    assert weight_decay_of(falling, 50) == pytest.approx(1 / (4 * 50 * 0.1 * mean))
    # Of few steps they would forget faster than they learn.
    assert weight_decay_of(constant, 2) == 1
    chosen = constant.model_copy(update={"weight_decay": 0.5})
    assert weight_decay_of(chosen, 50) == 0.5
    assert weight_decay_of(chosen.model_copy(update={"weight_decay": 0.0}), 50) is None
    assert weight_decay_of(constant.model_copy(update={"epochs": 0}), 50) is None


@pytest.mark.thorough
@pytest.mark.parametrize("share", [0.25, 4.0])
def test_gradients_are_clipped_by_their_common_norm(
    build_model: Build, batches: tf.data.Dataset, share: float
) -> None:
    batch = next(iter(batches))

    def moved(gradient_clip: float | None) -> tuple[np.ndarray, float]:
        model = build_model()
        step = step_of(model, tf.keras.optimizers.SGD(1.0), batches, gradient_clip)
        before = [weight.numpy() for weight in model.trainable_variables]
        norm = float(step(batch)[-1])
        pairs = zip(model.trainable_variables, before, strict=True)
        return np.concatenate([(weight.numpy() - old).ravel() for weight, old in pairs]), norm

    whole, norm = moved(None)
    assert np.linalg.norm(whole) == pytest.approx(norm, rel=1e-3)
    clipped, reported = moved(share * norm)
    # What is reported is the norm before clipping.
    assert reported == pytest.approx(norm, rel=1e-5)
    np.testing.assert_allclose(clipped, min(share, 1.0) * whole, atol=1e-5)


def test_a_penalty_brings_regions_back_to_what_they_share(
    build_model: Build, batches: tf.data.Dataset
) -> None:
    by_region = {"region_gates": "all", "region_rank": 2, "region_penalty": 1.0}
    model = build_model(model={**by_region, "dropout": 0.0, "unknown_region_share": 0.0})
    step = step_of(model, tf.keras.optimizers.SGD(1e-3), batches)
    for weight in model.ranker.trainable_variables:
        weight.assign_add(0.1 * tf.ones_like(weight))
    batch = next(iter(batches))
    unlabelled = {name: batch[name] * math.nan for name in batch if name.startswith("label_")}
    totals = [float(step({**batch, **unlabelled})[-2]) for _ in range(5)]
    # There is nothing else to learn from.
    assert totals[0] > totals[1] > totals[4] > 0


def test_without_anything_by_region_there_is_no_penalty(
    build_model: Build, batches: tf.data.Dataset
) -> None:
    model = build_model()
    model(next(iter(batches)), training=True)
    assert float(model.penalty()) == 0


def test_rises_from_task_to_task_are_unlearnt_where_asked_for(
    build_model: Build, batches: tf.data.Dataset
) -> None:
    quiet = {"descending": False, "dropout": 0.0, "unknown_region_share": 0.0}
    model = build_model({"behavioural_calibrator": 2.0}, quiet)
    step = step_of(model, tf.keras.optimizers.SGD(0.1), batches)
    batch = next(iter(batches))
    click, order = model(batch).probabilities.numpy().T
    weights = np.repeat(batch["list_weight"].numpy(), batch["row__lengths"].numpy())
    expected = 2.0 * np.average(np.maximum(order - click, 0), weights=weights)
    unlabelled = {name: batch[name] * math.nan for name in batch if name.startswith("label_")}
    totals = [float(step({**batch, **unlabelled})[-2]) for _ in range(5)]
    # There is nothing else to learn from.
    assert totals[0] == pytest.approx(expected, rel=1e-4)
    assert totals[0] > totals[1] > totals[4] >= 0
