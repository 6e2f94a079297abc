"""Which columns can be features, and of which kind."""

import re
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from data.inspection import roles
from data.inspection.stray import stray_texts
from data.inspection.vectors import no_vectors, vector_length
from data.rows.numbers import rounded

MOST_CATEGORIES = 1_000
SKEWED = 3.0
_TRUTH = re.compile("true_?prob")
# How pandas leaves its row numbers in CSV and in Parquet files.
_NAMELESS = re.compile(r"\s*$|__index_level_\d+__$")


def unusable(column: str, values: pd.Series) -> str | None:
    """Why a column can be no feature.

    Args:
        column: its name.
        values: its values in the rows looked at.

    Returns:
        The reason, or None for a column that can be one.
    """
    if _NAMELESS.match(column):
        return "has no name: row numbers, as pandas writes them"
    if _TRUTH.search(column.lower()):
        return "by its name the true probability of an action, which no log knows"
    if values.isna().all():
        return "has no value in the rows looked at"
    if pd.api.types.is_datetime64_any_dtype(values) or pd.api.types.is_timedelta64_dtype(values):
        return "a time, but not that of the list; make a number or a category of it first"
    if roles.is_nested(values):
        return None if vector_length(values) else no_vectors(values)
    if values.nunique(dropna=False) == 1:
        return "has one value only in the rows looked at"
    too_many = _is_category(column, values) and values.nunique() > MOST_CATEGORIES
    if too_many and not vector_length(values):
        if stray := stray_texts(column, values):
            return (
                f"numbers and {stray}: `null_values` names texts that mean a missing number, "
                f"then make it a feature"
            )
        return f"{values.nunique()} different values: an id rather than a category"
    return None


def kind(column: str, values: pd.Series) -> tuple[dict[str, Any], str]:
    """The kind of a feature.

    Args:
        column: the column's name.
        values: its values in the rows looked at; it is not `unusable`.

    Returns:
        Fields of the feature's definition, and the reason.
    """
    length = vector_length(values)
    if length:
        return {"kind": "vector", "length": length}, f"{length} numbers each"
    if _is_category(column, values):
        return {"kind": "categorical"}, f"{values.nunique()} different values"
    if found := rounded(values.dropna().to_numpy(np.float64)):
        reason = (
            f"numbers; {found.values} different, of which {found.left} would be left in 32 bits"
        )
        return {"kind": "numeric", "origin": found.origin}, reason
    skewness = float(stats.skew(values.dropna().astype(float)))
    if skewness > SKEWED and float(values.min()) >= 0:
        return {"kind": "numeric", "log": True}, f"numbers, skewed ({skewness:.0f}): log"
    return {"kind": "numeric"}, "numbers"


def _is_category(column: str, values: pd.Series) -> bool:
    return values.dtype == object or pd.api.types.is_bool_dtype(values) or roles.is_id(column)
