import json
import math
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tensorflow as tf

from data.dataset import Dataset
from data.errors import InputError
from models.checkpoints import EpochCheckpoints
from models.input_pipeline import batch_reader
from models.progress import TRAINING_LOGGER
from models.ranking_model import RankingModel
from models.serving import load_ranker
from models.signatures import SERVING_DEFAULT
from models.transform_graph import TransformGraph

NOISY = {
    "training": {
        "averaged_weights": 0.9,
        "task_losses": {"order": {"losses": {"gumbel_approx_ndcg": 1.0}}},
    },
    "model": {"dropout": 0.2, "unknown_region_share": 0.3},
}


class KilledError(Exception):
    """Stands for the end of the process."""


def scores(folder: Path, lists: Sequence[Any]) -> np.ndarray:
    ranker = load_ranker(str(folder / "model"))
    return ranker([one.serialized() for one in lists]).outputs["score"]


def history(folder: Path) -> list[dict[str, Any]]:
    epochs = json.loads((folder / "run" / "history.json").read_text())
    return [{name: epoch[name] for name in ("epoch", "train", "validation")} for epoch in epochs]


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory, train: Callable[..., Path]) -> Path:
    return train(tmp_path_factory.mktemp("undisturbed"), **NOISY)


def test_a_seed_makes_two_runs_equal(
    tmp_path: Path, train: Callable[..., Path], undisturbed: Path, lists: list[Any]
) -> None:
    again = train(tmp_path, **NOISY)
    assert history(again) == history(undisturbed)
    np.testing.assert_array_equal(scores(again, lists), scores(undisturbed, lists))


def test_another_seed_makes_another_run(
    tmp_path: Path, train: Callable[..., Path], undisturbed: Path, lists: list[Any]
) -> None:
    training = {**NOISY["training"], "seed": 2, "epochs": 1}
    other = train(tmp_path, training=training, model=NOISY["model"])
    assert history(other)[0] != history(undisturbed)[0]


