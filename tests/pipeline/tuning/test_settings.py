"""What is searched, and what a draw makes of a definition."""

import pytest

from data.definition.dataset import Dataset
from data.simulator import SimulatorConfig, simulated_dataset
from models.config import ModelConfig, TrainingConfig
from pipeline.config import config_from
from pipeline.tuning.settings import SEARCHED, Range, Searched, draw, searched_for, setting_of

MARKET = Dataset.model_validate(simulated_dataset(SimulatorConfig()))


def test_every_searched_setting_is_one_of_the_definition() -> None:
    for one in SEARCHED:
        values = one.values
        for value in values:
            setting = setting_of({one.place: value}, ModelConfig(), TrainingConfig())
            config = config_from({**simulated_dataset(SimulatorConfig()), **setting}, "drawn")
            found = config.model_dump()
            for name in one.place.split("."):
                found = found[name]
            assert found == value


def test_what_the_adaptor_has_is_searched_where_there_is_one() -> None:
    with_adaptor = {one.name for one in searched_for(ModelConfig(ranker="seq_md"), MARKET)}
    without = {one.name for one in searched_for(ModelConfig(ranker="ple"), MARKET)}
    before = {one.name for one in searched_for(ModelConfig(ranker="ple", adaptor="shared"), MARKET)}
    assert with_adaptor == before
    assert with_adaptor - without == {"concatenate_country", "region_gates", "region_rank"}
    nowhere = MARKET.model_copy(update={"country_features": ()})
    assert {one.name for one in searched_for(ModelConfig(), nowhere)} == without


def test_probabilities_descend_only_where_actions_imply_each_other() -> None:
    alone = MARKET.model_copy(update={"actions_imply_previous": False})
    assert "descending" in {one.name for one in searched_for(ModelConfig(), MARKET)}
    assert "descending" not in {one.name for one in searched_for(ModelConfig(), alone)}


def test_draws_lie_in_what_is_searched_and_differ() -> None:
    searched = (
        Searched("training.learning_rate", Range(1e-3, 1e-2)),
        Searched("training.averaged_weights", (None, 0.99)),
    )
    drawn = draw(searched, 8)
    assert len(drawn) == 8
    assert len({tuple(one.items()) for one in drawn}) == 8
    assert {one["training.averaged_weights"] for one in drawn} == {None, 0.99}
    rates = [one["training.learning_rate"] for one in drawn]
    assert all(1e-3 <= rate <= 1e-2 and rate == float(f"{rate:.3g}") for rate in rates)


def test_further_draws_leave_the_first_as_they_were() -> None:
    assert draw(SEARCHED, 5)[:3] == draw(SEARCHED, 3)


def test_no_more_is_drawn_than_there_is() -> None:
    drawn = draw((Searched("model.dropout", (0.0, 0.1)),), 5)
    assert sorted(one["model.dropout"] for one in drawn) == [0.0, 0.1]
    assert draw((), 5) == []


@pytest.mark.parametrize("weight", [0.3, 1.0])
def test_other_losses_stay(weight: float) -> None:
    training = TrainingConfig.model_validate(
        {"default_loss": {"losses": {"approx_ndcg": 2.0}, "temperature": 0.5}}
    )
    place = "training.default_loss.losses.sigmoid_cross_entropy"
    found = setting_of({place: weight}, ModelConfig(), training)
    assert found["training"]["default_loss"]["losses"] == {
        "approx_ndcg": 2.0,
        "sigmoid_cross_entropy": weight,
    }
    assert found["training"]["default_loss"]["temperature"] == 0.5
    assert found["model"] == {}
