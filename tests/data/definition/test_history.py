"""Definitions with a history: what a feature takes over, and what is refused."""

from typing import Any

import pytest
from pydantic import ValidationError

from data.definition.dataset import Dataset
from data.definition.history import History

PRICE = {"name": "price", "scope": "item", "kind": "numeric", "log": True}
CATEGORY = {"name": "category", "scope": "item", "kind": "categorical", "vocabulary_size": 50}
VIEWED_PRICE = {"name": "viewed_price", "scope": "history", "like": "price"}
VIEWED_CATEGORY = {
    "name": "viewed_category",
    "scope": "history",
    "column": "history.category",
    "like": "category",
}
AGE = {"name": "hours_ago", "scope": "history", "kind": "numeric", "log": True}


def _dataset(*features: dict, **fields: Any) -> Dataset:
    definition = {
        "name": "shop",
        "list_id": "search",
        "tasks": [{"name": "click", "grade": 1}],
        "features": [PRICE, CATEGORY, *(features or (VIEWED_PRICE, VIEWED_CATEGORY, AGE))],
    }
    return Dataset.model_validate(definition | fields)


def test_a_feature_has_all_that_is_learnt_of_the_one_that_it_is_like() -> None:
    dataset = _dataset()
    price, category, viewed_price, viewed_category, age = dataset.features
    assert (viewed_price.kind, viewed_price.log) == ("numeric", True)
    assert (viewed_category.kind, viewed_category.vocabulary_size) == ("categorical", 50)
    # What belongs to the items of a list alone is not taken over.
    assert (price.within_list, viewed_price.within_list) == (("percentile",), ())
    learnt = [dataset.learnt_as(one) for one in dataset.history_features]
    assert learnt == [price, category, age]
    assert dataset.context_features == ()


def test_past_actions_may_be_like_an_attribute_that_listings_alone_name() -> None:
    listings = {"files": "listings.csv", "taxonomy": "taxonomy.json", "attributes": ["condition"]}
    viewed = {"name": "viewed_condition", "scope": "history", "like": "condition"}
    dataset = _dataset(viewed, item="item_id", listings=listings)
    assert dataset.learnt_as(dataset.feature("viewed_condition")).column == "condition"
    assert Dataset.model_validate_json(dataset.model_dump_json()) == dataset


def test_a_history_has_defaults_and_without_features_there_is_none() -> None:
    assert _dataset().history == History(newest=50, order="newest_first", separator="|")
    assert _dataset(history=None).history == History()
    assert _dataset(PRICE | {"name": "other"}).history is None


def test_definitions_are_the_same_after_a_trip_through_json() -> None:
    dataset = _dataset(
        history={"newest": 20, "age": "hours_ago", "at": "history.time", "separator": ";"},
        time={"column": "shown_at"},
    )
    assert Dataset.model_validate_json(dataset.model_dump_json()) == dataset
    assert Dataset.model_validate({**dict(dataset), "features": dataset.features}) == dataset


@pytest.mark.parametrize(
    ("features", "fields", "told"),
    [
        ([VIEWED_PRICE | {"like": "prise"}], {}, "like: expected an item feature, found 'prise'"),
        ([VIEWED_PRICE | {"like": ["price"]}], {}, "like: expected an item feature, found"),
        ([VIEWED_PRICE | {"log": False}], {}, "log: expected true, as of 'price', which it is"),
        ([VIEWED_PRICE | {"scope": "context"}], {}, "like is for features of scope history only"),
        ([AGE | {"within_list": ["percentile"]}], {}, "within_list is for numeric item features"),
        ([PRICE | {"name": "x"}], {"history": {}}, "expected features of scope history, found"),
        ([AGE], {"history": {"age": "hours"}}, "age: expected a feature of scope history, found"),
        ([VIEWED_PRICE], {"history": {"age": "viewed_price"}}, "that is like no other"),
        ([AGE], {"history": {"at": "x"}, "time": {"column": "t"}}, "at: expected `age` as well"),
        ([AGE], {"history": {"at": "x", "age": "hours_ago"}}, "at: expected `time`, when lists"),
        (
            [AGE | {"column": "ago"}],
            {"history": {"at": "x", "age": "hours_ago"}, "time": {"column": "t"}},
            "expected no column, since its ages are counted from `at`",
        ),
        ([AGE], {"history": {"item": "x"}}, "item: expected `item` of the dataset"),
        ([AGE], {"history": {"item": "id"}, "item": "id"}, "that of the shown items"),
        ([AGE], {"history": {"newest": 0}}, "greater than or equal to 1"),
        ([AGE], {"country_features": ["hours_ago"]}, "country_features: expected context features"),
        ([AGE], {"left_out": {"hours_ago": "leaks"}}, "left_out: ['hours_ago'] are features"),
        ([AGE | {"column": "click"}], {}, "task 'click': its column must not be a feature"),
        ([AGE, {**PRICE, "column": ["x"]}], {"listings": {}}, "column"),
        ([AGE], {"listings": {"attributes": [["colour"]]}}, "listings.attributes"),
    ],
)
def test_what_cannot_be_is_refused(features: list[dict], fields: dict, told: str) -> None:
    with pytest.raises(ValidationError) as refused:
        _dataset(*features, **fields)
    assert told in str(refused.value)
