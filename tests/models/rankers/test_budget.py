import pytest

from data.errors import InputError
from models.config import ModelConfig
from models.rankers import RANKERS, within_budget
from models.rankers.budget import count_parameters

TASKS = ("click", "cart", "purchase")
WIDTHS = {"country": 8, "dependent": 20, "invariant": 60}


@pytest.mark.parametrize(("adaptor", "budget"), [("none", 3_000), ("shared", 50_000)])
@pytest.mark.parametrize("ranker", sorted(RANKERS))
def test_all_models_have_as_many_parameters_as_asked_for(
    ranker: str, adaptor: str, budget: int
) -> None:
    config = ModelConfig(ranker=ranker, adaptor=adaptor, parameters=budget)
    resolved = within_budget(config, TASKS, WIDTHS)
    assert resolved.parameters is None
    assert count_parameters(resolved, TASKS, WIDTHS) == pytest.approx(budget, rel=0.05)


def test_without_a_budget_widths_are_taken_as_they_are() -> None:
    assert within_budget(ModelConfig(), TASKS, WIDTHS) == ModelConfig()


def test_all_widths_keep_their_proportions() -> None:
    config = ModelConfig(ranker="shared_bottom", parameters=2 * 28_000, level_units=(128, 64))
    first, second = within_budget(config, TASKS, WIDTHS).level_units
    assert first > 128
    assert first / second == pytest.approx(2, abs=0.05)


def test_parameters_by_arithmetic() -> None:
    config = ModelConfig(ranker="shared_bottom", level_units=(5,), tower_units=())
    assert count_parameters(config, TASKS, WIDTHS) == (88 + 1) * 5 + 3 * (5 + 1)


def test_a_budget_that_nothing_meets_is_refused() -> None:
    # A layer of one unit and three logits already have (88 + 1) + 3 x (1 + 1) parameters.
    config = ModelConfig(ranker="shared_bottom", level_units=(8,), tower_units=(), parameters=40)
    with pytest.raises(InputError, match=r"'shared_bottom'.*found 40; the nearest is 95"):
        within_budget(config, TASKS, WIDTHS)
