"""Learning from labels that are not in yet: the losses of a batch, and whole trainings."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import tensorflow as tf

from data.artifacts.region_split import FeatureSplit
from data.definition.dataset import Dataset
from data.errors import InputError
from models.config import LossName, ModelConfig, TrainingConfig
from models.features.transform_graph import TransformGraph
from models.feedback.check import check_feedback
from models.feedback.late_feedback import LateFeedback, chance_of_any, expected_gain
from models.ranking_model import RankingModel
from models.training.input_pipeline import Batch, batch_reader
from models.training.run_fn import run_fn
from models.training.training import Training
from models.weights import named_weights

DAY, NAN = 86_400.0, float("nan")
WINDOWS = {"order": 7 * DAY, "kept": 14 * DAY}
WAYS = ("as_seen", "fsiw", "survival")
# The ranker does not matter; this one is quickly made.
SMALL = {"ranker": "shared_bottom", "level_units": (8,), "tower_units": (), "dropout": 0.0}
KEPT_LATE = ["order", "kept"]
Losses = dict[LossName, float]


@pytest.fixture(scope="module")
def timed(dataset: Dataset) -> Dataset:
    """The small dataset, whose orders come late and go back."""
    order = {"name": "order", "grade": 2, "at": "ordered", "matures_after": "7d"}
    kept = {"name": "kept", "grade": 3, "column": "order", "undone_by": "sent_back"}
    return Dataset.model_validate(
        dataset.model_dump()
        | {
            "time": {"column": "shown"},
            "tasks": [
                {"name": "click", "grade": 1},
                order,
                {**kept, "at": "ordered", "matures_after": "14d"},
            ],
        }
    )


def _seen(one: Any, age: float, number: int) -> Any:
    """A list as it was seen after some days, with delays that are drawn."""
    generator = np.random.default_rng((11, number))
    click = np.array(one.item["label_click"])
    order = np.nan_to_num(one.item["label_order"]) > 0
    after = generator.uniform(0.1, 7, len(order)) * DAY
    back = np.where(generator.random(len(order)) < 0.3, after + 3 * DAY, NAN)
    seen = order & (after <= age * DAY)
    taken_back = seen & (back <= age * DAY)
    found = {"order": seen.astype(float), "kept": (seen & ~taken_back).astype(float)}
    item = {**one.item, "label_click": click.tolist()}
    for task, values in found.items():
        is_open = age * DAY < WINDOWS[task]
        item[f"label_{task}"] = (values * NAN if is_open else values).tolist()
        item[f"seen_{task}"] = values.tolist()
        item[f"delay_{task}"] = np.where(seen, after, NAN).tolist()
    item["undone_kept"] = np.where(taken_back, back, NAN).tolist()
    return one._replace(context={**one.context, "list_age": [age * DAY]}, item=item)


def _training(way: str, losses: Losses | None = None, **fields: Any) -> TrainingConfig:
    loss = {"losses": losses or {"softmax": 1.0, "sigmoid_cross_entropy": 0.1}}
    return TrainingConfig.model_validate(
        {"default_loss": loss | fields.pop("loss", {}), "feedback": way, **fields}
    )


class Made:
    """A model and what it learns from lists of some ages."""

    def __init__(
        self, timed: Dataset, split: FeatureSplit, graph: TransformGraph, lists: Sequence[Any]
    ) -> None:
        self.timed, self.split, self.graph, self.lists = timed, split, graph, lists
        self.read = batch_reader(timed, graph)

    def batch(self, ages: Sequence[float]) -> Batch:
        chosen = [_seen(self.lists[n], ages[n % len(ages)], n).serialized() for n in range(1, 41)]
        return self.read(tf.constant(chosen))

    def model(self, training: TrainingConfig) -> RankingModel:
        tf.keras.utils.set_random_seed(1)
        network = ModelConfig.model_validate(SMALL)
        return RankingModel(self.timed, network, training, self.split, self.graph.sizes)


@pytest.fixture(scope="module")
def made(timed: Dataset, split: FeatureSplit, graph: TransformGraph, lists: list[Any]) -> Made:
    return Made(timed, split, graph, lists)


ALL_LOSSES: list[dict] = [
    *({"losses": {name: 1.0}} for name in ("softmax", "approx_ndcg", "lambda", "entire_space")),
    {"losses": {"sigmoid_cross_entropy": 1.0}},
    {"losses": {"softmax": 1.0, "sigmoid_cross_entropy": 0.1}, "graded": True},
]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("loss", ALL_LOSSES, ids=str)
def test_once_all_has_been_seen_the_losses_are_the_plain_ones(
    made: Made, way: str, loss: dict
) -> None:
    training = _training(way, loss["losses"], loss={"graded": loss.get("graded", False)})
    model = made.model(training)
    batch = made.batch([1e6])
    predictions = model(batch)
    expected = model.objective.of_tasks(batch, predictions).numpy()
    taught = LateFeedback(made.timed, model, training).taught(batch, predictions)
    assert expected.min() > 0
    np.testing.assert_allclose(taught.losses, expected, rtol=1e-6)


@pytest.mark.parametrize("way", WAYS)
def test_open_lists_are_learnt_from_and_the_gradient_reaches_the_network(
    made: Made, way: str
) -> None:
    training = _training(way)
    model, batch = made.model(training), made.batch([1.0, 4.0, 20.0])
    predictions = model(batch)
    feedback = LateFeedback(made.timed, model, training)
    with tf.GradientTape() as tape:
        taught = feedback.taught(batch, model(batch, training=True))
        total = model.objective.total(taught.losses) + taught.delays
    assert np.isfinite(taught.losses.numpy()).all()
    plain = model.objective.of_tasks(batch, predictions).numpy()
    assert taught.losses.numpy()[0] == pytest.approx(plain[0], rel=1e-5)
    assert (np.abs(taught.losses.numpy() - plain)[1:] > 1e-3).all()
    for slope in tape.gradient(total, model.trainable_variables):
        assert slope is None or np.isfinite(tf.convert_to_tensor(slope).numpy()).all()


def test_a_kept_purchase_is_never_more_likely_than_the_purchase(made: Made) -> None:
    model = made.model(_training("survival"))
    probabilities = model(made.batch([4.0])).probabilities.numpy()
    assert (np.diff(probabilities, axis=1) <= 0).all()


def test_delays_teach_their_heads_and_nothing_else(made: Made) -> None:
    training = _training("survival")
    model, batch = made.model(training), made.batch([1.0, 4.0])
    model(batch)
    feedback = LateFeedback(made.timed, model, training)
    with tf.GradientTape() as tape:
        delays = feedback.taught(batch, model(batch)).delays
    heads = feedback.trainable_variables
    slopes = tape.gradient(delays, [*heads, *model.trainable_variables])
    assert [slope is not None for slope in slopes[: len(heads)]] == [True] * len(heads)
    assert all(slope is None for slope in slopes[len(heads) :])
    assert not {one.ref() for one in heads} & {one.ref() for one in model.variables}


@pytest.mark.parametrize("way", ["fsiw", "survival"])
@pytest.mark.parametrize("drifted", [-300.0, 300.0])
def test_rates_that_drift_away_leave_all_finite_and_can_come_back(
    made: Made, way: str, drifted: float
) -> None:
    """Where all is done at once, rates grow in each step, beyond what floats hold."""
    training = _training(way)
    model, batch = made.model(training), made.batch([1.0, 4.0])
    model(batch)
    feedback = LateFeedback(made.timed, model, training)
    heads = feedback.trainable_variables
    (bias,) = (one for one in heads if one.shape == (len(made.timed.tasks),))
    bias.assign(tf.fill(bias.shape, drifted))
    with tf.GradientTape() as tape:
        taught = feedback.taught(batch, model(batch))
    assert np.isfinite([*taught.losses.numpy(), taught.delays.numpy()]).all()
    *slopes, of_bias = tape.gradient(taught.delays, [*heads, bias])
    for slope in slopes:
        assert np.isfinite(slope.numpy()).all()
    # Orders take days: rates are drawn back to that from both sides.
    assert np.sign(of_bias.numpy()[1]) == np.sign(drifted)


def test_rates_stop_where_all_is_done_at_once(made: Made) -> None:
    training = _training("fsiw")
    model, batch = made.model(training), made.batch([4.0])
    feedback = LateFeedback(made.timed, model, training)
    predictions = model(batch)
    (bias,) = (one for one in feedback.trainable_variables if one.shape == (3,))
    at_once = {**batch, "delay_order": 0 * batch["delay_order"]}
    found = []
    # The rate of orders starts at one in seven days, and ends at one a second.
    for drifted in (0.0, 1 + np.log(7 * DAY)):
        bias.assign(tf.fill(bias.shape, tf.cast(drifted, tf.float32)))
        with tf.GradientTape() as tape:
            delays = feedback.taught(at_once, predictions).delays
        found.append(tape.gradient(delays, bias).numpy()[1])
    assert found[0] < 0
    assert found[1] == 0


def test_as_seen_takes_what_has_not_come_for_not_done(made: Made) -> None:
    training = _training("as_seen", {"sigmoid_cross_entropy": 1.0})
    model, batch = made.model(training), made.batch([1.0])
    predictions = model(batch)
    taught = LateFeedback(made.timed, model, training).taught(batch, predictions)
    order = predictions.logits.numpy()[:, 1]
    seen = batch["seen_order"].numpy()
    entropy = np.logaddexp(0, order) - seen * order
    weights = np.repeat(batch["list_weight"].numpy(), batch["row__lengths"].numpy())
    assert taught.losses.numpy()[1] == pytest.approx(np.average(entropy, weights=weights), rel=1e-5)
    assert taught.delays.numpy() == 0


def test_the_share_that_was_seen_and_the_weight_that_was_clipped(made: Made) -> None:
    training = _training("fsiw")
    model = made.model(training)
    closed, young = made.batch([30.0]), made.batch([0.3])
    feedback = LateFeedback(made.timed, model, training)
    seen, expected, clipped, weight = feedback.seen_and_clipped(closed, model(closed)).numpy().T
    np.testing.assert_allclose(seen, expected, rtol=1e-5)
    np.testing.assert_allclose(clipped, 0, atol=1e-6)
    np.testing.assert_allclose(weight, weight[0], rtol=1e-5)
    seen, expected, clipped, weight = feedback.seen_and_clipped(young, model(young)).numpy().T
    assert seen[0] == pytest.approx(expected[0])
    assert (seen[1:] < 0.6 * expected[1:]).all()
    # Orders of the first hours weigh 1 / F = (1 - e^-1) / (1 - e^-(.3 / 7)) = 15, or more.
    assert clipped[1] > 0
    assert (clipped[1:] < weight[1:]).all()


def test_gains_by_chance_and_the_chance_of_any() -> None:
    labels = [tf.constant([1.0, 0.5, 0.0]), tf.constant([1.0, 0.25, 0.0])]
    # Grades 1 and 3: gains of 1 and 7, the second on top of the first.
    np.testing.assert_allclose(expected_gain(labels, [1, 3]), [7, 0.5 + 6 * 0.25, 0])
    gain = tf.ragged.constant([[0.5, 0.2], [0.0, 0.0], [1.0, 0.1], [NAN, 3.0], [NAN]])
    np.testing.assert_allclose(chance_of_any(gain), [1 - 0.5 * 0.8, 0, 1, 1, 0], rtol=1e-6)


@pytest.fixture
def learn(
    made: Made, tmp_path: Path, write_lists: Callable[[Path, Sequence[Any]], str]
) -> Callable[..., RankingModel]:
    """Trains on lists of which some are open; in the same folder it goes on where it was."""
    young = [_seen(one, (1.0, 5.0, 20.0)[n % 3], n) for n, one in enumerate(made.lists[:60])]
    path = write_lists(tmp_path / "train", young)

    def run(way: str, folder: str, epochs: int) -> RankingModel:
        training = _training(way, epochs=epochs, lists_per_batch=32, keep="last")
        model = made.model(training)
        where = ([path], [path], str(tmp_path / folder))
        Training(made.timed, model, training, made.read, *where).run(None)
        return model

    return run


@pytest.mark.thorough
@pytest.mark.parametrize("way", WAYS)
def test_trainings_say_what_was_seen_and_leave_nothing_in_the_model(
    learn: Callable[..., RankingModel], way: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level("INFO", "seqmd"):
        model = learn(way, "once", 1)
    assert not [name for name in named_weights(model) if "delay" in name or "feedback" in name]
    told = [line for line in caplog.messages if "has been seen" in line]
    assert [line.partition(":")[0] for line in told] == ([] if way == "as_seen" else KEPT_LATE)
    assert all(("was cut off" in line) == (way == "fsiw") for line in told)


@pytest.mark.thorough
def test_a_model_that_is_pushed_has_nothing_of_it(
    made: Made,
    files: Any,
    tmp_path: Path,
    write_lists: Callable[[Path, Sequence[Any]], str],
) -> None:
    young = [_seen(one, (1.0, 5.0, 20.0)[n % 3], n) for n, one in enumerate(made.lists[:40])]
    path = write_lists(tmp_path / "train", young)
    config = {
        "dataset": made.timed.model_dump(mode="json"),
        "model": ModelConfig.model_validate(SMALL).model_dump(mode="json"),
        "training": _training("survival", epochs=1, calibrated=False).model_dump(mode="json"),
        "region_split": files.region_split,
    }
    arguments = {
        "train_files": [path],
        "eval_files": [path],
        "transform_graph_path": files.transform_graph,
        "serving_model_dir": str(tmp_path / "model"),
        "model_run_dir": str(tmp_path / "run"),
        "custom_config": config,
    }
    run_fn(SimpleNamespace(**arguments))
    names = json.loads((tmp_path / "model" / "assets.extra" / "weights.json").read_text())
    stored = tf.train.list_variables(str(tmp_path / "model" / "variables" / "variables"))
    for name in (*names, *(name for name, _ in stored)):
        assert "delays" not in name
        assert "feedback" not in name


@pytest.mark.thorough
def test_a_training_that_goes_on_ends_as_one_that_was_never_stopped(
    learn: Callable[..., RankingModel],
) -> None:
    learn("survival", "stopped", 1)
    resumed, whole = learn("survival", "stopped", 2), learn("survival", "at once", 2)
    for one, other in zip(resumed.trainable_variables, whole.trainable_variables, strict=True):
        np.testing.assert_array_equal(one.numpy(), other.numpy())


FAULTS: dict[str, tuple[dict, dict, str]] = {
    "no window": (
        {"tasks": [{"name": "click", "grade": 1}]},
        {"feedback": "as_seen"},
        "as_seen: expected a task with `matures_after`, found none",
    ),
    "no delays": (
        {"tasks": [{"name": "click", "grade": 1, "matures_after": "7d"}]},
        {"feedback": "survival"},
        "survival: expected a task with `at` and `matures_after`, found none",
    ),
    "chain": (
        {},
        {"feedback": "fsiw", "task_losses": {"order": {"losses": {"chain": 1.0}}}},
        "fsiw: expected losses of labels that may still be open, found 'chain' of task 'order'",
    ),
    "graded without implication": (
        {"actions_imply_previous": False},
        {"feedback": "fsiw", "default_loss": {"graded": True}},
        "task 'click' has graded relevance",
    ),
    "nothing to take back": (
        {
            "tasks": [
                {"name": "click", "grade": 1},
                {
                    "name": "kept",
                    "grade": 3,
                    "column": "order",
                    "undone_by": "sent_back",
                    "at": "ordered",
                    "matures_after": "14d",
                },
            ]
        },
        {"feedback": "survival"},
        "task 'kept': expected a task before it with its column 'order'",
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_ways_that_a_dataset_has_nothing_for_are_refused(timed: Dataset, fault: str) -> None:
    fields, training, message = FAULTS[fault]
    dataset = Dataset.model_validate(timed.model_dump() | fields)
    with pytest.raises(InputError, match=message):
        check_feedback(dataset, TrainingConfig.model_validate(training))
    check_feedback(dataset, TrainingConfig())
