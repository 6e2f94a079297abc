"""Work on record batches whose columns hold no nulls: gathering, joining, comparing."""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from data.arrow_lists import unequal_values


def one_batch(table: pa.Table) -> pa.RecordBatch:
    """Puts the chunks of each column together."""
    columns = [_one_chunk(column) for column in table.columns]
    return pa.RecordBatch.from_arrays(columns, table.column_names)


def concatenate(batches: Sequence[pa.RecordBatch]) -> pa.RecordBatch:
    """Puts batches with the same columns behind one another; dictionaries may differ."""
    if len(batches) == 1:
        return batches[0]
    return one_batch(pa.Table.from_batches(batches).unify_dictionaries())


def pick(batch: pa.RecordBatch, rows: np.ndarray) -> pa.RecordBatch:
    """Picks rows of a batch.

    Args:
        batch: columns [N].
        rows: int64 [M], the rows to pick, in order.

    Returns:
        The batch of [M] rows; the batch itself where that picks every row as it stands.
    """
    if len(rows) == batch.num_rows and np.array_equal(rows, np.arange(len(rows))):
        return batch
    indices = pa.array(rows)
    columns = [_pick(column, rows, indices) for column in batch.columns]
    return pa.RecordBatch.from_arrays(columns, batch.schema.names)


def select(batch: pa.RecordBatch, names: Sequence[str]) -> pa.RecordBatch:
    """The batch with only some of its columns."""
    return pa.RecordBatch.from_arrays([batch[name] for name in names], list(names))


def replace_column(batch: pa.RecordBatch, name: str, values: pa.Array) -> pa.RecordBatch:
    """The batch with other values in one of its columns."""
    names = batch.schema.names
    columns = [values if name == other else batch[other] for other in names]
    return pa.RecordBatch.from_arrays(columns, names)


def with_bytes(batch: pa.RecordBatch) -> pa.RecordBatch:
    """The batch with texts as bytes, without a copy."""
    columns = [
        column.view(pa.binary()) if pa.types.is_string(column.type) else column
        for column in batch.columns
    ]
    return pa.RecordBatch.from_arrays(columns, batch.schema.names)


def unequal_neighbours(values: pa.Array) -> np.ndarray:
    """Whether each value differs from the one before; two NaNs are equal.

    Args:
        values: numbers, texts, vectors or histories [N]; a null history is the one above it.

    Returns:
        bool [N - 1].
    """
    if pa.types.is_floating(values.type):
        return _unequal_numbers(values.to_numpy())
    if pa.types.is_fixed_size_list(values.type):
        vectors = values.flatten().to_numpy().reshape(len(values), values.type.list_size)
        return np.logical_or.reduce(_unequal_numbers(vectors), axis=1)
    if pa.types.is_list(values.type):
        return _unequal_histories(values)
    return pc.not_equal(values[1:], values[:-1]).to_numpy(zero_copy_only=False)


def _one_chunk(column: pa.ChunkedArray) -> pa.Array:
    return column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()


def _pick(column: pa.Array, rows: np.ndarray, indices: pa.Array) -> pa.Array:
    # NumPy gathers numbers faster than Arrow, which looks for nulls and bounds.
    if pa.types.is_floating(column.type) or pa.types.is_integer(column.type):
        return pa.array(column.to_numpy()[rows])
    if pa.types.is_fixed_size_list(column.type):
        vectors = column.flatten().to_numpy().reshape(len(column), column.type.list_size)
        return pa.FixedSizeListArray.from_arrays(pa.array(vectors[rows].ravel()), vectors.shape[1])
    return column.take(indices)


def _unequal_histories(values: pa.Array) -> np.ndarray:
    given = np.flatnonzero(values.is_valid().to_numpy(zero_copy_only=False))
    unequal = np.zeros(max(len(values) - 1, 0), bool)
    above, below = given[:-1], given[1:]
    unequal[below - 1] = unequal_values(values, above, below)
    return unequal


def _unequal_numbers(values: np.ndarray) -> np.ndarray:
    after, before = values[1:], values[:-1]
    return (after != before) & ~(np.isnan(after) & np.isnan(before))
