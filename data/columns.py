"""Work on whole Arrow columns."""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc


def one_batch(rows: pa.Table) -> pa.RecordBatch:
    """A table as one record batch, without chunks."""
    arrays = [column.combine_chunks() for column in rows.columns]
    arrays = [a.combine_chunks() if isinstance(a, pa.ChunkedArray) else a for a in arrays]
    return pa.RecordBatch.from_arrays(arrays, schema=rows.schema)


def take(batch: pa.RecordBatch, indices: np.ndarray) -> pa.RecordBatch:
    """Rows of a batch in the order of indices, int64 [M]."""
    columns = [_take(column, indices) for column in batch.columns]
    return pa.RecordBatch.from_arrays(columns, batch.schema.names)


def unequal_neighbours(values: pa.Array) -> np.ndarray:
    """Where a value differs from the one before it; NaN equals NaN.

    Args:
        values: text, numbers or vectors of fixed length [N], without nulls.

    Returns:
        bool [N - 1], or bool [0] where N is 0.
    """
    if pa.types.is_fixed_size_list(values.type):
        numbers = values.flatten().to_numpy().reshape(-1, values.type.list_size)
        return (~_equal(numbers[1:], numbers[:-1])).any(axis=1)
    if pa.types.is_floating(values.type):
        numbers = values.to_numpy()
        return ~_equal(numbers[1:], numbers[:-1])
    return pc.not_equal(values[1:], values[:-1]).to_numpy(zero_copy_only=False)


def _take(values: pa.Array, indices: np.ndarray) -> pa.Array:
    if not pa.types.is_fixed_size_list(values.type):
        return values.take(pa.array(indices))
    length = values.type.list_size
    numbers = values.flatten().to_numpy().reshape(-1, length)[indices]
    return pa.FixedSizeListArray.from_arrays(pa.array(numbers.ravel()), length)


def _equal(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    return (left == right) | (np.isnan(left) & np.isnan(right))
