"""Which columns hold vectors."""

import re

import numpy as np
import pandas as pd
import pyarrow as pa

from data.errors import InputError
from data.rows.raw import RawColumn
from data.rows.vectors import as_vectors

_PART = re.compile(r"[^\[\](){},;|\s]+")


def vector_length(values: pd.Series) -> int | None:
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


def no_vectors(values: pd.Series) -> str:
    """Why nested values are no vectors.

    Args:
        values: a column of lists or structs.

    Returns:
        The reason.
    """
    present = values.dropna()
    if isinstance(present.iloc[0], dict):
        return "structs; only columns of their own can be features"
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
