import json
import math
import shutil
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import tensorflow as tf

from data.artifacts.examination import LearntExamination
from data.artifacts.model_folder import ExtraFiles
from data.counterfactual.examination import LARGEST_WEIGHT
from data.definition import keys
from data.definition.dataset import Dataset
from data.errors import InputError
from models.config import TrainingConfig
from models.position_bias.check import check_position_bias
from models.position_bias.columns import EXAMINATION_LOGIT, EXAMINATION_WEIGHT
from models.position_bias.position_bias import PositionBias, clipped_share, told
from models.position_bias.shown_lists import Shown
from models.ranking_model import RankingModel
from models.training.checkpoints import EpochCheckpoints
from models.training.epoch_log import EpochLog
from models.training.input_pipeline import Reader
from models.training.run_fn import run_fn
from models.training.training import Training
from tests.models.conftest import QUICK_MODEL

Build = Callable[..., RankingModel]
TASKS = ("click", "order")
SHOWN = Shown(240, 0, 100, 1, 8.0, ("app", "web"), ("", "DE", "JP"), ())
FALLING = LearntExamination(
    way="inverse_propensity",
    source="joint",
    lists=4,
    unknown_lists=1,
    first_position=1,
    shared=(-1.0, -2.0),
    platforms={"web": (0.0, 0.0)},
    regions={"DE": (0.0, 0.0)},
)


@pytest.fixture
def batch(shown: list[Any], shown_reader: Reader) -> dict[str, tf.Tensor]:
    return shown_reader(tf.constant([one.serialized() for one in shown[:40]]))


def falling(way: str) -> PositionBias:
    found = PositionBias(way, SHOWN)
    for variable in found.trainable_variables:
        if variable.shape.rank == 1:
            variable.assign([-0.2, -0.4, -4.0])
    return found


@pytest.mark.parametrize("way", ["additive", "inverse_propensity"])
def test_at_the_start_losses_are_those_without_to_the_bit(
    build_model: Build, batch: dict[str, tf.Tensor], way: str
) -> None:
    # Which lists are learnt from as those of an unknown region is drawn anew each time.
    model, bias = build_model(model={"unknown_region_share": 0.0}), PositionBias(way, SHOWN)
    plain = model.objective.of_tasks(batch, model(batch, training=True)).numpy()
    seen = bias.seen(batch)
    corrected = model.objective.of_tasks(seen, model(seen, training=True)).numpy()
    if way == "additive":
        np.testing.assert_array_equal(corrected, plain)
    else:
        # log2(1 + 1) is 1 but for the last bit.
        np.testing.assert_allclose(corrected, plain, rtol=1e-6)


def test_additive_moves_the_click_and_what_follows_from_it(
    build_model: Build, batch: dict[str, tf.Tensor]
) -> None:
    model, bias = build_model(), falling("additive")
    plain, seen = model(batch), bias.seen(batch)
    examined = model(seen)
    logit = seen[EXAMINATION_LOGIT].numpy()
    assert logit.min() == pytest.approx(-0.2 - 0.4 - 4.0)
    click, order = plain.probabilities.numpy().T
    clicked = 1 / (1 + np.exp(-(plain.logits.numpy()[:, 0] + logit)))
    np.testing.assert_allclose(examined.probabilities[:, 0], clicked, rtol=1e-5)
    np.testing.assert_allclose(examined.probabilities[:, 1], clicked * order / click, rtol=1e-4)


def test_additive_moves_every_task_where_probabilities_do_not_descend(
    build_model: Build, batch: dict[str, tf.Tensor]
) -> None:
    model = build_model(model={"descending": False})
    seen = falling("additive").seen(batch)
    moved = model(seen).logits - model(batch).logits
    expected = np.stack([seen[EXAMINATION_LOGIT].numpy()] * 2, axis=1)
    np.testing.assert_allclose(moved, expected, atol=1e-5)


def test_weights_are_inverse_examination_and_cut(batch: dict[str, tf.Tensor]) -> None:
    weights = falling("inverse_propensity").seen(batch)[EXAMINATION_WEIGHT].numpy()
    positions = batch[keys.ITEM_POSITION].numpy()
    for position, expected in ((1, 1), (2, math.exp(0.2)), (4, math.exp(0.6)), (8, LARGEST_WEIGHT)):
        assert weights[positions == position] == pytest.approx(expected)


def test_learnt_propensities_teach_the_ranker_nothing(
    build_model: Build, batch: dict[str, tf.Tensor]
) -> None:
    model, bias = build_model(), falling("inverse_propensity")
    with tf.GradientTape() as tape:
        seen = bias.seen(batch)
        loss = bias.loss(seen, model(seen), TASKS)
    gradients = tape.gradient(loss, [*model.trainable_variables, *bias.trainable_variables])
    learn = [gradient is not None for gradient in gradients]
    assert learn == [False] * len(model.trainable_variables) + [True] * 3


@pytest.mark.parametrize(
    ("over_all", "lists"), [(True, SHOWN.lists), (False, SHOWN.acted)], ids=["all", "acted"]
)
def test_the_prior_is_divided_by_the_lists_that_listwise_losses_are_means_over(
    over_all: bool, lists: int
) -> None:
    found = PositionBias("additive", SHOWN, over_all)
    for variable in found.trainable_variables:
        variable.assign(tf.fill(variable.shape, -0.3))
    expected = float(found.examination.prior(1)) / lists
    assert float(found.loss({}, None, TASKS)) == pytest.approx(expected)  # type: ignore[arg-type]


