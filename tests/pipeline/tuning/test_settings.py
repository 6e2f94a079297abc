"""What is searched, and what a draw makes of a definition."""

from typing import Any

import pytest

from data.simulator import SimulatorConfig, simulated_dataset
from pipeline.config import RunConfig, config_from
from pipeline.tuning.settings import SEARCHED, Range, Searched, draw, searched_for, setting_of

# All that some setting asks for.
LATE_WITH_KINDS = simulated_dataset(SimulatorConfig(late_feedback=True, second_kind=True))


def _config(**changes: Any) -> RunConfig:
    return config_from({**simulated_dataset(SimulatorConfig()), **changes}, "market.yaml")


def _names(**changes: Any) -> set[str]:
    return {one.name for one in searched_for(_config(**changes))}


def test_every_searched_setting_is_one_of_the_definition() -> None:
    for one in SEARCHED:
        values = one.values
        for value in values:
            setting = setting_of({one.place: value}, _config())
            config = config_from({**LATE_WITH_KINDS, **setting}, "late.yaml")
            found = config.model_dump()
            for name in one.place.split("."):
                found = found[name]
            assert found == value


def test_what_the_adaptor_has_is_searched_where_there_is_one() -> None:
    with_adaptor = _names(model={"ranker": "seq_md"})
    without = _names(model={"ranker": "seq"})
    assert with_adaptor - without == {
        "adaptor_shift",
        "concatenate_country",
        "region_gates",
        "region_rank",
    }
    assert _names(country_features=[], model={"ranker": "seq_md"}) == without
    adapted, plain = (_names(model={"ranker": "ple", "adaptor": a}) for a in ("shared", "none"))
    assert adapted == with_adaptor - {"token_path"}
    assert plain == without - {"token_path"}


def test_learning_from_open_labels_is_searched_where_they_mature() -> None:
    assert "feedback" not in _names()
    late = config_from(LATE_WITH_KINDS, "late.yaml")
    assert "feedback" in {one.name for one in searched_for(late)}


def test_kinds_are_aligned_where_there_are_several() -> None:
    mixed = config_from(simulated_dataset(SimulatorConfig(second_kind=True)), "shops.yaml")
    assert "kind_alignment" in {one.name for one in searched_for(mixed)}
    assert "kind_alignment" not in _names()


@pytest.mark.parametrize(
    "changes",
    [
        {"actions_imply_previous": False},
        {"model": {"ranker": "esmm"}},
        {"training": {"default_loss": {"losses": {"chain": 1.0}}}},
        {"model": {"descending": False}, "training": {"behavioural_calibrator": 0.3}},
    ],
)
def test_probabilities_descend_or_not_where_both_make_sense(changes: dict[str, Any]) -> None:
    assert "descending" in _names()
    assert "descending" not in _names(**changes)


@pytest.mark.parametrize(
    ("losses", "searched"),
    [
        ({"softmax": 1.0, "sigmoid_cross_entropy": 0.1}, {"sigmoid_cross_entropy"}),
        ({"softmax": 1.0, "chain": 0.1}, {"chain"}),
        ({"softmax": 1.0, "entire_space": 0.1}, {"entire_space"}),
        ({"softmax": 1.0}, set()),
    ],
)
def test_no_loss_is_added_to_those_of_the_definition(
    losses: dict[str, float], searched: set[str]
) -> None:
    config = _config(training={"default_loss": {"losses": losses}})
    weights = {one.name for one in searched_for(config) if ".losses." in one.place}
    assert weights == searched
    for drawn in draw(searched_for(config), 3):
        changed = setting_of(drawn, config)["training"].get("default_loss", {"losses": losses})
        assert set(changed["losses"]) == set(losses)


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
    training = {"default_loss": {"losses": {"approx_ndcg": 2.0}, "temperature": 0.5}}
    place = "training.default_loss.losses.sigmoid_cross_entropy"
    found = setting_of({place: weight}, _config(training=training))
    assert found["training"]["default_loss"]["losses"] == {
        "approx_ndcg": 2.0,
        "sigmoid_cross_entropy": weight,
    }
    assert found["training"]["default_loss"]["temperature"] == 0.5
    assert found["model"] == {}
