"""Columns of past actions -> checked histories, the newest entries first."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa

from data.arrow_lists import lists_of, places_within
from data.definition import keys
from data.definition.codecs import codec
from data.definition.dataset import Dataset
from data.definition.history import History
from data.rows.checked import CheckedColumns
from data.rows.item_ids import item_hashes
from data.rows.numbers import as_float32
from data.rows.raw import RawColumn
from data.rows.raw_histories import first_of_equal, raw_histories
from data.rows.schema import LATE_ITEMS
from data.rows.separators import Separators

_SECONDS_PER_HOUR = 3_600


@dataclass(frozen=True)
class Histories:
    """Histories of a batch, those of equal neighbouring rows of a list once.

    Attributes:
        run_of_row: int64 [N], the run of equal rows to which each row belongs.
        columns: by feature, lists [R], one a run.
        separators: what those hold that are text.
    """

    run_of_row: np.ndarray
    columns: Mapping[str, pa.Array]
    separators: Separators

    def rows(self, kept: np.ndarray) -> dict[str, pa.Array]:
        """The histories of rows.

        Args:
            kept: bool [N], the rows that can be used.

        Returns:
            By feature, lists [N]: at the first usable row of each run its history, null below.
        """
        usable = np.flatnonzero(kept)
        runs = self.run_of_row[usable]
        first = usable[np.diff(runs, prepend=-1) > 0]
        elsewhere = np.ones(len(kept), bool)
        elsewhere[first] = False
        places = pa.array(self.run_of_row, mask=elsewhere)
        return {name: lists.take(places) for name, lists in self.columns.items()}


def read_histories(
    dataset: Dataset, checked: CheckedColumns, columns: Mapping[str, pa.Array]
) -> Histories | None:
    """Reads and checks the histories of a batch.

    A row is refused if the parallel lists of its history are of unequal lengths, if an entry has a
    wrong value or lies in the future. Whether a history holds an action of the list itself, only
    the whole list tells, see `data.lists.own_actions`: what may be such goes with the histories.

    Args:
        dataset: the definition.
        checked: the columns of the batch; takes the refusals.
        columns: canonical columns of the batch: the list's id and, where there are any, labels.

    Returns:
        The histories, the newest entries first and no more than `newest`, with `LATE_ITEMS` where
        there are labels; None where the dataset has none.
    """
    history = dataset.history
    if history is None:
        return None
    scored = not any(keys.label(task.name) in columns for task in dataset.tasks)
    raw = _raw_columns(dataset, history, checked, scored)
    shown = _shown(dataset, history, checked)
    alike = [columns[keys.LIST_ID], *(column.values for column in raw)]
    first = first_of_equal(alike if shown is None else [*alike, pa.array(shown)], checked.rows)
    runs = _Runs(checked, np.cumsum(first) - 1)
    places = pa.array(np.flatnonzero(first))
    once = [replace(column, values=column.values.take(places)) for column in raw]
    entries = _aligned(history, runs, once)
    ages = _ages(dataset, history, runs, entries, None if shown is None else shown[first])
    places, lengths = newest_entries(history, entries.lengths, ages)
    entries, ages = entries.take(places, lengths), None if ages is None else ages[places]
    texts = [column.values for column in once if pa.types.is_string(column.values.type)]
    separators = Separators.of(history.separator, texts)
    found = _columns(dataset, runs, entries, ages)
    if not scored and history.item is not None:
        found[LATE_ITEMS] = _late_items(history.item, runs, entries, ages)
    return Histories(runs.of_row, found, separators)


def newest_entries(
    history: History, lengths: np.ndarray, ages: np.ndarray | None
) -> tuple[np.ndarray, np.ndarray]:
    """Orders the entries of histories, the newest first, and leaves out the oldest.

    Args:
        history: says how entries stand in the logs, and how many are kept.
        lengths: int64 [R], entries of each history.
        ages: float [H], of all entries, NaN where unknown: such come last; None where there are
            none.

    Returns:
        int64 [K], places of the entries that are kept, in order; and int64 [R], how many are.
    """
    runs, places = np.repeat(np.arange(len(lengths)), lengths), places_within(lengths)
    order = np.arange(len(runs))
    within = lengths[runs] - places if history.order == "oldest_first" else places
    if ages is not None:
        order = np.lexsort((within, ages, runs))
    elif history.order == "oldest_first":
        order = np.lexsort((within, runs))
    return order[places < history.newest], np.minimum(lengths, history.newest)


@dataclass(frozen=True)
class _Entries:
    """Entries [H] of R histories by column of the logs, and how many each history has."""

    lengths: np.ndarray
    columns: dict[str, pa.Array]

    @property
    def runs(self) -> np.ndarray:
        return np.repeat(np.arange(len(self.lengths)), self.lengths)

    def take(self, places: np.ndarray, lengths: np.ndarray) -> "_Entries":
        indices = pa.array(places)
        return _Entries(lengths, {n: values.take(indices) for n, values in self.columns.items()})


@dataclass(frozen=True)
class _Runs:
    """Runs of rows with one history: refuses all rows of a run at once."""

    checked: CheckedColumns
    of_row: np.ndarray

    def refuse(self, wrong: np.ndarray, name: str, expected: str, found: pa.Array) -> None:
        """Refuses runs, bool [R]; see `Refusals.refuse`."""
        texts = found.take(pa.array(self.of_row))
        self.checked.refusals.refuse(wrong[self.of_row], name, expected, texts)

    def read(self, entries: _Entries) -> CheckedColumns:
        """The columns of entries, for codecs to read."""
        return self.checked.below(entries.columns)

    def adopt(self, read: CheckedColumns, entries: _Entries) -> None:
        """Refuses the runs of entries that were refused, and takes over what was rounded."""
        self.checked.rounded.update(read.rounded)
        aside = read.refusals.set_aside()
        if not aside.num_rows:
            return
        runs, firsts = np.unique(entries.runs[aside["row"].to_numpy()], return_index=True)
        reason_of_run = np.full(len(entries.lengths), -1)
        reason_of_run[runs] = firsts
        reason = reason_of_run[self.of_row]
        rows = np.flatnonzero(reason >= 0)
        reasons = aside["reason"].combine_chunks().take(pa.array(reason[rows]))
        self.checked.refusals.adopt(rows, reasons)


def _raw_columns(
    dataset: Dataset, history: History, checked: CheckedColumns, scored: bool
) -> list[RawColumn]:
    """The columns of histories [N], each once."""
    fields = {
        feature.column: f"feature {feature.name!r}"
        for feature in dataset.history_features
        if history.at is None or feature.name != history.age
    }
    for field, column in history.columns:
        if field != "item" or not scored:
            fields[column] = f"history.{field}"
    return [checked.raw(name, field) for name, field in fields.items()]


def _shown(dataset: Dataset, history: History, checked: CheckedColumns) -> np.ndarray | None:
    if history.at is None:
        return None
    assert dataset.time is not None
    return checked.seconds(dataset.time)


def _aligned(history: History, runs: _Runs, raw: list[RawColumn]) -> _Entries:
    """Takes histories apart, and refuses those with columns of unequal lengths."""
    apart = [
        raw_histories(column, history.separator, runs.checked.has(column.name)) for column in raw
    ]
    longest = np.max([column.lengths for column in apart], axis=0)
    unequal = np.zeros(len(longest), bool)
    for column in apart:
        wrong = longest > column.most
        unequal |= wrong
        if wrong.any():
            found = [f"{own} of {all_}" for own, all_ in zip(column.lengths, longest, strict=True)]
            expected = "as many entries as the other columns of the history have"
            runs.refuse(wrong, column.column, expected, pa.array(found, pa.string()))
    lengths = np.where(unequal, 0, longest)
    return _Entries(lengths, {column.column: column.aligned(lengths) for column in apart})


def _ages(
    dataset: Dataset, history: History, runs: _Runs, entries: _Entries, shown: np.ndarray | None
) -> np.ndarray | None:
    """Ages of all entries, float [H], NaN where unknown; refuses those in the future."""
    if history.age is None:
        return None
    if shown is None:
        column = dataset.feature(history.age).column
        read = runs.read(_Entries(entries.lengths, {column: entries.columns[column]}))
        expected = "a number of 0 or more, since an age below 0 lies in the future"
        ages = read.numbers(column, f"feature {history.age!r}", expected, least=0)
    else:
        assert history.at is not None
        time = dataset.time_of(history.at)
        read = runs.read(_Entries(entries.lengths, {time.column: entries.columns[time.column]}))
        moments = read.moments(time, "history.at")
        ages = (shown[entries.runs] - moments) / _SECONDS_PER_HOUR
        read.refuse(ages < 0, time.column, "a time that is not after the list's")
    runs.adopt(read, entries)
    return as_float32(ages)


def _late_items(item: str, runs: _Runs, entries: _Entries, ages: np.ndarray | None) -> pa.ListArray:
    """Hashes of the items of the entries that may be actions of the list itself, lists [R]."""
    late = places_within(entries.lengths) == 0 if ages is None else ages <= 0
    places = np.flatnonzero(late)
    column = runs.read(entries).raw(item, "history.item")
    hashes = item_hashes(replace(column, values=column.values.take(pa.array(places))))
    known = hashes != 0
    counts = np.bincount(entries.runs[places[known]], minlength=len(entries.lengths))
    return lists_of(counts, pa.array(hashes[known]))


def _columns(
    dataset: Dataset, runs: _Runs, entries: _Entries, ages: np.ndarray | None
) -> dict[str, pa.Array]:
    """The histories by feature: lists [R] of the values of all entries."""
    assert dataset.history is not None
    read = runs.read(entries)
    found = {}
    for feature in dataset.history_features:
        own = codec(feature)
        if feature.name == dataset.history.age and dataset.history.at is not None:
            assert ages is not None
            values = pa.array(as_float32(ages - feature.origin))
        else:
            values = own.read(read)
        values = values.flatten() if own.shape else values
        values = values.cast(pa.binary()) if pa.types.is_string(values.type) else values
        found[feature.name] = lists_of(entries.lengths * own.width, values)
    runs.adopt(read, entries)
    return found
