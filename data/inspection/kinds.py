"""Which columns can be features, and of which kind."""

import re
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from scipy import stats

from data.errors import InputError
from data.inspection import roles
from data.inspection.stray import stray_texts
from data.rows.numbers import rounded
from data.rows.raw import RawColumn
from data.rows.vectors import as_vectors

MOST_CATEGORIES = 1_000
SKEWED = 3.0
_PART = re.compile(r"[^\[\](){},;|\s]+")
_TRUTH = re.compile("true_?prob")
# How pandas leaves its row numbers in CSV and in Parquet files.
_NAMELESS = re.compile(r"\s*$|__index_level_\d+__$")


def unusable(column: str, values: pd.Series) -> str | None:
    """Says why a column cannot be a feature.

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
        return None if _vector_length(values) else _no_vectors(values)
    if values.nunique(dropna=False) == 1:
        return "has one value only in the rows looked at"
    too_many = _is_category(column, values) and values.nunique() > MOST_CATEGORIES
    if too_many and not _vector_length(values):
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
    length = _vector_length(values)
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


def _vector_length(values: pd.Series) -> int | None:
    """How many numbers every value holds.

    Args:
        values: a column of logs.

    Returns:
        The length, or None where the reader would not take every value for a vector of one
        length. A text of one number is a number.
    """
    present = values.dropna()
    if present.empty or present.dtype != object:
        return None
    first = present.iloc[0]
    if isinstance(first, str):
        length, shortest = len(_PART.findall(first)), 2
    elif isinstance(first, (np.ndarray, list)):
        length, shortest = len(first), 1
    else:
        return None
    # The first value alone spares most texts the look at all of them.
    if length >= shortest and _fit(present.iloc[:1], length) and _fit(present, length):
        return length
    return None


def _no_vectors(values: pd.Series) -> str:
    """Says why nested values cannot be vectors.

    Args:
        values: a column of lists or structs.

    Returns:
        The reason.
    """
    present = values.dropna()
    if isinstance(present.iloc[0], dict):
        return "structs; only columns of their own can be features"
    if isinstance(present.iloc[0], tuple):
        return "keys with values, as maps have them; only columns of their own can be features"
    lengths = present.map(len)
    if lengths.nunique() > 1:
        return f"lists of {lengths.min()} to {lengths.max()} values; a vector has one length"
    if lengths.iloc[0] == 0:
        return "empty lists"
    return "lists of something else than numbers"


def _fit(values: pd.Series, length: int) -> bool:
    try:
        array = pa.array(values.tolist(), from_pandas=True)
        _, wrong, _ = as_vectors(RawColumn(array, "", "", ""), length)
    except (pa.ArrowException, InputError):
        return False
    return not wrong.any()
