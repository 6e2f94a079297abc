import numpy as np
import pytest

from benchmarks.laboratory.ladder import STEPS, bounds, ladder
from benchmarks.laboratory.logs import Preset, simulated_logs
from benchmarks.laboratory.measures import item_column
from benchmarks.laboratory.setups import TREES
from data.definition import keys
from models.config import ModelConfig, TrainingConfig


def test_each_step_of_the_ladder_adds_an_option_to_those_before_it() -> None:
    by_name = {setup.name: setup for setup in ladder()}
    before = dict(by_name["seq_md"].model)
    for name, option in STEPS.items():
        step = by_name[f"seq_md, + {name}"]
        assert step.model == {**before, **option}
        before = dict(step.model)
    for name in ("seq_md", "shared_bottom", "ple"):
        own = by_name[f"{name}, own gradients"]
        assert own.model == {**by_name[name].model, "descending_gradient": "own"}
        assert own.tuned_as == name
    trainings = [setup.training for setup in by_name.values() if setup.name != TREES]
    assert all(training == trainings[0] for training in trainings)


def test_softmax_weighs_as_much_less_on_the_truth_as_lists_with_an_action_are_fewer() -> None:
    logs = simulated_logs(Preset(lists=400, evaluation_lists=100, seeds=1, epochs=1))
    by_name = {setup.name: setup for setup in bounds(logs)}
    lists = logs.lists.take(logs.parts.training)
    losses = by_name["seq_md, the truth"].training["task_losses"]
    for task in logs.dataset.tasks:
        labels = item_column(lists, keys.label(task.name))
        with_one = sum(labels[lists.list_of_item == place].any() for place in range(len(lists)))
        found = TrainingConfig(task_losses=losses).task_losses[task.name]
        default = TrainingConfig().default_loss
        assert found.mean_over == default.mean_over
        assert found.losses["softmax"] == pytest.approx(
            default.losses["softmax"] * with_one / len(lists)
        )
        assert found.losses["sigmoid_cross_entropy"] == default.losses["sigmoid_cross_entropy"]
    shares = [setup.view.learns_share for setup in by_name.values()]
    np.testing.assert_array_equal(shares, [1, 0.25, 0.5, 1] * 2)
    for setup in by_name.values():
        ModelConfig.model_validate(setup.model)
        TrainingConfig.model_validate(setup.training)