def test_lists_in_random_order_say_the_examination_where_there_are_enough() -> None:
    class Random(Shown):
        def random_slopes(self) -> np.ndarray:
            return np.array([[-0.1, -0.2, -0.3], [-0.3, -0.2, -0.1]])

    bias = PositionBias("additive", Random(**vars(SHOWN)))
    assert bias.trainable_variables == ()
    assert float(bias.loss({}, None, TASKS)) == 0.0  # type: ignore[arg-type]
    shared, platforms, _ = bias.examination.slopes()
    assert shared + platforms["app"] == pytest.approx([-0.1, -0.2, -0.3])


def test_the_share_of_actions_whose_weight_is_cut(
    tmp_path: Path, shown: list[Any], shown_dataset: Dataset, write_lists: Callable[..., str]
) -> None:
    four = next(one for one in shown if len(one.item["rating"]) == 4)
    labels = {"label_click": [1.0, 1.0, 0.0, 1.0], "label_order": [0.0] * 4}
    context = four.context | {keys.LIST_PLATFORM: ["web"], keys.LIST_REGION: ["DE"]}
    known = four._replace(item=four.item | labels, context=context | {keys.LIST_WEIGHT: [2.0]})
    unknown = known._replace(
        item=known.item | {keys.ITEM_POSITION: [math.nan, 2.0, 3.0, 4.0]},
        context=context | {keys.LIST_WEIGHT: [1.0]},
    )
    # 1 / examination is e at the second position, e^3 = 20 at the fourth, 1 where it is unknown.
    file = write_lists(tmp_path / "lists", [known, unknown])
    assert clipped_share(FALLING, [file], shown_dataset) == pytest.approx(2 / (3 * 2 + 3 * 1))


def test_what_was_learnt_is_told() -> None:
    found = FALLING.model_copy(update={"clipped": 0.25, "largest_weight": 10.0})
    said = told(found, steps=200)
    assert "0.37 at 2" in said
    assert "too few" not in said
    few = found.model_copy(update={"source": "joint"})
    assert "in 199 steps, which is too few" in told(few, steps=199)
    assert "too few" not in told(few, steps=200)
    assert "too few" not in told(few.model_copy(update={"source": "randomised"}), steps=1)
    assert "25.0% of the actions had their weight cut to 10" in said
    assert "1 of 4 training lists have an item without a position" in said


def test_a_dataset_without_positions_is_refused(dataset: Dataset) -> None:
    check_position_bias(dataset, TrainingConfig())
    with pytest.raises(
        InputError, match=r"position_bias: expected .* `position`.*'small' names no"
    ):
        check_position_bias(dataset, TrainingConfig(position_bias="additive"))


@pytest.fixture(scope="module")
def shown_files(
    tmp_path_factory: pytest.TempPathFactory, shown: list[Any], write_lists: Callable[..., str]
) -> dict[str, str]:
    folder = tmp_path_factory.mktemp("shown")
    return {
        "train": write_lists(folder / "train", shown[:200]),
        "validation": write_lists(folder / "validation", shown[200:]),
    }


@pytest.mark.thorough
def test_a_training_goes_on_with_what_it_had_learnt(
    tmp_path: Path,
    build_model: Build,
    shown_dataset: Dataset,
    shown_reader: Reader,
    shown_files: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def train(folder: str) -> LearntExamination | None:
        given = {"lists_per_batch": 64, "epochs": 2, "position_bias": "additive", "keep": "last"}
        config = TrainingConfig.model_validate(given)
        files = [shown_files["train"]], [shown_files["validation"]]
        arguments = (shown_dataset, build_model(given, QUICK_MODEL), config, shown_reader, *files)
        training = Training(*arguments, str(tmp_path / folder))
        assert training.run(EpochLog(str(tmp_path / "run"))).best_epoch == 2
        return training.learnt_examination()

    save, saved = EpochCheckpoints.save, list[int]()

    def save_and_copy(self: EpochCheckpoints, epoch: int) -> None:
        save(self, epoch)
        saved.append(epoch)
        if epoch == 1:
            shutil.copytree(tmp_path / "whole", tmp_path / "stopped")

    monkeypatch.setattr(EpochCheckpoints, "save", save_and_copy)
    whole = train("whole")
    assert train("stopped") == whole
    assert saved == [1, 2, 2]
    assert whole is not None
    assert whole.source == "joint"
    assert any(whole.shared)


@pytest.mark.thorough
def test_what_is_served_knows_nothing_of_positions(
    tmp_path: Path,
    arguments: Callable[..., dict[str, Any]],
    shown_dataset: Dataset,
    shown_files: dict[str, str],
    lists: list[Any],
) -> None:
    training = {"position_bias": "inverse_propensity", "epochs": 1, "warm_up": []}
    given = arguments(tmp_path, training, QUICK_MODEL)
    given["train_files"] = [shown_files["train"]]
    given["eval_files"] = [shown_files["validation"]]
    given["custom_config"]["dataset"] = shown_dataset.model_dump(mode="json")
    run_fn(SimpleNamespace(**given))
    folder = str(tmp_path / "model")
    found = LearntExamination.of_model(folder)
    assert found is not None
    assert found.way == "inverse_propensity"
    assert found.clipped == 0.0
    names = json.loads(Path(ExtraFiles(folder).weights).read_text())
    assert not [name for name in names if "examination" in name or name.startswith("bias/")]
    model = tf.saved_model.load(folder)
    inputs = model.signatures["serving_default"].structured_input_signature[1]
    assert set(inputs) == {feature.name for feature in shown_dataset.features}
    examples = tf.constant([one.serialized() for one in lists[:3]])
    assert np.isfinite(model.signatures["serve_examples"](examples=examples)["score"][0, 0])
