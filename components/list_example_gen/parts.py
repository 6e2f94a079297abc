"""Files that workers write: outputs, and temporary files with parts of lists.

Beam is given only the places of parts, not the parts: a runner may hold everything that is grouped
in memory, several times over.
"""

import io
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import tensorflow as tf

from data import files
from data.lists.lists import Lists

TEMPORARY = ".temporary"
_ROW_LENGTHS, _CONFLICT = "__row_lengths", "__conflict "


@contextmanager
def whole_file(root: str, name: str) -> Iterator[str]:
    """Gives a temporary path to write to, and moves the file to its place in the end.

    A worker that dies leaves nothing in place, and one that does the work again replaces the file.

    Args:
        root: folder of the artifact.
        name: path of the file in it.

    Yields:
        The path to write to.
    """
    with files.whole_file(f"{root}/{name}", aside=f"{root}/{TEMPORARY}") as path:
        yield path


def remove_temporary(root: str) -> None:
    """Removes what `whole_file` left behind."""
    if tf.io.gfile.exists(f"{root}/{TEMPORARY}"):
        tf.io.gfile.rmtree(f"{root}/{TEMPORARY}")


def remove_everything(root: str) -> None:
    """Removes all that is in a folder."""
    for name in tf.io.gfile.listdir(root) if tf.io.gfile.isdir(root) else []:
        path = f"{root}/{name.rstrip('/')}"
        if tf.io.gfile.isdir(path):
            tf.io.gfile.rmtree(path)
        else:
            tf.io.gfile.remove(path)


class Part(NamedTuple):
    """Place of a part of lists: the context from `start`, the items from `middle` to `end`."""

    path: str
    start: int
    middle: int
    end: int


def write_parts(folder: str, parts: Iterable[tuple[int, Lists]]) -> Iterator[tuple[int, Part]]:
    """Writes parts of lists to a new temporary file.

    A worker that has to do its work again writes another file, and nobody reads the first.

    Args:
        folder: folder of the artifact.
        parts: lists by bucket.

    Yields:
        Buckets, and where their parts lie.
    """
    tf.io.gfile.makedirs(f"{folder}/{TEMPORARY}")
    path = f"{folder}/{TEMPORARY}/{uuid.uuid4().hex}"
    places = []
    with tf.io.gfile.GFile(path, "wb") as file:
        end = 0
        for bucket, lists in parts:
            context, items = _streams(lists)
            file.write(context)
            file.write(items)
            start, middle, end = end, end + len(context), end + len(context) + len(items)
            places.append((bucket, Part(path, start, middle, end)))
    yield from places


def read_part(part: Part) -> Lists:
    """Reads a part of lists."""
    with tf.io.gfile.GFile(part.path, "rb") as file:
        file.seek(part.start)
        context = _read(file.read(part.middle - part.start))
        items = _read(file.read(part.end - part.middle))
    columns = dict(zip(context.schema.names, context.columns, strict=True))
    row_lengths = columns.pop(_ROW_LENGTHS)
    conflicting = [name for name in columns if name.startswith(_CONFLICT)]
    conflicts = {
        name.removeprefix(_CONFLICT): np.asarray(columns.pop(name).to_numpy(zero_copy_only=False))
        for name in conflicting
    }
    return Lists(
        context=pa.RecordBatch.from_arrays(list(columns.values()), list(columns)),
        items=items,
        row_lengths=row_lengths.to_numpy(),
        conflicts=conflicts,
    )


def _streams(lists: Lists) -> tuple[bytes, bytes]:
    columns = dict(zip(lists.context.schema.names, lists.context.columns, strict=True))
    columns[_ROW_LENGTHS] = pa.array(lists.row_lengths)
    columns |= {_CONFLICT + name: pa.array(found) for name, found in lists.conflicts.items()}
    context = pa.RecordBatch.from_arrays(list(columns.values()), list(columns))
    return _stream(context), _stream(lists.items)


def _stream(batch: pa.RecordBatch) -> bytes:
    # BytesIO hands its bytes over without a copy; an Arrow buffer would have to be copied.
    stream = io.BytesIO()
    with pa.ipc.new_stream(stream, batch.schema) as writer:
        writer.write_batch(batch)
    return stream.getvalue()


def _read(stream: bytes) -> pa.RecordBatch:
    return pa.ipc.open_stream(stream).read_next_batch()
