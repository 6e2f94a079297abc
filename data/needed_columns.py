"""The columns that a dataset needs of its raw files, and whether a file has them."""

import difflib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from data.dataset import Dataset
from data.errors import InputError


@dataclass(frozen=True)
class NeededColumn:
    """A column that a dataset names.

    Attributes:
        name: the column.
        field: the field of the definition that names it.
        required: whether a file must have it.
    """

    name: str
    field: str
    required: bool


def needed_columns(dataset: Dataset, with_labels: bool = True) -> tuple[NeededColumn, ...]:
    """Columns to read, each once.

    Args:
        dataset: the definition.
        with_labels: False for lists that are only scored: labels, true probabilities and times
            are not needed then, and only the list's id and the features are required.

    Returns:
        The columns in the order in which the definition names them.
    """
    found: dict[str, NeededColumn] = {}
    for column in _named(dataset, with_labels):
        earlier = found.get(column.name)
        if earlier is None or (column.required and not earlier.required):
            found[column.name] = column
    return tuple(found.values())


def check_columns(needed: Sequence[NeededColumn], columns: Sequence[str], file: str) -> None:
    """Refuses a file that lacks a required column, or has a needed one twice.

    Args:
        needed: the columns that the dataset names.
        columns: the columns that the file has.
        file: path of the file, for the message.

    Raises:
        InputError: names the field, the column, the file and columns of similar names.
    """
    lines = [_missing(column, columns) for column in needed if _lacks(column, columns)]
    repeated = [column for column in needed if columns.count(column.name) > 1]
    lines += [f"  {c.field}: expected one column {c.name!r}, found several" for c in repeated]
    if lines:
        raise InputError("\n".join([f"{file} does not fit the dataset's definition:", *lines]))


def _lacks(column: NeededColumn, columns: Sequence[str]) -> bool:
    return column.required and column.name not in columns


def _missing(column: NeededColumn, columns: Sequence[str]) -> str:
    lower = {name.lower(): name for name in columns}
    near = difflib.get_close_matches(column.name.lower(), lower, n=3, cutoff=0.6)
    hint = f"; similar: {', '.join(lower[name] for name in near)}" if near else ""
    return f"  {column.field}: expected a column {column.name!r}, found none{hint}"


def _named(dataset: Dataset, with_labels: bool) -> Iterator[NeededColumn]:
    for index, name in enumerate(dataset.list_id):
        yield NeededColumn(name, f"list_id[{index}]", True)
    for field in ("region", "platform", "user"):
        name = getattr(dataset, field)
        if name:
            yield NeededColumn(name, field, with_labels)
    for index, feature in enumerate(dataset.features):
        field = f"features[{index}].column (feature {feature.name!r})"
        yield NeededColumn(feature.column, field, True)
    if with_labels:
        yield from _judged(dataset)


def _judged(dataset: Dataset) -> Iterator[NeededColumn]:
    if dataset.time:
        yield NeededColumn(dataset.time.column, "time.column", True)
    for field in ("list_weight", "randomised", "position", "item_region", "domestic"):
        name = getattr(dataset, field)
        if name:
            yield NeededColumn(name, field, True)
    for index, task in enumerate(dataset.tasks):
        yield NeededColumn(task.column, f"tasks[{index}].column (task {task.name!r})", True)
        if task.true_probability:
            yield NeededColumn(task.true_probability, f"tasks[{index}].true_probability", True)
