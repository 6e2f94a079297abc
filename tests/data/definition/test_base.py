import pytest
from pydantic import ValidationError

from data.definition.base import LARGEST_SEED, Definition, Seed
from data.simulator import SimulatorConfig
from models.config import TrainingConfig


class Seeded(Definition):
    seed: Seed


@pytest.mark.parametrize("definition", [Seeded, SimulatorConfig, TrainingConfig])
@pytest.mark.parametrize("seed", [0, 1, LARGEST_SEED])
def test_seeds_that_are_taken(definition: type[Definition], seed: int) -> None:
    assert definition.model_validate({"seed": seed}).model_dump()["seed"] == seed


@pytest.mark.parametrize("definition", [Seeded, SimulatorConfig, TrainingConfig])
@pytest.mark.parametrize("seed", [-1, LARGEST_SEED + 1])
def test_other_seeds_are_refused_alike(definition: type[Definition], seed: int) -> None:
    with pytest.raises(ValidationError, match="expected a seed from 0 to 4294967295"):
        definition.model_validate({"seed": seed})
