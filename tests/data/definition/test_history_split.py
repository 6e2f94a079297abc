import re
from typing import Any

import pytest

from data.definition.dataset import Dataset

ITEM = [
    {"name": "item_code", "scope": "item", "kind": "categorical"},
    {"name": "price", "scope": "item", "kind": "numeric"},
]
HISTORY = [
    {"name": "viewed_item", "scope": "history", "like": "item_code"},
    {"name": "viewed_price", "scope": "history", "like": "price"},
    {"name": "viewed_stock", "scope": "history", "kind": "numeric"},
    {"name": "viewed_action", "scope": "history", "kind": "categorical"},
]
WHOLE = {"feature": "viewed_stock", "id": "viewed_item", "action": "viewed_action"}


def dataset(split: dict[str, Any], history: list[dict[str, str]] = HISTORY) -> Dataset:
    return Dataset.model_validate(
        {
            "name": "shop",
            "list_id": "page",
            "tasks": [{"name": "click", "column": "clicked", "grade": 1}],
            "features": [*ITEM, *history],
            "history": {"split_by": split},
        }
    )


def test_side_information_is_what_items_have_as_well() -> None:
    found = dataset(WHOLE)
    split = found.history and found.history.split_by
    assert split is not None
    assert split.at_most == 1
    side = split.side_information(found.history_features)
    assert [feature.name for feature in side] == ["viewed_price"]


def test_ids_and_actions_may_be_left_out() -> None:
    assert dataset({"feature": "viewed_stock", "at_most": 3})
    assert dataset({"feature": "viewed_stock", "id": "viewed_item"})


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (
            {"feature": "viewed_stok"},
            "feature: expected a feature of scope history, found 'viewed_stok'; did you mean "
            "'viewed_stock'",
        ),
        (
            {"feature": "viewed_action"},
            "feature: expected numeric or bucketed, found 'viewed_action', categorical",
        ),
        ({"id": "price"}, "id: expected a feature of scope history, found 'price'"),
        ({"id": "viewed_price"}, "id: expected categorical, found 'viewed_price', numeric"),
        ({"action": "viewed_price"}, "action: expected categorical, found 'viewed_price', numeric"),
        ({"id": None}, "action: expected `id` as well"),
        ({"action": "viewed_item"}, "action: expected another feature than `id`"),
    ],
)
def test_wrong_names_are_refused(wrong: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=f"history: split_by: {message}"):
        dataset({**WHOLE, **wrong})


def test_ids_need_side_information() -> None:
    without = [feature for feature in HISTORY if feature["name"] != "viewed_price"]
    with pytest.raises(ValueError, match="id: expected side information"):
        dataset(WHOLE, without)


def test_all_wrong_names_are_told_at_once() -> None:
    with pytest.raises(ValueError, match="split_by: ") as raised:
        dataset({"feature": "stok", "id": "code", "action": "viewed_price"})
    for told in ("feature: expected .* found 'stok'", "; id: expected .* found 'code'"):
        assert re.search(told, str(raised.value))
    assert "; action: expected categorical, found 'viewed_price'" in str(raised.value)
