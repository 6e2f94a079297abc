from typing import Any

import pytest

from data.definition.dataset import Dataset
from data.errors import InputError
from models.config import ModelConfig, TrainingConfig
from models.task_dependence import check_dependence, gradient_through


def _dataset(implied: bool) -> Dataset:
    return Dataset.model_validate(
        {
            "name": "shop",
            "list_id": "id",
            "actions_imply_previous": implied,
            "tasks": [{"name": "click", "grade": 1}, {"name": "order", "grade": 2}],
            "features": [{"name": "price", "scope": "item", "kind": "numeric"}],
        }
    )


def _check(implied: bool, model: dict[str, Any], training: dict[str, Any]) -> None:
    check_dependence(
        _dataset(implied),
        ModelConfig.model_validate(model),
        TrainingConfig.model_validate(training),
    )


@pytest.mark.parametrize("loss", ["chain", "entire_space"])
def test_losses_of_the_product_need_it(loss: str) -> None:
    chosen = {"task_losses": {"order": {"losses": {"softmax": 1.0, loss: 0.1}}}}
    _check(True, {}, chosen)
    _check(False, {"descending": True}, chosen)
    expected = (
        rf"loss '{loss}' of 'order': expected .*`descending: true`.* found `descending: false`"
    )
    with pytest.raises(InputError, match=f"{expected}, which follows from"):
        _check(False, {}, chosen)
    with pytest.raises(InputError, match=f"{expected}$"):
        _check(True, {"descending": False}, chosen)


def test_a_default_loss_that_no_task_takes_is_not_looked_at() -> None:
    taken = {"losses": {"softmax": 1.0}}
    own = {"task_losses": {"click": taken, "order": taken}}
    _check(False, {}, {"default_loss": {"losses": {"chain": 1.0}}, **own})
    with pytest.raises(InputError, match="'chain' of 'click'"):
        _check(False, {}, {"default_loss": {"losses": {"chain": 1.0}}})


def test_the_calibrator_needs_probabilities_that_can_rise() -> None:
    _check(False, {}, {"behavioural_calibrator": 0.6})
    _check(True, {"descending": False}, {"behavioural_calibrator": 0.6})
    with pytest.raises(InputError, match=r"behavioural_calibrator: expected .* nothing to penal"):
        _check(True, {}, {"behavioural_calibrator": 0.6})


KEPT = {"name": "kept", "grade": 3, "column": "order", "at": "t", "undone_by": "u"}


def test_journey_needs_what_can_be_taken_back_and_losses_of_both_its_parts() -> None:
    journey = ModelConfig(ranker="journey")
    plain = _dataset(True)
    tasks = [{"name": "click", "grade": 1}, {"name": "order", "grade": 2, "at": "t"}]
    whole = plain.model_dump() | {"time": {"column": "shown"}}
    kept = Dataset.model_validate(whole | {"tasks": [*tasks, KEPT]})
    check_dependence(kept, journey, TrainingConfig())
    with pytest.raises(InputError, match=r"`undone_by` after one without.*'order'\]"):
        check_dependence(plain, journey, TrainingConfig())
    alone = Dataset.model_validate(whole | {"tasks": [KEPT]})
    with pytest.raises(InputError, match=r"after one without.*found \['kept'\]"):
        check_dependence(alone, journey, TrainingConfig())
    for losses in ({"softmax": 1.0}, {"chain": 1.0, "entire_space": 1.0}):
        training = TrainingConfig.model_validate({"task_losses": {"kept": {"losses": losses}}})
        with pytest.raises(InputError, match=r"losses of 'kept'.*by which the combination does"):
            check_dependence(kept, journey, training)
    with pytest.raises(InputError, match="ranker 'journey': expected probabilities that are prod"):
        check_dependence(kept, ModelConfig(ranker="journey", descending=False), TrainingConfig())


def test_esmm_is_a_product() -> None:
    _check(True, {"ranker": "esmm"}, {})
    _check(False, {"ranker": "esmm", "descending": True}, {})
    with pytest.raises(InputError, match="ranker 'esmm': expected probabilities that are products"):
        _check(False, {"ranker": "esmm"}, {})


ENTIRE_SPACE = {"task_losses": {"order": {"losses": {"softmax": 1.0, "entire_space": 0.1}}}}


@pytest.mark.parametrize(
    ("model", "training", "expected"),
    [
        ({}, {}, "own"),
        ({"descending_gradient": "all"}, {}, "all"),
        ({}, {"default_loss": {"losses": {"chain": 1.0}}}, "own"),
        ({}, ENTIRE_SPACE, "all"),
        ({"ranker": "esmm"}, {}, "all"),
    ],
)
def test_a_loss_trains_its_own_factor_unless_the_product_is_learnt_as_a_whole(
    model: dict[str, Any], training: dict[str, Any], expected: str
) -> None:
    _check(True, model, training)
    configs = ModelConfig.model_validate(model), TrainingConfig.model_validate(training)
    assert gradient_through(_dataset(True), *configs) == expected


@pytest.mark.parametrize(
    ("ranker", "training", "found"),
    [("seq_md", ENTIRE_SPACE, "loss 'entire_space' of 'order'"), ("esmm", {}, "ranker 'esmm'")],
)
def test_a_product_that_is_learnt_as_a_whole_is_learnt_by_all_losses(
    ranker: str, training: dict[str, Any], found: str
) -> None:
    own = {"ranker": ranker, "descending_gradient": "own"}
    expected = f"descending_gradient: expected 'all', or none named, with {found}, .*found 'own'"
    with pytest.raises(InputError, match=expected):
        _check(True, own, training)
    _check(True, {**own, "descending_gradient": "all"}, training)
