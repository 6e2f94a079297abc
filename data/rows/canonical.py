"""Raw rows -> canonical rows, column by column."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from data.definition import keys
from data.definition.codecs import codec
from data.definition.dataset import Dataset
from data.definition.item_kinds import has_feature
from data.definition.task import Task
from data.rows.action_times import ActionTimes
from data.rows.checked import CheckedColumns
from data.rows.histories import read_histories
from data.rows.item_ids import item_hashes
from data.rows.numbers import Rounded, as_counts, as_flags, as_float32
from data.rows.schema import FILE, ROW, canonical_schema
from data.rows.separators import Separators
from data.rows.text import inexact
from data.sources.source import RowBatch


@dataclass(frozen=True)
class CanonicalRows:
    """Rows that can be used, and those that cannot.

    Attributes:
        rows: table of `canonical_schema` [N].
        set_aside: table of `SET_ASIDE_SCHEMA`: file, row and reason.
        rounded: features of which many numbers fall together in 32 bits.
        separators: what histories hold that are text; None where there are no histories.
    """

    rows: pa.Table
    set_aside: pa.Table
    rounded: dict[str, Rounded]
    separators: Separators | None = None


def canonical_rows(
    dataset: Dataset,
    batch: RowBatch,
    with_labels: bool = True,
    seen_until: float | None = None,
) -> CanonicalRows:
    """Types and checks the rows of a batch.

    A row is set aside if a part of its list's id, its item's id or its time is missing, or if a
    value is not what the definition says: text among numbers, a negative label, a vector of
    another length; or if the times of its actions cannot be, see `data.rows.action_times`.
    Missing features and labels are no fault, and infinite numbers count as missing. What an item
    has where its kind lacks the feature is not read, and missing.

    Args:
        dataset: the definition.
        batch: raw columns as a source gives them.
        with_labels: False for lists that are only scored, see `canonical_schema`.
        seen_until: where tasks have times: rows with times after this moment, in seconds since
            1970, are set aside; None knows of none.

    Returns:
        Canonical rows, in the order of the batch, and rows set aside; together all of the batch.

    Raises:
        InputError: a column's type can hold no such values at all.
    """
    checked = CheckedColumns(batch, dataset.null_values)
    columns = {
        **_list_columns(dataset, checked),
        **_features(dataset, checked),
        **(_judged_columns(dataset, checked, seen_until) if with_labels else {}),
        **_identity(dataset, checked, with_labels),
        FILE: pa.repeat(batch.file, batch.table.num_rows),
        ROW: pa.array(batch.row_numbers),
    }
    histories = read_histories(dataset, checked, columns)
    if histories is not None:
        columns |= histories.rows(~checked.refusals.refused)
    schema = canonical_schema(dataset, with_labels)
    rows = pa.Table.from_arrays([columns[name] for name in schema.names], schema=schema)
    refused = checked.refusals.refused
    rows = rows.filter(pa.array(~refused)) if refused.any() else rows
    set_aside = checked.refusals.set_aside()
    assert rows.num_rows + set_aside.num_rows == batch.rows_in, "rows were lost"
    separators = None if histories is None else histories.separators
    return CanonicalRows(rows, set_aside, checked.rounded, separators)


def _list_columns(dataset: Dataset, checked: CheckedColumns) -> dict[str, pa.Array]:
    list_id = _list_id(dataset, checked)
    columns = {
        keys.LIST_ID: list_id,
        keys.LIST_REGION: _place(dataset.region, "region", checked),
        keys.LIST_PLATFORM: _place(dataset.platform, "platform", checked),
        keys.LIST_USER: list_id,
        keys.LIST_WEIGHT: pa.array(_weights(dataset.list_weight, checked)),
    }
    if dataset.user and checked.has(dataset.user):
        # Without a user, a list stands for itself.
        columns[keys.LIST_USER] = pc.coalesce(checked.category(dataset.user, "user"), list_id)
    return columns


def _list_id(dataset: Dataset, checked: CheckedColumns) -> pa.Array:
    parts = []
    for name in dataset.list_id:
        part = checked.category(name, "list_id")
        empty = pc.equal(pc.fill_null(part, ""), "").to_numpy(zero_copy_only=False)
        checked.refusals.refuse(empty, name, "a list's id", part)
        if len(dataset.list_id) > 1:
            marked = pc.match_substring(pc.fill_null(part, ""), keys.ID_SEPARATOR)
            marked = marked.to_numpy(zero_copy_only=False)
            what = f"a part of an id without the mark {keys.ID_SEPARATOR!a}"
            checked.refusals.refuse(marked, name, what, part)
        rounded = inexact(checked.raw(name, "list_id"))
        checked.refusals.refuse(rounded, name, "an id that no float has rounded", part)
        parts.append(pc.fill_null(part, ""))
    return parts[0] if len(parts) == 1 else pc.binary_join_element_wise(*parts, keys.ID_SEPARATOR)


def _identity(dataset: Dataset, checked: CheckedColumns, with_labels: bool) -> dict[str, pa.Array]:
    """Hashes of what identifies items; 0 where rows to score lack it."""
    if not dataset.item:
        return {}
    column = checked.raw(dataset.item, "item")
    items = item_hashes(column)
    if with_labels:
        nothing = pa.nulls(checked.rows, pa.string())
        checked.refusals.refuse(items == 0, dataset.item, "an item's id", nothing)
        rounded = inexact(column)
        found = checked.category(dataset.item, "item") if rounded.any() else nothing
        checked.refusals.refuse(rounded, dataset.item, "an id that no float has rounded", found)
    return {keys.ITEM: pa.array(items)}


def _features(dataset: Dataset, checked: CheckedColumns) -> dict[str, pa.Array]:
    """The features of lists and items, each read where the item's kind has it."""
    kind = dataset.kind_feature
    kinds = None if kind is None else codec(kind).read(checked)
    columns = {}
    for feature in (*dataset.context_features, *dataset.item_features):
        of_kinds = kinds is not None and feature.kinds is not None
        own = checked.among(has_feature(feature, kinds)) if of_kinds else checked
        columns[feature.name] = codec(feature).read(own)
    return columns


