import json
from pathlib import Path

import pytest

from models.training.checkpoints import TrainingState, training_fingerprint
from models.training.validation import to_maximise, told_kept


def test_patience_counts_from_the_best_epoch() -> None:
    state = TrainingState()
    found = []
    for value in (0.2, 0.5, 0.4, 0.5, 0.3):
        assert not state.finished(epochs=10, patience=3)
        found.append(state.add({"epoch": state.epoch + 1}, value))
    # An equal value is not a better one.
    assert found == [True, True, False, False, False]
    assert state.best_epoch == 2
    assert state.finished(epochs=10, patience=3)
    assert not state.finished(epochs=10, patience=4)
    assert state.finished(epochs=5, patience=4)


def test_without_a_value_the_last_epoch_is_the_best() -> None:
    state = TrainingState()
    for _ in range(3):
        assert state.add({}, None)
    assert state.best_epoch == 3
    assert not state.finished(epochs=4, patience=1)


def test_state_survives_as_json() -> None:
    state = TrainingState()
    state.batches = 7
    state.add({"epoch": 1, "train": {"loss": 0.1}}, None)
    other = TrainingState()
    other.deserialize(state.serialize())
    assert vars(other)["history"] == state.history
    assert (other.best_epoch, other.best_value, other.batches) == (1, state.best_value, 7)
    assert json.loads(state.serialize())["batches"] == 7


@pytest.mark.parametrize(
    ("metrics", "expected"),
    [
        ({"graded_ndcg": 0.4, "loss": 2.0}, 0.4),
        ({"graded_ndcg": float("nan"), "loss": 2.0}, -2.0),
        ({"graded_ndcg": float("nan"), "loss": float("nan")}, None),
        ({}, None),
    ],
)
def test_early_stopping_goes_by(metrics: dict[str, float], expected: float | None) -> None:
    assert to_maximise(metrics, "graded_ndcg") == expected


def test_early_stopping_can_go_by_a_loss() -> None:
    assert to_maximise({"loss_by_lists": 0.7, "loss": 2.0}, "loss_by_lists") == -0.7
    # No list has anything that was done.
    assert to_maximise({"loss_by_lists": float("nan"), "loss": 2.0}, "loss_by_lists") == -2.0
    assert to_maximise({"graded_ndcg": 0.4, "loss": 2.0}, "loss") == -2.0
    assert to_maximise({"graded_ndcg": 0.4}, "loss") is None


@pytest.mark.parametrize(
    ("by", "told"),
    [
        ("loss_by_lists", "it has the smallest validation loss by lists, 0.700 (a task counts by"),
        ("loss", "it has the smallest validation loss, 2.000"),
        ("graded_ndcg", "it has the smallest validation loss, 2.000"),  # NDCG is not measurable.
    ],
)
def test_what_decided_which_epoch_is_kept_is_told(by: str, told: str) -> None:
    metrics = {"loss_by_lists": 0.7, "loss": 2.0, "graded_ndcg": float("nan")}
    assert told_kept(3, metrics, by).startswith(f"epoch 3 is kept: {told}")


def test_without_anything_to_judge_by_the_last_epoch_is_told_to_be_kept() -> None:
    assert told_kept(4, {}, "loss").startswith("epoch 4 is kept, the last one:")


def test_a_fingerprint_tells_trainings_apart(tmp_path: Path) -> None:
    file = tmp_path / "lists"
    file.write_text("a")
    known = training_fingerprint({"seed": 1}, ["split"], [str(file)])
    assert known == training_fingerprint({"seed": 1}, ["split"], [str(file)])
    assert known != training_fingerprint({"seed": 2}, ["split"], [str(file)])
    assert known != training_fingerprint({"seed": 1}, ["other"], [str(file)])
    file.write_text("ab")
    assert known != training_fingerprint({"seed": 1}, ["split"], [str(file)])
