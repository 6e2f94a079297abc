"""The study of dependent tasks: what its setups are, and that each can be made."""

import pytest

from benchmarks import paper
from benchmarks.laboratory.dependence import DEPENDENCE, dependent_tasks
from benchmarks.laboratory.logs import Logs, Preset, simulated_logs
from benchmarks.laboratory.measures import gains_of
from data.definition.dataset import Dataset
from data.simulator import SimulatorConfig, simulated_dataset
from models.config import ModelConfig, TrainingConfig
from models.task_dependence import check_dependence


@pytest.mark.parametrize("name", DEPENDENCE)
def test_every_setup_can_be_trained_on_its_logs(name: str) -> None:
    exhibit = DEPENDENCE[name]
    config = SimulatorConfig.model_validate(dict(exhibit.changes))
    dataset = Dataset.model_validate(simulated_dataset(config))
    setups = exhibit.setups(Logs(dataset, *[None] * 2))  # type: ignore[arg-type]
    names = [setup.name for setup in setups]
    assert len(set(names)) == len(names)
    for setup in setups:
        assert setup.against in names
        model = ModelConfig.model_validate(dict(setup.model))
        check_dependence(dataset, model, TrainingConfig.model_validate(dict(setup.training)))
        assert setup.training["calibrated"] is False


def test_losses_differ_and_nothing_else_does() -> None:
    independent, entire, chain = dependent_tasks(("ple",), whole=False)
    assert [one.model for one in (independent, entire, chain)] == [
        {"ranker": "ple", "descending": descends} for descends in (False, True, True)
    ]
    losses = [one.training["default_loss"] for one in (independent, entire, chain)]
    assert losses == [
        {"losses": {name: 1.0}} for name in ("sigmoid_cross_entropy", "entire_space", "chain")
    ]


def test_the_study_is_all_its_parts() -> None:
    assert paper._SEVERAL["task_dependence"] == tuple(DEPENDENCE)
    assert len(DEPENDENCE) == 4


def test_the_largest_grade_is_not_known_where_steps_are_skipped() -> None:
    preset = Preset(lists=40, evaluation_lists=40, seeds=1, epochs=1)
    skipping = simulated_logs(preset, {"skipped_steps": True, "lists": 30})
    lists = skipping.lists.take(skipping.parts.evaluation)
    assert set(gains_of(skipping.dataset, lists)) == {"click", "add_to_cart", "purchase"}
    learnt = len(skipping.parts.training) + len(skipping.parts.validation)
    assert learnt == pytest.approx(30 * 14 / 17, abs=3)
