import json
import math
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from data.artifacts.calibration import Calibration
from data.artifacts.served_answer import ExportedModel
from data.errors import InputError
from models.training.checkpoints import EpochCheckpoints
from models.training.progress import TRAINING_LOGGER
from models.training.training import Training

# Everything that draws random numbers.
NOISY: dict[str, Any] = {
    "training": {
        "averaged_weights": 0.9,
        "task_losses": {"order": {"losses": {"gumbel_approx_ndcg": 1.0}}},
    },
    "model": {"dropout": 0.2, "unknown_region_share": 0.3},
}
Run = Callable[..., Path]
Learn = Callable[..., Training]


class KilledError(Exception):
    """Stands for the end of the process."""


def scores(folder: Path, lists: Sequence[Any]) -> np.ndarray:
    row_lengths = np.array([len(one.item["rating"]) for one in lists])
    ranker = ExportedModel(str(folder / "model"))
    return ranker([one.serialized() for one in lists], row_lengths)["score"]


def recorded(folder: Path) -> list[dict[str, Any]]:
    return json.loads((folder / "run" / "history.json").read_text())


def history(folder: Path) -> list[dict[str, Any]]:
    names = ("epoch", "train", "validation")
    return [{name: epoch[name] for name in names} for epoch in recorded(folder)]


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory, train: Run) -> Path:
    return train(tmp_path_factory.mktemp("undisturbed"), **NOISY)


