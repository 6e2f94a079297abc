"""Lists that are rare in logs and valid all the same; a model must have a score for each item."""

import numpy as np

from data.dataset import Dataset
from data.examples import feature_columns, plain_example

# What a list's features hold: float32 or object (bytes), a row an item or a single one.
Columns = dict[str, np.ndarray]

_MANY = 1000
_SOME = 25
_LARGEST = float(np.finfo(np.float32).max)


def unusual_lists(dataset: Dataset, example: bytes) -> dict[str, bytes]:
    """Makes unusual lists of a usual one.

    Args:
        dataset: the features.
        example: a serialized list.

    Returns:
        Serialized lists by what is unusual about them.
    """
    columns = feature_columns(dataset.features, example)
    some = _with_items(dataset, columns, _SOME)
    changed = {
        "one item": _with_items(dataset, columns, 1),
        f"{_MANY:,} items": _with_items(dataset, columns, _MANY),
        "equal items": _with_items(dataset, _with_items(dataset, columns, 1), _SOME),
        "no value known": _replaced(some, text=b"", numbers=(np.nan,)),
        "texts never seen": _replaced(some, text="☃ never seen".encode()),
        "numbers as large as can be": _replaced(some, numbers=(_LARGEST, -_LARGEST)),
        "infinite numbers": _replaced(some, numbers=(np.inf, -np.inf)),
        "zeros": _replaced(some, numbers=(0.0,)),
    }
    return {name: plain_example(one) for name, one in changed.items()}


def long_list(dataset: Dataset, example: bytes, items: int) -> bytes:
    """A list with the items of another one, again and again, up to a number."""
    return plain_example(_with_items(dataset, feature_columns(dataset.features, example), items))


def number_of_items(dataset: Dataset, example: bytes) -> int:
    """Items of a serialized list."""
    first = dataset.item_features[0]
    return len(feature_columns(dataset.features, example)[first.name])


def _with_items(dataset: Dataset, columns: Columns, items: int) -> Columns:
    changed = dict(columns)
    for feature in dataset.item_features:
        values = columns[feature.name]
        changed[feature.name] = values[np.arange(items) % len(values)]
    return changed


def _replaced(
    columns: Columns, text: bytes | None = None, numbers: tuple[float, ...] = ()
) -> Columns:
    """One text for all texts, and numbers one after the other; columns stay where none is given."""
    changed = dict(columns)
    for name, column in columns.items():
        if column.dtype == object:
            changed[name] = column if text is None else np.full(len(column), text, object)
        elif numbers:
            changed[name] = np.resize(numbers, column.shape)
    return changed
