"""Names of a definition become names of folders, arguments and files: none of them is a path."""

from typing import Any

import pytest
from pydantic import ValidationError

from data.definition.base import LONGEST_NAME, Definition
from data.definition.dataset import Dataset, Task
from data.definition.feature import Feature

HOSTILE = (
    "../../x",
    "/etc/x",
    "..",
    ".",
    "",
    "a/b",
    "a\\b",
    "C:\\x",
    "C:x",
    "a\0b",
    "a\n",
    "a\nb",
    " a",
    "~root",
    "$HOME",
    "a.b",
    "a b",
    "-rf",
    "\u2024\u2024\u2215x",  # Looks like "../x".
    "\uff0e\uff0e\uff0fx",  # Is "../x" once it is normalised.
    "a\u202eb",
    "\x1b[31m",
    "{{$.inputs}}",
)


def definition(**fields: Any) -> dict[str, Any]:
    return {
        "name": "shop",
        "list_id": "search",
        "tasks": [{"name": "click", "grade": 1}],
        "features": [{"name": "price", "scope": "item", "kind": "numeric"}],
        **fields,
    }


def refused(kind: type[Definition], fields: dict[str, Any]) -> list[str]:
    """The fields that are not as they must be."""
    with pytest.raises(ValidationError) as error:
        kind.model_validate(fields)
    return [str(one["loc"][-1]) for one in error.value.errors()]


@pytest.mark.parametrize("name", [*HOSTILE, "\u0430", "a" * (LONGEST_NAME + 1)])
def test_a_dataset_or_a_task_has_a_name_of_plain_letters(name: str) -> None:
    assert refused(Dataset, definition(name=name)) == ["name"]
    assert refused(Task, {"name": name, "column": "c", "grade": 1}) == ["name"]


@pytest.mark.parametrize("name", [*HOSTILE, "gr\u00f6\u00dfe", "a" * (LONGEST_NAME + 1)])
def test_a_feature_has_a_name_that_is_no_path(name: str) -> None:
    feature = {"name": name, "column": "c", "scope": "item", "kind": "numeric"}
    assert refused(Feature, feature) == ["name"]


def test_the_longest_name_is_taken() -> None:
    assert Dataset.model_validate(definition(name="a" * LONGEST_NAME)).name == "a" * LONGEST_NAME


def test_no_two_features_differ_in_capital_letters_alone() -> None:
    """The export of the trained model would fail: TensorFlow takes them for one argument."""
    features = [{"name": name, "scope": "item", "kind": "numeric"} for name in ("Price", "price")]
    with pytest.raises(ValidationError, match=r"\['Price', 'price'\] differ in capital letters"):
        Dataset.model_validate(definition(features=features))