@pytest.mark.thorough
def test_a_killed_run_goes_on_to_the_result_of_an_undisturbed_one(
    tmp_path: Path,
    train: Run,
    undisturbed: Path,
    lists: list[Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    save = EpochCheckpoints.save

    def save_and_die(self: EpochCheckpoints, epoch: int) -> None:
        if epoch == 2:
            raise KilledError
        save(self, epoch)

    with monkeypatch.context() as patch:
        patch.setattr(EpochCheckpoints, "save", save_and_die)
        with pytest.raises(KilledError):
            train(tmp_path / "first", **NOISY, checkpoints=tmp_path / "checkpoints")
    assert len(history(tmp_path / "first")) == 1
    assert len(list((tmp_path / "checkpoints").iterdir())) == 1
    # TFX gives the restarted run a new folder.
    resumed = train(tmp_path / "second", **NOISY, checkpoints=tmp_path / "checkpoints")
    assert history(resumed) == history(undisturbed)
    np.testing.assert_array_equal(scores(resumed, lists), scores(undisturbed, lists))
    calibrations = [Calibration.of_model(str(run / "model")) for run in (resumed, undisturbed)]
    assert calibrations[0] == calibrations[1] is not None
    assert not list((tmp_path / "checkpoints").iterdir())


@pytest.mark.thorough
def test_a_seed_makes_two_runs_equal(tmp_path: Path, learn: Learn, undisturbed: Path) -> None:
    learn(tmp_path, **NOISY)
    assert history(tmp_path) == history(undisturbed)


@pytest.mark.thorough
def test_another_seed_makes_another_run(tmp_path: Path, learn: Learn, undisturbed: Path) -> None:
    training = {**NOISY["training"], "seed": 2, "epochs": 1}
    learn(tmp_path, training=training, model=NOISY["model"])
    assert history(tmp_path)[0] != history(undisturbed)[0]


def test_training_learns_and_logs(trained: Path) -> None:
    epochs = history(trained)
    assert [epoch["epoch"] for epoch in epochs] == [1, 2, 3]
    assert epochs[-1]["train"]["loss_click"] < epochs[0]["train"]["loss_click"]
    names = {"loss_click", "loss_order", "loss"}
    assert set(epochs[0]["train"]) == names | {"gradient_norm"}
    metrics = {"click_ndcg", "click_mrr", "order_ndcg", "order_mrr", "graded_ndcg", "loss_by_lists"}
    assert set(epochs[0]["validation"]) == names | metrics
    for part in ("train", "validation"):
        assert list((trained / "run" / part).glob("events.*"))


@pytest.mark.thorough
@pytest.mark.parametrize(("best_by", "sign"), [("loss_by_lists", -1), ("graded_ndcg", 1)])
def test_the_best_epoch_is_kept_and_patience_ends_training(
    tmp_path: Path, learn: Learn, best_by: str, sign: int
) -> None:
    # Steps this large only spoil what the first epochs learnt.
    training = {"epochs": 40, "patience": 2, "learning_rate": 0.5, "best_by": best_by}
    learning = learn(tmp_path, training=training)
    values = [epoch["validation"][best_by] for epoch in history(tmp_path)]
    best = int(np.argmax(sign * np.array(values)))
    assert len(values) == min(40, best + 1 + 2)
    assert learning.state.best_epoch == best + 1
    assert learning.validation.run()[best_by] == values[best]


@pytest.mark.thorough
def test_the_last_epoch_is_kept_where_asked_for(tmp_path: Path, learn: Learn) -> None:
    training = {"epochs": 4, "patience": 1, "learning_rate": 0.5, "keep": "last"}
    learning = learn(tmp_path, training=training)
    values = [epoch["validation"]["graded_ndcg"] for epoch in history(tmp_path)]
    assert len(values) == learning.state.best_epoch == 4
    assert learning.validation.run()["graded_ndcg"] == values[-1]


def test_steps_get_smaller_from_epoch_to_epoch(tmp_path: Path, learn: Learn) -> None:
    epochs = {}
    for decay in ("cosine", "none"):
        training = {"epochs": 2, "learning_rate_decay": decay, "weight_decay": 0.0}
        learn(tmp_path / decay, training=training)
        epochs[decay] = [epoch["train"]["loss"] for epoch in history(tmp_path / decay)]
    # The first epoch has the whole step, the second one half of it.
    first, second = (epoch["learning_rate"] for epoch in recorded(tmp_path / "cosine"))
    assert second == pytest.approx(first / 2)
    assert epochs["cosine"][0] == epochs["none"][0]
    assert epochs["cosine"][1] != epochs["none"][1]


def test_weights_decay_by_default(tmp_path: Path, learn: Learn) -> None:
    chosen: dict[str, dict[str, Any]] = {"default": {}, "none": {"weight_decay": 0.0}}
    losses = {}
    for name, training in chosen.items():
        learn(tmp_path / name, training={"epochs": 1, **training})
        (epoch,) = recorded(tmp_path / name)
        losses[name] = epoch["validation"]["loss"]
        assert (epoch["weight_decay"] > 0) == (name == "default")
    assert losses["default"] != losses["none"]


def test_progress_is_reported(
    tmp_path: Path,
    learn: Learn,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr("models.training.training._REPORT_EVERY", 0.0)
    with caplog.at_level("INFO", TRAINING_LOGGER.name):
        learning = learn(tmp_path, training={"epochs": 2, "ndcg_at": 3})
    *records, last = (vars(record) for record in caplog.records)
    best = learning.state.best_epoch
    by_lists = history(tmp_path)[best - 1]["validation"]["loss_by_lists"]
    kept = f"epoch {best} is kept: it has the smallest validation loss by lists, {by_lists:.3f} "
    assert last["notice"].startswith(kept)
    reports = [record["progress"] for record in records if "progress" in record]
    # 200 lists in batches of 32 are 7; a report for each and one for the epoch.
    assert [report.step for report in reports] == [1, 2, 3, 4, 5, 6, 7, 7] * 2
    assert {(report.steps, report.ndcg_at) for report in reports} == {(7, 3)}
    assert [report.epoch for report in reports if report.metrics] == [1, 2]


@pytest.mark.thorough
def test_one_task_without_labels_and_no_validation_lists(
    tmp_path: Path,
    learn: Learn,
    lists: list[Any],
    write_lists: Callable[[Path, Sequence[Any]], str],
) -> None:
    unlabelled = []
    for one in lists[:64]:
        missing = [math.nan] * len(one.item["label_order"])
        unlabelled.append(one._replace(item={**one.item, "label_order": missing}))
    files = write_lists(tmp_path / "unlabelled", unlabelled)
    none = str(tmp_path / "none-*")
    learning = learn(tmp_path, train_files=files, validation_files=none, training={"epochs": 2})
    for epoch in history(tmp_path):
        assert epoch["train"]["loss_order"] == 0
        assert epoch["train"]["loss"] == pytest.approx(epoch["train"]["loss_click"])
        assert epoch["validation"] == {}
    assert learning.state.best_epoch == 2


def test_training_lists_are_needed(tmp_path: Path, learn: Learn) -> None:
    with pytest.raises(InputError, match="expected training lists"):
        learn(tmp_path, train_files=str(tmp_path / "none-*"))


def test_a_loss_that_is_not_finite_names_the_batch(
    tmp_path: Path, learn: Learn, caplog: pytest.LogCaptureFixture
) -> None:
    # Adam's steps are as large as the learning rate: weights overflow after the first one.
    with pytest.raises(InputError) as error:
        learn(tmp_path, training={"learning_rate": 1e30, "epochs": 2})
    message = str(error.value)
    assert "epoch 1, batch 2" in message
    assert "loss_click" in message
    assert "list " in message
    logged = [record.getMessage() for record in caplog.records if record.levelname == "ERROR"]
    assert logged[0].count("list ") == 32
