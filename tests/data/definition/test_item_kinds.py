from typing import Any

import pyarrow as pa
import pytest
from pydantic import ValidationError

from data.definition.dataset import Dataset
from data.definition.item_kinds import has_feature

KIND = {"name": "type", "column": "card", "scope": "item", "kind": "categorical"}
PRICE = {"name": "price", "scope": "item", "kind": "numeric", "kinds": ["product"]}
FANS = {"name": "fans", "scope": "item", "kind": "bucketed", "kinds": ["shop", "article"]}
BRAND = {"name": "brand", "scope": "item", "kind": "categorical"}


def dataset(*features: dict[str, Any], **fields: Any) -> Dataset:
    return Dataset.model_validate(
        {
            "name": "mixed",
            "list_id": "id",
            "tasks": [{"name": "click", "grade": 1}],
            "kind_of_item": "card",
            "features": [*features],
            **fields,
        }
    )


def test_kinds_are_those_that_features_name() -> None:
    found = dataset(KIND, PRICE, BRAND, FANS)
    assert found.kinds == ("product", "shop", "article")
    assert found.kind_feature is not None
    assert found.kind_feature.name == "type"
    assert dataset(BRAND, kind_of_item=None).kinds == ()


def test_one_kind_needs_no_list() -> None:
    assert dataset(KIND, {**FANS, "kinds": "shop"}).kinds == ("shop",)


@pytest.mark.parametrize("kind_type", [pa.string(), pa.binary()])
def test_which_items_have_a_feature(kind_type: pa.DataType) -> None:
    kinds = pa.array(["shop", "product", "", "article", "other"]).cast(kind_type)
    price, brand, fans = dataset(KIND, PRICE, BRAND, FANS).features[1:]
    assert has_feature(price, kinds).tolist() == [False, True, False, False, False]
    assert has_feature(fans, kinds).tolist() == [True, False, False, True, False]
    assert has_feature(brand, kinds).all()


@pytest.mark.parametrize(
    ("features", "fields", "message"),
    [
        ([PRICE], {"kind_of_item": None}, r"\['price'\] name kinds, but no `kind_of_item`"),
        ([PRICE], {}, "found none of column 'card' that is of scope item and categorical"),
        ([PRICE, {**KIND, "kind": "numeric"}], {}, "found none of column 'card'"),
        ([PRICE, {**KIND, "kinds": ["shop"]}], {}, "'type': it tells kinds, and all"),
        ([PRICE, {**KIND, "optional": True}], {}, "'type': it tells kinds, and must not be"),
        ([KIND, {**PRICE, "kinds": []}], {}, "'price': kinds: expected names"),
        ([KIND, {**PRICE, "kinds": ["shop", "shop"]}], {}, "'price': kinds names one kind twice"),
        ([KIND, PRICE, {**BRAND, "scope": "context", "kinds": ["shop"]}], {}, "for item features"),
    ],
)
def test_what_contradicts_itself_is_refused(
    features: list[dict[str, Any]], fields: dict[str, Any], message: str
) -> None:
    with pytest.raises(ValidationError, match=message):
        dataset(*features, **fields)