def _place(name: str | None, field: str, checked: CheckedColumns) -> pa.Array:
    if name is None:
        return pa.repeat(keys.EVERYWHERE, checked.rows)
    if not checked.has(name):
        return pa.repeat("", checked.rows)
    return pc.fill_null(checked.category(name, field), "")


def _weights(name: str | None, checked: CheckedColumns) -> np.ndarray:
    if name is None or not checked.has(name):
        return np.ones(checked.rows, np.float32)
    weights = as_float32(checked.numbers(name, "list_weight", "a weight of at least 0", least=0))
    return np.where(np.isnan(weights), np.float32(1), weights)


def _judged_columns(
    dataset: Dataset, checked: CheckedColumns, seen_until: float | None
) -> dict[str, pa.Array]:
    columns = {}
    times = None
    if dataset.time:
        shown = checked.seconds(dataset.time)
        columns[keys.LIST_TIME] = pa.array(shown)
        if dataset.timed:
            times = ActionTimes(dataset, checked, shown, seen_until)
            columns |= times.columns()
    if dataset.randomised:
        flags = checked.numbers(dataset.randomised, "randomised", "0 or 1", as_flags)
        columns[keys.LIST_RANDOMISED] = pa.array(flags == 1).cast(pa.string())
    for task in dataset.tasks:
        field = f"task {task.name!r}"
        columns[keys.label(task.name)] = pa.array(_labels(task, checked, times))
        if task.true_probability:
            truth = checked.numbers(task.true_probability, field, "0 to 1", least=0, most=1)
            columns[keys.truth(task.name)] = pa.array(as_float32(truth))
    if dataset.position:
        positions = checked.numbers(dataset.position, "position")
        columns[keys.ITEM_POSITION] = pa.array(as_float32(positions))
    if dataset.domestic or dataset.item_region:
        columns[keys.ITEM_DOMESTIC] = _domestic(dataset, checked)
    return columns


def _labels(task: Task, checked: CheckedColumns, times: ActionTimes | None) -> np.ndarray:
    if times is not None and task.column == task.column_of("at"):
        return times.labels(task, None)
    field = f"task {task.name!r}"
    counts = checked.numbers(task.column, field, "0, 1 or a count", as_counts)
    return counts if times is None or task.at is None else times.labels(task, counts)


def _domestic(dataset: Dataset, checked: CheckedColumns) -> pa.Array:
    if dataset.domestic:
        return pa.array(checked.numbers(dataset.domestic, "domestic", "0 or 1", as_flags))
    item_region = checked.category(str(dataset.item_region), "item_region")
    same = pc.equal(item_region, checked.category(str(dataset.region), "region"))
    return pc.fill_null(same.cast(pa.float32()), np.nan)
