"""The columns of canonical rows."""

import pyarrow as pa

from data import keys
from data.dataset import Dataset
from data.feature import Feature

# Where a row comes from.
FILE, ROW = "__file", "__row"


def canonical_schema(dataset: Dataset, with_labels: bool = True) -> pa.Schema:
    """Columns and types of a dataset's canonical rows; none of them holds nulls.

    Missing text is empty, missing numbers are NaN, a missing vector is NaN throughout.

    Args:
        dataset: the definition.
        with_labels: False for lists that are only scored: time, randomisation, labels, true
            probabilities, position and whether an item is domestic are left out.

    Returns:
        Columns of the list, features, columns of the item, file and row.
    """
    fields: list[tuple[str, pa.DataType]] = [
        (key, pa.string())
        for key in (keys.LIST_ID, keys.LIST_REGION, keys.LIST_PLATFORM, keys.LIST_USER)
    ]
    if with_labels and dataset.time:
        fields.append((keys.LIST_TIME, pa.int64()))
    if with_labels and dataset.randomised:
        fields.append((keys.LIST_RANDOMISED, pa.string()))
    fields.append((keys.LIST_WEIGHT, pa.float32()))
    fields += [(feature.name, _feature_type(feature)) for feature in dataset.features]
    fields += [(key, pa.float32()) for key in _judged(dataset)] if with_labels else []
    return pa.schema([*fields, (FILE, pa.string()), (ROW, pa.int64())])


def _feature_type(feature: Feature) -> pa.DataType:
    if feature.is_text:
        return pa.string()
    return pa.float32() if feature.length is None else pa.list_(pa.float32(), feature.length)


def _judged(dataset: Dataset) -> list[str]:
    known = [keys.label(task.name) for task in dataset.tasks]
    known += [keys.truth(task.name) for task in dataset.tasks if task.true_probability]
    known += [keys.ITEM_POSITION] if dataset.position else []
    known += [keys.ITEM_DOMESTIC] if dataset.domestic or dataset.item_region else []
    return known
