import pytest
from pydantic import ValidationError

from data.definition.dataset import Dataset
from data.definition.roles import (
    ROLES,
    column_of_context,
    fields_of_context,
    reserved_keys,
    role_columns,
)
from data.rows import canonical_schema

FIELDS: dict = {
    "name": "shop",
    "list_id": ["day", "search"],
    "tasks": [{"name": "click", "column": "clicks", "grade": 1}],
    "region": "country",
    "list_weight": "weight",
    "time": {"column": "at"},
    "item": "sku",
    "features": [
        {"name": "price", "scope": "item", "kind": "numeric"},
        {"name": "land", "column": "country", "scope": "context", "kind": "categorical"},
        {"name": "hour", "scope": "context", "kind": "numeric"},
    ],
}
DATASET = Dataset.model_validate(FIELDS)


def test_every_role_is_a_field_of_the_definition() -> None:
    assert {role.field for role in ROLES} <= set(Dataset.model_fields)


def test_columns_are_told_role_by_role() -> None:
    found = [(role.field, column) for role, column in role_columns(DATASET)]
    assert found == [
        *(("list_id", "day"), ("list_id", "search"), ("region", "country"), ("time", "at")),
        *(("list_weight", "weight"), ("item", "sku")),
    ]


def test_a_context_key_leads_to_its_column_and_the_column_to_its_fields() -> None:
    pairs = {"list_region": "country", "land": "country", "hour": "hour", "list_time": "at"}
    for key, column in pairs.items():
        assert column_of_context(DATASET, key) == column
    assert fields_of_context(DATASET, "country") == "region, feature 'land'"
    assert fields_of_context(DATASET, "weight") == "list_weight"


def test_canonical_rows_have_the_keys_of_the_roles_that_are_named() -> None:
    of_list = ["list_id", "list_region", "list_platform", "list_user"]
    features = ["price", "land", "hour"]
    assert canonical_schema(DATASET).names == [
        *(*of_list, "list_time", "list_weight", *features),
        *("label_click", "__item", "__file", "__row"),
    ]
    assert canonical_schema(DATASET, with_labels=False).names == [
        *(*of_list, "list_weight", *features, "__item", "__file", "__row"),
    ]


def test_no_feature_may_have_the_key_of_a_role_or_of_a_task() -> None:
    of_roles = {role.key for role in ROLES}
    of_tasks = {"label_click", "truth_click", "label_buy", "truth_buy"}
    assert reserved_keys(["click", "buy"]) == of_roles | of_tasks | {"row__lengths"}


@pytest.mark.parametrize("column", ["country", "weight", "at", "sku", "search"])
def test_a_task_cannot_have_the_column_of_a_role(column: str) -> None:
    tasks = [{"name": "click", "column": column, "grade": 1}]
    with pytest.raises(ValidationError, match=r"task 'click': its column"):
        Dataset.model_validate(FIELDS | {"tasks": tasks})
