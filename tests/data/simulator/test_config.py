import pytest
from pydantic import ValidationError

from data.simulator import SimulatorConfig


def test_features_beyond_the_marketplaces_own_are_noise() -> None:
    config = SimulatorConfig(item_features=30, context_features=9)
    assert len(config.item_noise) == 30 - 17
    assert config.context_noise == ["context_noise_01", "context_noise_02"]


@pytest.mark.parametrize(
    ("field", "value"),
    [("tasks", 4), ("tasks", 0), ("lists", 0), ("item_features", 5), ("randomised_share", 1.5)],
)
def test_values_out_of_range_are_refused_by_name(field: str, value: float) -> None:
    with pytest.raises(ValidationError, match=field):
        SimulatorConfig.model_validate({field: value})


def test_a_shortest_list_above_the_longest_is_refused() -> None:
    with pytest.raises(ValidationError, match=r"at most longest_list \(40\), found 50"):
        SimulatorConfig(shortest_list=50)