def test_a_killed_run_goes_on_to_the_result_of_an_undisturbed_one(
    tmp_path: Path,
    train: Callable[..., Path],
    undisturbed: Path,
    lists: list[Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    save = EpochCheckpoints.save

    def save_and_die(self: EpochCheckpoints, epoch: int) -> None:
        if epoch == 2:
            raise KilledError
        save(self, epoch)

    monkeypatch.setattr(EpochCheckpoints, "save", save_and_die)
    with pytest.raises(KilledError):
        train(tmp_path / "first", **NOISY, checkpoints=tmp_path / "checkpoints")
    assert len(history(tmp_path / "first")) == 1
    assert len(list((tmp_path / "checkpoints").iterdir())) == 1
    monkeypatch.undo()
    # TFX gives the restarted run a new folder.
    resumed = train(tmp_path / "second", **NOISY, checkpoints=tmp_path / "checkpoints")
    assert history(resumed) == history(undisturbed)
    np.testing.assert_array_equal(scores(resumed, lists), scores(undisturbed, lists))
    assert not list((tmp_path / "checkpoints").iterdir())


def test_another_training_does_not_go_on_from_it(
    tmp_path: Path, train: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(*_: Any) -> None:
        raise KilledError

    checkpoints = tmp_path / "checkpoints"
    with monkeypatch.context() as patch:
        patch.setattr("models.run_fn.export_model", die)
        with pytest.raises(KilledError):
            train(tmp_path / "first", training={"epochs": 1}, checkpoints=checkpoints)
    changed = {"epochs": 1, "learning_rate": 0.1}
    second = train(tmp_path / "second", training=changed, checkpoints=checkpoints)
    assert [epoch["epoch"] for epoch in history(second)] == [1]
    # The first one may still be resumed.
    assert len(list(checkpoints.iterdir())) == 1


def test_training_learns_and_logs(trained: Path) -> None:
    epochs = history(trained)
    assert [epoch["epoch"] for epoch in epochs] == [1, 2, 3]
    assert epochs[-1]["train"]["loss_click"] < epochs[0]["train"]["loss_click"]
    names = {"loss_click", "loss_order", "loss"}
    assert set(epochs[0]["train"]) == names | {"gradient_norm"}
    metrics = {"click_ndcg", "click_mrr", "order_ndcg", "order_mrr", "graded_ndcg"}
    assert set(epochs[0]["validation"]) == names | metrics
    for part in ("train", "validation"):
        assert list((trained / "run" / part).glob("events.*"))


def test_total_is_the_weighted_sum(tmp_path: Path, train: Callable[..., Path]) -> None:
    losses = {"click": {"weight": 2.0}, "order": {"weight": 0.5}}
    training = {"epochs": 1, "task_losses": losses}
    found = history(train(tmp_path, training=training))[0]["train"]
    assert found["loss"] == pytest.approx(2 * found["loss_click"] + 0.5 * found["loss_order"])


def test_the_best_epoch_is_kept_and_patience_ends_training(
    tmp_path: Path, train: Callable[..., Path], lists: list[Any]
) -> None:
    # Steps this large only spoil what the first epochs learnt.
    training = {"epochs": 40, "patience": 2, "learning_rate": 0.5}
    folder = train(tmp_path, training=training)
    values = [epoch["validation"]["graded_ndcg"] for epoch in history(folder)]
    best = int(np.argmax(values))
    assert len(values) == min(40, best + 1 + 2)
    shorter = train(tmp_path / "shorter", training={**training, "epochs": best + 1})
    np.testing.assert_array_equal(scores(folder, lists), scores(shorter, lists))


def test_progress_is_reported(
    tmp_path: Path, train: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    records: list[Any] = []
    monkeypatch.setattr("models.training._REPORT_EVERY", 0.0)
    monkeypatch.setattr(TRAINING_LOGGER, "info", lambda *_, extra=None: records.append(extra))
    train(tmp_path, training={"epochs": 2})
    reports = [record["progress"] for record in records if record]
    # 200 lists in batches of 32 are 7; a report for each and one for the epoch.
    assert [report.step for report in reports] == [1, 2, 3, 4, 5, 6, 7, 7] * 2
    assert {report.steps for report in reports} == {7}
    assert [report.epoch for report in reports if report.metrics] == [1, 2]


def test_labels_of_one_task_may_be_missing_altogether(
    tmp_path: Path,
    train: Callable[..., Path],
    lists: list[Any],
    write_lists: Callable[[Path, Sequence[Any]], str],
) -> None:
    unlabelled = []
    for one in lists[:64]:
        missing = [math.nan] * len(one.item["label_order"])
        unlabelled.append(one._replace(item={**one.item, "label_order": missing}))
    files = write_lists(tmp_path / "unlabelled", unlabelled)
    found = history(train(tmp_path, train_files=files, training={"epochs": 1}))[0]["train"]
    assert found["loss_order"] == 0
    assert found["loss"] == pytest.approx(found["loss_click"])


def test_without_validation_lists_the_last_epoch_is_taken(
    tmp_path: Path, train: Callable[..., Path]
) -> None:
    folder = train(tmp_path, validation_files=str(tmp_path / "none-*"), training={"epochs": 2})
    assert [epoch["validation"] for epoch in history(folder)] == [{}, {}]


def test_training_lists_are_needed(tmp_path: Path, train: Callable[..., Path]) -> None:
    with pytest.raises(InputError, match="expected training lists"):
        train(tmp_path, train_files=str(tmp_path / "none-*"))


def test_a_loss_that_is_not_finite_names_the_batch(
    tmp_path: Path, train: Callable[..., Path], caplog: pytest.LogCaptureFixture
) -> None:
    # Adam's steps are as large as the learning rate: weights overflow after the first one.
    training = {"learning_rate": 1e30, "epochs": 2}
    with pytest.raises(InputError) as error:
        train(tmp_path, training=training)
    message = str(error.value)
    assert "epoch 1, batch 2" in message
    assert "loss_click" in message
    assert "list " in message
    logged = [record.getMessage() for record in caplog.records if record.levelname == "ERROR"]
    assert logged[0].count("list ") == 32


def test_the_model_in_memory_and_the_exported_one_agree(
    dataset: Dataset, files: Any, lists: list[Any], trained: Path
) -> None:
    graph = TransformGraph(dataset, files.transform_graph)
    reader = batch_reader(dataset, graph)
    serialized = [one.serialized() for one in lists[:20]]
    exported = tf.saved_model.load(str(trained / "model"))
    model = rebuilt_model(dataset, files, trained, graph)
    batch = reader(tf.constant(serialized))
    model(batch)
    weights = {variable.name: variable for variable in exported.weights}
    for variable in model.variables:
        variable.assign(weights[variable.name])
    found = load_ranker(str(trained / "model"))(serialized)
    predictions = model(batch, training=False)
    np.testing.assert_allclose(found.outputs["score"], predictions.score, atol=1e-6)
    for number, task in enumerate(("click", "order")):
        np.testing.assert_allclose(
            found.outputs[f"probability_{task}"],
            predictions.probabilities[:, number],
            atol=1e-6,
        )
    assert SERVING_DEFAULT in exported.signatures


def rebuilt_model(
    dataset: Dataset, files: Any, trained: Path, graph: TransformGraph
) -> RankingModel:
    import yaml

    from data.region_split import FeatureSplit
    from models.config import ModelConfig, TrainingConfig

    extra = trained / "model" / "assets.extra"
    definitions = [
        kind.model_validate(yaml.safe_load((extra / f"{name}.yaml").read_text()))
        for kind, name in ((ModelConfig, "model"), (TrainingConfig, "training"))
    ]
    split = FeatureSplit.load(extra / "region_split.json")
    return RankingModel(dataset, *definitions, split, graph.sizes)
