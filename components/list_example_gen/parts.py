"""Parts of lists as bytes, as they travel between workers."""

import io

import numpy as np
import pyarrow as pa

from data.lists import Lists

Packed = tuple[bytes, bytes]

_ROW_LENGTHS, _CONFLICTING = "__row_lengths", "__conflicting"


def pack(lists: Lists) -> Packed:
    """Lists as two Arrow streams: context and items."""
    columns = [*lists.context.columns, pa.array(lists.row_lengths), pa.array(lists.conflicting)]
    names = [*lists.context.schema.names, _ROW_LENGTHS, _CONFLICTING]
    return _stream(pa.RecordBatch.from_arrays(columns, names)), _stream(lists.items)


def unpack(packed: Packed) -> Lists:
    """The lists of two Arrow streams, without a copy."""
    context, items = (pa.ipc.open_stream(part).read_next_batch() for part in packed)
    *columns, row_lengths, conflicting = context.columns
    return Lists(
        context=pa.RecordBatch.from_arrays(columns, context.schema.names[:-2]),
        items=items,
        row_lengths=row_lengths.to_numpy(),
        conflicting=np.asarray(conflicting.to_numpy(zero_copy_only=False)),
    )


def _stream(batch: pa.RecordBatch) -> bytes:
    # BytesIO hands its bytes over without a copy; an Arrow buffer would have to be copied.
    stream = io.BytesIO()
    with pa.ipc.new_stream(stream, batch.schema) as writer:
        writer.write_batch(batch)
    return stream.getvalue()
