"""Roles of columns other than features and tasks: list id, region, position, user, item, ...

This table is the one place that lists roles: the field of the definition that names the column,
its key, scope and type. Code that reads, checks or counts such columns goes by it. A new role is
one line here, one field of `Dataset`, and its conversion in `data.rows.canonical`.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow as pa

from data.definition import keys
from data.definition.scopes import ScopeName

if TYPE_CHECKING:
    from data.definition.dataset import Dataset


@dataclass(frozen=True)
class Role:
    """One role of a column.

    Attributes:
        field: field of `Dataset` that names the column.
        key: its key in a tf.Example and among canonical rows.
        scope: `context` (one value a list) or `item` (one value an item).
        type: its type among canonical rows.
        scored: whether it is read of lists that are only scored.
        needed: whether files of such lists must have it; files to learn from must in any case.
        always: whether the key is there even where no column is named.
        counted: whether statistics, and so the inferred schema, are about it. Ids are not, since
            all their values differ: counting them takes longer than all else. Nor are times, which
            are no input of a model.
    """

    field: str
    key: str
    scope: ScopeName
    type: pa.DataType
    scored: bool = False
    needed: bool = False
    always: bool = False
    counted: bool = True

    def columns(self, dataset: "Dataset") -> tuple[str, ...]:
        """The columns that a dataset names for the role; none, one, or several for a list's id."""
        named = getattr(dataset, self.field)
        if named is None:
            return ()
        if isinstance(named, tuple):
            return named
        return (named if isinstance(named, str) else named.column,)


# In the order in which their keys stand in a tf.Example.
ROLES = (
    Role("list_id", keys.LIST_ID, "context", pa.string(), True, True, True, counted=False),
    Role("region", keys.LIST_REGION, "context", pa.string(), scored=True, always=True),
    Role("platform", keys.LIST_PLATFORM, "context", pa.string(), scored=True, always=True),
    Role("user", keys.LIST_USER, "context", pa.string(), True, always=True, counted=False),
    Role("time", keys.LIST_TIME, "context", pa.int64(), counted=False),
    Role("randomised", keys.LIST_RANDOMISED, "context", pa.string()),
    Role("list_weight", keys.LIST_WEIGHT, "context", pa.float32(), always=True),
    Role("position", keys.ITEM_POSITION, "item", pa.float32()),
    Role("item_region", keys.ITEM_DOMESTIC, "item", pa.float32()),
    Role("domestic", keys.ITEM_DOMESTIC, "item", pa.float32()),
    Role("item", keys.ITEM, "item", pa.uint64(), scored=True, counted=False),
)
CONTEXT_KEYS = tuple(role.key for role in ROLES if role.scope == "context")


def reserved_keys(tasks: Iterable[str]) -> set[str]:
    """Keys that no feature may have, whatever its name.

    Args:
        tasks: names of the tasks.
    """
    own = {role.key for role in ROLES} | {keys.ROW_LENGTHS}
    return own | {key(task) for task in tasks for key in (keys.label, keys.truth)}


def reserved_times(tasks: Iterable[str]) -> set[str]:
    """Keys of times that no feature may have where tasks have times.

    Args:
        tasks: names of the tasks.
    """
    return {keys.LIST_AGE} | {
        key(task) for task in tasks for key in (keys.seen, keys.delay, keys.undone)
    }


def role_columns(dataset: "Dataset") -> Iterator[tuple[Role, str]]:
    """Each role with each column that a dataset names for it."""
    for role in ROLES:
        for column in role.columns(dataset):
            yield role, column


def column_of_context(dataset: "Dataset", key: str) -> str:
    """The column of the logs behind a context key.

    Args:
        dataset: the definition.
        key: key of a role, or the name of a feature that lists have as a whole.

    Returns:
        The column; for a role without one, the key itself.
    """
    roles = {role.key: column for role, column in role_columns(dataset)}
    features = {f.name: f.column for f in dataset.features if f.belongs_to.part == "context"}
    return (roles | features).get(key, key)


def fields_of_context(dataset: "Dataset", column: str) -> str:
    """The fields of a definition that take one value a list from a column, for a message."""
    named = [r.field for r, c in role_columns(dataset) if c == column and r.scope == "context"]
    own = [f for f in dataset.features if f.belongs_to.part == "context"]
    named += [f"feature {f.name!r}" for f in own if f.column == column]
    return ", ".join(named)
