"""Columns that raw files must have for a dataset, and the check that a file has them."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from data.definition.dataset import Dataset
from data.definition.roles import Role, role_columns
from data.errors import InputError
from data.similar_names import did_you_mean


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
            Features that are `optional` never are, nor those that listings of the items state,
            which are not read to learn from.

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
    missing = [column for column in needed if _lacks(column, columns)]
    lines = [_missing(column, columns) for column in missing]
    repeated = [column for column in needed if columns.count(column.name) > 1]
    lines += [f"  {c.field}: expected one column {c.name!r}, found several" for c in repeated]
    if any(column.field.startswith("features") for column in missing):
        lines.append("A feature with `optional: true` may be missing in some files.")
    if lines:
        raise InputError("\n".join([f"{file} does not fit the dataset's definition:", *lines]))


def check_somewhere(needed: Sequence[NeededColumn], columns: Iterable[Sequence[str]]) -> None:
    """Refuses files of which none has a column that each may lack.

    Args:
        needed: the columns that the dataset names.
        columns: the columns of each file.

    Raises:
        InputError: names the field, the column and columns of similar names.
    """
    found = list(dict.fromkeys(name for names in columns for name in names))
    nowhere = [c for c in needed if not c.required and c.name not in found]
    if nowhere:
        lines = [_missing(column, found) for column in nowhere]
        raise InputError("\n".join(["no file fits the dataset's definition:", *lines]))


def _lacks(column: NeededColumn, columns: Sequence[str]) -> bool:
    return column.required and column.name not in columns


def _missing(column: NeededColumn, columns: Sequence[str]) -> str:
    hint = did_you_mean(column.name, columns)
    return f"  {column.field}: expected a column {column.name!r}, found none{hint}"


def _named(dataset: Dataset, with_labels: bool) -> Iterator[NeededColumn]:
    for role, name in role_columns(dataset):
        if with_labels or role.scored:
            yield NeededColumn(name, _field_of(dataset, role, name), with_labels or role.needed)
    history = dataset.history
    counted = history.age if history is not None and history.at is not None else None
    for index, feature in enumerate(dataset.features):
        field = f"features[{index}].column (feature {feature.name!r})"
        joined = feature in dataset.joined_features
        if feature.name != counted and not (joined and with_labels):
            yield NeededColumn(feature.column, field, not (feature.optional or joined))
    yield from _of_history(dataset, with_labels)
    for index, task in enumerate(dataset.tasks if with_labels else ()):
        yield NeededColumn(task.column, f"tasks[{index}].column (task {task.name!r})", True)
        for name in ("at", "undone_by"):
            if column := task.column_of(name):
                field = f"tasks[{index}].{name} (task {task.name!r})"
                yield NeededColumn(column, field, True)
        if task.true_probability:
            yield NeededColumn(task.true_probability, f"tasks[{index}].true_probability", True)


def _of_history(dataset: Dataset, with_labels: bool) -> Iterator[NeededColumn]:
    """Columns that a history names itself; ages that are counted want the time of the list."""
    if dataset.history is None:
        return
    for field, name in dataset.history.columns:
        if field != "item" or with_labels:
            yield NeededColumn(name, f"history.{field}", True)
    if dataset.history.at is not None and dataset.time is not None:
        yield NeededColumn(dataset.time.column, "time.column", True)


def _field_of(dataset: Dataset, role: Role, name: str) -> str:
    """The field of the YAML that names a role's column."""
    value = getattr(dataset, role.field)
    if isinstance(value, tuple):
        return f"{role.field}[{value.index(name)}]"
    return role.field if isinstance(value, str) else f"{role.field}.column"
