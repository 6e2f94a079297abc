"""The columns of canonical rows."""

import pyarrow as pa

from data.definition import keys
from data.definition.codecs import codec
from data.definition.dataset import Dataset
from data.definition.roles import ROLES
from data.definition.scopes import ScopeName

# Where a row comes from.
FILE, ROW = "__file", "__row"
# Hashes of the items of the past actions that are no older than the list, or where there are no
# ages of the newest one: they may be the list's own.
LATE_ITEMS = "__late_items"


def canonical_schema(dataset: Dataset, with_labels: bool = True) -> pa.Schema:
    """Columns and types of a dataset's canonical rows; none but histories hold nulls.

    Missing text is empty, missing numbers are NaN, a missing vector is NaN throughout. A history
    stands in the first of neighbouring rows of a list that have the same one, and is null in the
    others, since a list of 25 items would hold it 25 times.

    Args:
        dataset: the definition.
        with_labels: False for lists that are only scored: time, randomisation, labels, true
            probabilities, position and whether an item is domestic are left out.

    Returns:
        Columns of the list, features, columns of the item, file and row; where histories say on
        which items past actions were, `LATE_ITEMS` beside them.
    """
    fields = _roles(dataset, "context", with_labels)
    fields |= {feature.name: codec(feature).column_type for feature in dataset.features}
    if with_labels:
        fields |= {keys.label(task.name): pa.float32() for task in dataset.tasks}
        known = [task.name for task in dataset.tasks if task.true_probability]
        fields |= {
            keys.moment(task.name, field): pa.float64() for task, field, _ in dataset.action_times()
        }
        fields |= {keys.truth(name): pa.float32() for name in known}
    fields |= _roles(dataset, "item", with_labels)
    if with_labels and dataset.history is not None and dataset.history.item is not None:
        fields[LATE_ITEMS] = pa.list_(pa.uint64())
    return pa.schema(fields | {FILE: pa.string(), ROW: pa.int64()})


def _roles(dataset: Dataset, scope: ScopeName, with_labels: bool) -> dict[str, pa.DataType]:
    return {
        role.key: role.type
        for role in ROLES
        if role.scope == scope
        and (role.always or role.columns(dataset))
        and (role.always or role.scored or with_labels)
    }
