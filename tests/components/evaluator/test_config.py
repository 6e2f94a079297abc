from typing import Any

import pytest
from pydantic import ValidationError

from components.evaluator.config import EvaluationConfig, ReleaseGate, release_gates_for
from components.evaluator.plan import make_plan, place_of
from components.evaluator.release_gates.config_check import check_release_gates
from components.evaluator.tfma_run import eval_config
from data.definition.dataset import Dataset
from data.errors import InputError


def config(**gate: Any) -> EvaluationConfig:
    return EvaluationConfig.model_validate({"gates": [{"at_least": 0.1, **gate}]})


def test_defaults_of_a_first_run(shop: Dataset) -> None:
    gates = release_gates_for(EvaluationConfig(), shop)
    graded = [gate for gate in gates if gate.task == "graded"]
    assert [(gate.against, gate.slices) for gate in graded] == [
        ("random", ("overall",)),
        ("baseline", ("overall", "every_platform", "every_region")),
    ]
    tasks = [(gate.task, gate.against) for gate in gates if gate.task != "graded"]
    assert tasks == [
        (task, against) for task in ("click", "purchase") for against in ("random", "baseline")
    ]
    check_release_gates(EvaluationConfig(gates=gates), shop)


def test_defaults_without_region_or_platform(shop: Dataset) -> None:
    plain = shop.model_copy(update={"region": None, "platform": None})
    assert all(gate.slices == ("overall",) for gate in release_gates_for(EvaluationConfig(), plain))


def test_defaults_take_a_cut_off_that_is_measured(shop: Dataset) -> None:
    gates = release_gates_for(EvaluationConfig(ndcg_at=(3, "all")), shop)
    assert {gate.metric for gate in gates} == {"ndcg@3"}


def test_no_gates_are_no_gates(shop: Dataset) -> None:
    assert release_gates_for(EvaluationConfig(gates=()), shop) == ()


def test_one_slice_or_several() -> None:
    gate = ReleaseGate.model_validate({"at_least": 0, "slices": {"region": "DE"}})
    assert gate.slices == ({"region": "DE"},)
    assert ReleaseGate.model_validate({"at_least": 0, "slices": "every_region"}).slices == (
        "every_region",
    )


def test_randomised_traffic_may_be_a_truth_value() -> None:
    gate = {"at_least": 0, "slices": [{"region": "JP", "randomised": True}]}
    assert ReleaseGate.model_validate(gate).slices == ({"region": "JP", "randomised": "true"},)


@pytest.mark.parametrize(
    ("slices", "more"),
    [
        ("every_region", []),
        ({"region": "JP", "platform": "app"}, []),
        ({"randomised": "true", "region": "JP"}, [("region", "randomised")]),
        ([{"platform": "app", "randomised": "true"}, "overall"], [("platform", "randomised")]),
        (
            {"platform": "app", "randomised": "false", "region": "JP"},
            [("region", "platform", "randomised")],
        ),
    ],
)
def test_what_a_gate_names_is_measured(
    shop: Dataset, slices: Any, more: list[tuple[str, ...]]
) -> None:
    usual = [(), ("platform",), ("region",), ("randomised",), ("region", "platform")]
    gates = config(slices=slices)
    check_release_gates(gates, shop)
    plan = make_plan(shop, gates, baseline=False)
    assert list(plan.slicings) == [*usual, *more]
    columns = [spec.feature_keys for spec in eval_config(plan).slicing_specs]
    assert len(columns) == len(plan.slicings)


@pytest.mark.parametrize(
    ("gate", "message"),
    [
        ({}, "expected at_least, against or both"),
        ({"at_least": 0, "ranked_by": "own"}, "by the score only"),
        ({"at_least": 0, "slices": "each_region"}, "every_region"),
        ({"at_least": 0, "slices": {}}, "expected overall"),
        ({"at_least": 0, "slices": {"country": "DE"}}, "region"),
        ({"at_least": 0, "slices": {"randomised": "yes"}}, "expected true or false, found 'yes'"),
        ({"at_least": 0, "slices": {"age": "2 weeks"}}, "age: expected one of .*'7 to 14 days', "),
        ({"against": "logged"}, "baseline"),
    ],
)
def test_gates_that_make_no_sense(gate: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        ReleaseGate.model_validate(gate)


@pytest.mark.parametrize("ranks", [[0], [5, 5], ["most"], []])
def test_ranks_that_make_no_sense(ranks: list[Any]) -> None:
    with pytest.raises(ValidationError, match="ndcg_at"):
        EvaluationConfig.model_validate({"ndcg_at": ranks})


@pytest.mark.parametrize(
    ("gate", "message"),
    [
        ({"task": "like"}, "task: expected one of click, purchase, graded, found 'like'"),
        ({"metric": "ndcg@7"}, "metric: expected one of ndcg@5, .*, found 'ndcg@7'"),
        ({"slices": "every_region_and_platform"}, "the dataset names no platform"),
        ({"slices": {"platform": "app"}}, "the dataset names no platform"),
    ],
)
def test_gates_on_what_is_not_measured(shop: Dataset, gate: dict[str, Any], message: str) -> None:
    without_platform = shop.model_copy(update={"platform": None})
    with pytest.raises(InputError, match=rf"evaluation.gates\[0\].*{message}"):
        check_release_gates(config(**gate), without_platform)


def test_gates_on_expected_ndcg_need_true_probabilities(shop: Dataset) -> None:
    check_release_gates(config(task="click", metric="expected_ndcg@5"), shop)
    tasks = [task.model_copy(update={"true_probability": None}) for task in shop.tasks]
    with pytest.raises(InputError, match="expected_ndcg@5"):
        check_release_gates(
            config(task="click", metric="expected_ndcg@5"),
            shop.model_copy(update={"tasks": tuple(tasks)}),
        )


def test_a_task_must_not_be_called_graded(shop: Dataset) -> None:
    task = shop.tasks[0].model_copy(update={"name": "graded"})
    with pytest.raises(InputError, match="graded"):
        check_release_gates(EvaluationConfig(), shop.model_copy(update={"tasks": (task,)}))


def test_slices_stand_by_name_and_ages_from_the_youngest_on() -> None:
    parts = [{"age": f"{age} days"} for age in ("0 to 1", "1 to 3", "3 to 7", "7 to 14")]
    wanted: list[dict[str, str]] = [{}, *parts, {"age": "14 to 28 days"}, {"region": "DE"}]
    mixed = wanted[::-1]
    assert sorted(mixed, key=place_of) == wanted
