"""Sessions of the RecSys 2019 challenge of trivago: one step a row -> one row a hotel on a page."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from data.errors import InputError
from data.sources.source import SET_ASIDE_SCHEMA, RowBatch, Shard
from data.sources.table import TableSource
from data.sources.trivago_lists import CLICKOUT, COLUMNS, shown_hotels
from data.sources.trivago_pages import as_mask, one_array

# What the challenge's files must have.
STEP_COLUMNS = (
    "user_id",
    "session_id",
    "timestamp",
    "step",
    "action_type",
    "reference",
    "platform",
    "city",
    "device",
    "current_filters",
    "impressions",
    "prices",
)
_NUMBERS = ("timestamp", "step")
_ROW = "__row"


@dataclass(frozen=True)
class TrivagoSource(TableSource):
    """Reads the challenge's sessions, CSV or Parquet: a list is the page of a clickout.

    Steps of a session lie together in a file, as in the challenge's own, and a file is read by one
    worker: what a session did before a clickout is looked up in the rows above. The number of a
    row is that of its clickout.
    """

    def shards(self, path: str) -> list[Shard]:
        """The whole file: a part of it could begin within a session."""
        return [Shard(path)]

    def columns_inside(self, path: str) -> list[str]:
        """Columns of the rows; see `TableSource`."""
        found = super().columns_inside(path)
        missing = [name for name in STEP_COLUMNS if name not in found]
        if missing:
            raise InputError(
                f"{path}: expected sessions of the trivago challenge, found no {', '.join(missing)}"
            )
        return list(COLUMNS)

    def read_inside(self, shard: Shard, names: list[str]) -> Iterator[RowBatch]:
        """Reads the hotels that clickouts show; see `TableSource`."""
        batches = map(_checked, super().read_inside(shard, list(STEP_COLUMNS)))
        for batch in _whole_sessions(batches):
            yield _pages(batch, names)


def _checked(batch: RowBatch) -> RowBatch:
    """Steps with missing texts as null and with numbers, and the row of each as a column."""
    texts = {
        name: one_array(batch.table[name].cast(pa.string()))
        for name in STEP_COLUMNS
        if name not in _NUMBERS
    }
    texts = {name: pc.if_else(pc.equal(values, ""), None, values) for name, values in texts.items()}
    columns: dict[str, pa.Array] = {}
    reasons = pa.nulls(batch.table.num_rows, pa.string())
    for name in STEP_COLUMNS:
        if name in _NUMBERS:
            columns[name], wrong = _whole_numbers(one_array(batch.table[name]))
            reasons = pc.if_else(wrong, f"{name}: expected a whole number", reasons)
        else:
            columns[name] = texts[name]
    for name in ("session_id", "action_type"):
        reasons = pc.if_else(pc.is_null(columns[name]), f"{name}: missing", reasons)
    columns[_ROW] = pa.array(batch.row_numbers)
    return _without(replace(batch, table=pa.table(columns)), reasons)


def _whole_numbers(values: pa.Array) -> tuple[pa.Array, pa.Array]:
    """Whole numbers as int64, and where there is none, bool; a step or a time is at least 0."""
    texts = values.cast(pa.string())
    fits = pc.fill_null(pc.match_substring_regex(texts, r"^\d{1,18}$"), False)
    return pc.fill_null(pc.if_else(fits, texts, None).cast(pa.int64()), 0), pc.invert(fits)


def _without(batch: RowBatch, reasons: pa.Array) -> RowBatch:
    """A batch without the rows that have a reason; they are set aside."""
    wrong = pc.is_valid(reasons)
    refused = _refused(batch.file, batch.table[_ROW].filter(wrong), reasons.filter(wrong))
    return replace(
        batch,
        table=batch.table.filter(pc.invert(wrong)),
        set_aside=pa.concat_tables([batch.set_aside, refused]),
        numbers=None,
    )


def _refused(file: str, rows: pa.ChunkedArray, reasons: pa.Array) -> pa.Table:
    files = pa.repeat(pa.scalar(file), len(rows))
    return pa.table([files, rows, reasons], schema=SET_ASIDE_SCHEMA)


def _whole_sessions(batches: Iterator[RowBatch]) -> Iterator[RowBatch]:
    """Cuts batches so that no session is in two of them.

    Raises:
        InputError: a session comes again after another one.
    """
    held: RowBatch | None = None
    seen: set[str] = set()
    for batch in batches:
        if held is not None:
            batch = replace(batch, table=pa.concat_tables([held.table, batch.table]))
        last = _start_of_last_session(batch.table)
        whole = batch.table.slice(0, last)
        _see(batch.file, whole, seen)
        held = replace(batch, table=batch.table.slice(last))
        if whole.num_rows or batch.set_aside.num_rows:
            yield replace(batch, table=whole)
    if held is not None and held.table.num_rows:
        _see(held.file, held.table, seen)
        yield replace(held, set_aside=SET_ASIDE_SCHEMA.empty_table())


def _start_of_last_session(steps: pa.Table) -> int:
    """The row from which on there is one session."""
    if not steps.num_rows:
        return 0
    session = one_array(steps["session_id"])
    others = np.flatnonzero(as_mask(pc.not_equal(session, session[-1])))
    return int(others[-1]) + 1 if len(others) else 0


def _see(file: str, steps: pa.Table, seen: set[str]) -> None:
    """Notes sessions; those of a file come once each, in neighbouring rows."""
    session = one_array(steps["session_id"])
    begins = np.ones(len(session), bool)
    begins[1:] = as_mask(pc.not_equal(session[1:], session[:-1]))
    rows = np.flatnonzero(begins)
    for row, name in zip(rows.tolist(), session.take(pa.array(rows)).to_pylist(), strict=True):
        if name in seen:
            raise InputError(
                f"{file}: expected the steps of a session in neighbouring rows; session {name!r} "
                f"comes again in row {steps[_ROW][row].as_py()}. Sort the file by session_id and "
                "step"
            )
        seen.add(name)


def _pages(batch: RowBatch, names: list[str]) -> RowBatch:
    """The rows of a batch's pages."""
    steps = batch.table
    shows = pc.equal(steps["action_type"], CLICKOUT)
    reasons = pc.if_else(shows, _fault(steps), None)
    wrong = pc.is_valid(reasons)
    made = as_mask(one_array(pc.and_(shows, pc.invert(wrong))))
    row, table = shown_hotels(steps, made, names)
    refused = _refused(
        batch.file, steps[_ROW].filter(wrong), one_array(reasons.filter(wrong)).cast(pa.string())
    )
    return replace(
        batch,
        table=table,
        numbers=steps[_ROW].to_numpy()[row],
        set_aside=pa.concat_tables([batch.set_aside, refused]),
    )


def _fault(steps: pa.Table) -> pa.ChunkedArray:
    """Why a clickout makes no list; null where it does."""
    hotels, prices = (
        pc.add(pc.count_substring(steps[name], "|"), 1) for name in ("impressions", "prices")
    )
    unequal = pc.binary_join_element_wise(
        "expected a price for each of the impressions: ",
        hotels.cast(pa.string()),
        " impressions, ",
        pc.fill_null(prices, 0).cast(pa.string()),
        " prices",
        "",
    )
    equal = pc.fill_null(pc.equal(hotels, prices), False)
    fault = pc.if_else(equal, pa.scalar(None, pa.string()), unequal)
    return pc.if_else(pc.is_null(hotels), "a clickout without impressions", fault)
