"""Losses and metrics have the values that they have on the other lane (docs/compatibility.md).

`lane_values.json` holds what both lanes gave for the lists below, rounded to ten digits:
`TF_USE_LEGACY_KERAS=1 python -m tests.models.test_both_lanes` prints it for the lane at hand.
"""

import json
from pathlib import Path
from typing import get_args

import numpy as np
import pytest
import tensorflow as tf

from data.definition.dataset import Task
from models.config import LossName, TaskLoss
from models.losses import Labels, build_loss
from models.training.metrics import validation_metrics

VALUES = Path(__file__).with_name("lane_values.json")
LOSSES = get_args(LossName)
TASKS = (Task(name="click", grade=1), Task(name="purchase", grade=4))
# Lists of one to 37 items.
ROW_LENGTHS = [1 + 12 * number % 37 for number in range(40)]
ITEMS = np.arange(sum(ROW_LENGTHS))
LOGITS = (3 * np.sin(ITEMS)).astype(np.float32)
CLICK = (ITEMS % 7 == 3).astype(np.float32)
PURCHASE = np.where(ITEMS % 5 == 0, np.nan, CLICK * (ITEMS % 3 == 0)).astype(np.float32)
RELEVANCE = np.where(np.isnan(PURCHASE), np.nan, CLICK + 3 * PURCHASE).astype(np.float32)
LIST_WEIGHTS = np.array([1 + number % 3 for number in range(40)], dtype=np.float32)


# Options of a task's loss, and whether its labels are graded.
OPTIONS = {"binary": {}, "graded": {"graded": True, "temperature": 0.5}}


def loss_value(name: str, kind: str) -> list[float]:
    """The loss, and the sum and the length of its gradient by the logits."""
    logits, labels, relevance = (
        tf.RaggedTensor.from_row_lengths(values, ROW_LENGTHS)
        for values in (LOGITS, PURCHASE, RELEVANCE)
    )
    if kind == "graded":
        labels = Labels(labels, relevance)
    task_loss = TaskLoss.model_validate(
        {"losses": {name: 1.0}, "mean_over": "relevant_lists", **OPTIONS[kind]}
    )
    loss = build_loss(task_loss, 1, lambda: tf.constant(1))
    with tf.GradientTape() as tape:
        tape.watch(logits.flat_values)
        value = loss(labels, logits, tf.constant(LIST_WEIGHTS))
    gradient = tf.convert_to_tensor(tape.gradient(value, logits.flat_values)).numpy()
    return [float(value), float(gradient @ np.cos(ITEMS)), float(np.linalg.norm(gradient))]


def metric_values() -> dict[str, float]:
    labels = np.stack([CLICK, PURCHASE], axis=1)
    scores = np.stack([LOGITS, -LOGITS], axis=1)
    lengths = np.array(ROW_LENGTHS)
    return validation_metrics(TASKS, labels, scores, LOGITS, lengths, LIST_WEIGHTS, at=10).values


@pytest.mark.parametrize("kind", OPTIONS)
@pytest.mark.parametrize("name", LOSSES)
def test_a_loss_has_the_value_of_the_other_lane(name: str, kind: str) -> None:
    expected = json.loads(VALUES.read_text())["losses"][kind][name]
    assert loss_value(name, kind) == pytest.approx(expected, rel=1e-6, abs=1e-6)


def test_metrics_have_the_values_of_the_other_lane() -> None:
    assert metric_values() == pytest.approx(json.loads(VALUES.read_text())["metrics"], abs=1e-6)


if __name__ == "__main__":
    losses = {
        kind: {name: [float(f"{x:.10g}") for x in loss_value(name, kind)] for name in LOSSES}
        for kind in OPTIONS
    }
    metrics = {name: float(f"{value:.10g}") for name, value in metric_values().items()}
    print(json.dumps({"losses": losses, "metrics": metrics}, indent=1))
