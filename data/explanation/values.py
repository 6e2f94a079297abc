"""Values of features as explanations show them."""

import math
from collections.abc import Iterable, Mapping

import pyarrow as pa

from data.definition.dataset import Dataset
from data.definition.feature import Feature
from data.definition.item_kinds import has_feature

# Of a vector.
_MOST_NUMBERS = 2
MISSING = "missing"


def values_by_feature(
    dataset: Dataset, items: pa.RecordBatch, stated: Mapping[str, pa.Array | pa.ChunkedArray]
) -> dict[str, tuple[str, ...]]:
    """Values of items as text, feature by feature.

    Args:
        dataset: the features.
        items: the columns of N items in lists, of which only that of the kind is read.
        stated: by feature with one value an item, the N values that are shown.

    Returns:
        By feature as in `stated`, N texts, see `shown_values`.
    """
    kind = dataset.kind_feature
    kinds = None if kind is None else items[kind.name]
    return {
        name: shown_values(dataset.feature(name), values.to_pylist(), kinds)
        for name, values in stated.items()
    }


def shown_values(
    feature: Feature, values: Iterable[object], kinds: pa.Array | None
) -> tuple[str, ...]:
    """Values of items as text.

    Args:
        feature: the feature.
        values: of N items, see `shown_value`.
        kinds: the kind of each item, text or bytes [N]; None where the dataset tells none.

    Returns:
        N texts; `not of a KIND` where the item's kind lacks the feature.
    """
    shown = tuple(map(shown_value, values))
    if kinds is None or feature.kinds is None:
        return shown
    has, names = has_feature(feature, kinds).tolist(), map(shown_value, kinds.to_pylist())
    lacks = (f"not of a {name}" if name != MISSING else "not of its kind" for name in names)
    return tuple(
        text if there else lack for text, there, lack in zip(shown, has, lacks, strict=True)
    )


def shown_value(value: object) -> str:
    """A value of the logs as text.

    Args:
        value: a text, a number, a vector or nothing.

    Returns:
        Numbers with six digits, the first two of a vector; `missing` for none, NaN and an empty
        text.
    """
    if isinstance(value, bytes):
        value = value.decode(errors="replace")
    if value is None or value == "" or (isinstance(value, float) and math.isnan(value)):
        return MISSING
    if isinstance(value, float):
        return f"{value:.6g}"
    if isinstance(value, list):
        first = list(map(shown_value, value[:_MOST_NUMBERS]))
        more = ["..."] if len(value) > _MOST_NUMBERS else []
        return f"[{', '.join(first + more)}]"
    return str(value)
