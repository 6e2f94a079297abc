from typing import Any

import numpy as np
import pandas as pd
import pytest

from data.inspection.kinds import kind, unusable

RAGGED = [[1.0, 2.0], [3.0]]


def column(values: list[Any], name: str = "column") -> tuple[str, pd.Series]:
    return name, pd.Series(values)


@pytest.mark.parametrize(
    "values",
    [
        [[0.1, 0.2, 0.3], None, [1.0, np.nan, 2.0]],
        [np.array([1, 2, 3]), np.array([4, 5, 6])],
        ["0.1 0.2 0.3", "1 2 3", None],
        ["[0.1, 0.2, 0.3]", "[1,2,3]"],
        ["1;2;3", "4|5|6e-3"],
    ],
)
def test_equally_many_numbers_are_a_vector(values: list[Any]) -> None:
    assert unusable(*column(values)) is None
    assert kind(*column(values))[0] == {"kind": "vector", "length": 3}


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ([["a", "b"], ["c"]], "lists of 1 to 2 values"),
        (RAGGED, "lists of 1 to 2 values"),
        ([np.array([1.0]), np.array([1.0, 2.0, 3.0])], "lists of 1 to 3 values"),
        ([["a", "b"], ["c", "d"]], "something else than numbers"),
        ([[[1.0]], [[2.0]]], "something else than numbers"),
        ([[{"a": 1}], [{"a": 2}]], "something else than numbers"),
        ([[("key", 1)], [("key", 2)]], "something else than numbers"),
        ([[], []], "empty lists"),
        ([("key", 1), ("key", 2)], "keys with values, as maps have them"),
        ([{"a": 1.0, "b": 2.0}, {"a": 3.0, "b": 4.0}], "structs"),
        ([pd.Timedelta(1), pd.Timedelta(2)], "not that of the list"),
    ],
)
def test_other_nested_values_are_no_feature(values: list[Any], reason: str) -> None:
    assert reason in str(unusable(*column(values)))


@pytest.mark.parametrize(
    "values",
    [["0.1 0.2", "0.1 0.2 0.3"], ["red 1", "red 2"], ["2026-01-01 10:00", "2026-01-02 11:00"]],
)
def test_other_texts_are_categories(values: list[str]) -> None:
    assert unusable(*column(values)) is None
    assert kind(*column(values))[0] == {"kind": "categorical"}


def test_a_vector_as_text_is_not_taken_for_an_id() -> None:
    values = [f"{number} 0.5" for number in range(2_000)]
    assert unusable(*column(values)) is None
    assert "id rather than" in str(unusable(*column([f"a{text}" for text in values])))


@pytest.mark.parametrize("name", ["", " ", "__index_level_0__"])
def test_row_numbers_of_pandas_are_no_feature(name: str) -> None:
    assert "has no name" in str(unusable(*column([1, 2], name)))


def test_numbers_that_would_be_rounded_get_an_origin() -> None:
    found, reason = kind(*column(list(range(1_767_225_600, 1_767_225_700)), "updated"))
    assert found == {"kind": "numeric", "origin": 1_767_225_600}
    assert "100 different, of which 2 would be left in 32 bits" in reason
