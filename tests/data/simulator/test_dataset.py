from collections.abc import Callable

import pyarrow as pa
import pytest

from data.definition.dataset import Dataset
from data.loading import load_dataset
from data.simulator import SimulatorConfig, simulated_dataset
from data.simulator.config import CONTEXT_FEATURES, ITEM_FEATURES

Simulate = Callable[..., pa.Table]


def _dataset(config: SimulatorConfig) -> Dataset:
    return Dataset.model_validate(simulated_dataset(config))


def test_the_catalog_defines_the_default_marketplace() -> None:
    assert load_dataset("simulated") == _dataset(SimulatorConfig())


def test_the_marketplaces_own_features_are_counted_right() -> None:
    dataset = _dataset(SimulatorConfig())
    assert len(dataset.item_features) == ITEM_FEATURES
    assert len(dataset.context_features) == CONTEXT_FEATURES


def test_features_of_every_kind_are_there() -> None:
    kinds = {feature.kind for feature in _dataset(SimulatorConfig()).features}
    assert kinds == {"numeric", "categorical", "bucketed", "vector"}


@pytest.mark.parametrize("tasks", [1, 2, 3])
def test_the_definition_names_every_column_of_the_logs(tasks: int, simulated: Simulate) -> None:
    config = SimulatorConfig(lists=5, tasks=tasks, item_features=20, context_features=9)
    dataset = _dataset(config)
    named = {"list_id", "shown_at", "user_id", "randomised", "position"}
    named |= {feature.column for feature in dataset.features}
    named |= {task.column for task in dataset.tasks}
    named |= {str(task.true_probability) for task in dataset.tasks}
    assert named == set(simulated(**config.model_dump()).column_names)
    assert (len(dataset.item_features), len(dataset.context_features)) == (20, 9)


def test_no_true_probability_and_no_position_is_a_feature() -> None:
    columns = {feature.column for feature in _dataset(SimulatorConfig()).features}
    assert not any(column.startswith("true_") or column == "position" for column in columns)


def test_the_definition_is_plain_enough_for_yaml() -> None:
    yaml = pytest.importorskip("yaml")
    definition = simulated_dataset(SimulatorConfig())
    assert yaml.safe_load(yaml.safe_dump(definition)) == definition


def test_actions_imply_no_other_where_steps_are_skipped() -> None:
    assert _dataset(SimulatorConfig()).actions_imply_previous
    assert not _dataset(SimulatorConfig(skipped_steps=True)).actions_imply_previous


def test_switches_add_their_columns_to_the_definition(simulated: Simulate) -> None:
    config = SimulatorConfig(lists=5, histories=True, single_pieces=True, second_kind=True)
    dataset = _dataset(config)
    columns = set(simulated(**config.model_dump()).column_names)
    named = {feature.column for feature in dataset.features} | set(dataset.left_out)
    assert {column for column in named if column not in columns} == set()
    assert {name for name in columns if name.startswith("true_") and "prob" not in name} <= set(
        dataset.left_out
    )
    assert (dataset.kind_of_item, dataset.item) == ("item_kind", "listing_id")
    assert dataset.history is not None
    assert (dataset.history.age, dataset.history.newest) == ("hours_ago", 50)
    assert dataset.history.split_by is not None
    past = {feature.name: feature.like for feature in dataset.history_features}
    assert past == {
        "viewed_category": "listing_category",
        **{f"viewed_{name}": name for name in ("price", "condition", "stock")},
        **dict.fromkeys(("viewed_action", "hours_ago")),
    }
    of_kind = {feature.name: feature.kinds for feature in dataset.features if feature.kinds}
    assert of_kind == {
        **dict.fromkeys(("price", "discount", "shipping_cost", "delivery_days"), ("listing",)),
        **dict.fromkeys(("condition", "stock"), ("listing",)),
        **dict.fromkeys(("followers", "answer_hours"), ("shop",)),
    }
