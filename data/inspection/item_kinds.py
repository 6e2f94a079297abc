"""Whether lists mix kinds of items, by what the items of each kind lack."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import pandas as pd

MOST_KINDS = 8
# Rows of a kind that say what it lacks.
FEWEST_ROWS = 20
# A kind that has a feature has a value in half of its rows or more.
LEAST_PRESENT = 0.5
_NAMED = re.compile(r"kind|type|entity|card|class", re.IGNORECASE)


class ItemKinds(NamedTuple):
    """The column that tells kinds, and the kinds that have what others lack.

    Attributes:
        column: the column.
        kinds: by column, the kinds that have it.
    """

    column: str
    kinds: dict[str, list[str]]


def item_kinds(sample: pd.DataFrame, features: Sequence[Mapping[str, Any]]) -> ItemKinds | None:
    """Finds the kinds of items.

    A column tells kinds where some other column of items has no value at all for items of one of
    its values, and mostly has one for all others.

    Args:
        sample: the first rows of the logs.
        features: the guessed features.

    Returns:
        The column that most others follow, one that is named like kinds first; None where lists do
        not look mixed.
    """
    columns = {
        one.get("column", one["name"]): one["kind"] for one in features if one["scope"] == "item"
    }
    found = []
    for column, kind in columns.items():
        values = sample[column]
        if (
            kind != "categorical"
            or pd.api.types.is_bool_dtype(values)
            or values.isna().any()
            or values.nunique() > MOST_KINDS
        ):
            continue
        if values.nunique() > 1 and values.value_counts().min() >= FEWEST_ROWS:
            others = [other for other in columns if other != column]
            found.append(ItemKinds(column, _limited(sample, column, others)))
    likely = [one for one in found if one.kinds]
    return max(
        likely, key=lambda one: (bool(_NAMED.search(one.column)), len(one.kinds)), default=None
    )


def _limited(sample: pd.DataFrame, column: str, others: Sequence[str]) -> dict[str, list[str]]:
    """By column that some kinds lack, the kinds that have it."""
    present = sample[others].notna().groupby(sample[column]).mean()
    limited = {}
    for other in others:
        shares = present[other]
        having = shares[shares > 0]
        if 0 < len(having) < len(shares) and having.min() >= LEAST_PRESENT:
            limited[other] = [str(kind) for kind in having.index]
    return limited
