"""Lists -> serialized tf.Examples, many lists at a time.

Context keys hold one value (or vector), or those of a history; item keys hold one value (or vector)
an item.

The encoder of tfx_bsl does the same, but takes half as long again and leaves the order of the
keys in an Example to chance; here the same lists always give the same bytes.

An Example is a message of `Features`, which is a map from key to `Feature`, which is a message of
one list of values: `Example{1: Features{1: Entry{1: key, 2: Feature{kind: List{1: values}}}}}`.
See https://protobuf.dev/programming-guides/encoding and tensorflow/core/example/feature.proto.
"""

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache, partial

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from data.arrow_lists import entries
from data.definition import keys
from data.lists.batches import select
from data.lists.lists import LATEST, Lists
from data.rows.schema import FILE, LATE_ITEMS, ROW

# Fields of Feature.
_BYTES_LIST, _FLOAT_LIST, _INT64_LIST = 1, 2, 3

_ITEMS_AT_ONCE = 131_072


@dataclass(frozen=True)
class _Numbers:
    """A column of numbers.

    Attributes:
        key: the feature's key.
        values: float32 [rows, width]; rows are lists or items.
        of_items: whether rows are items.
    """

    key: str
    values: np.ndarray
    of_items: bool


def encode(lists: Lists) -> list[bytes]:
    """Serializes each list as a tf.Example.

    Returns:
        B serialized tf.Examples, in the order of the lists.
    """
    names = lists.context.schema.names
    context = [name for name in names if name not in (LATEST, LATE_ITEMS)]
    names = [name for name in lists.items.schema.names if name not in (FILE, ROW, keys.ITEM)]
    ends = np.cumsum(lists.row_lengths)
    # Many items at once for speed, but no more than a small share of any memory.
    cuts = np.unique(ends // _ITEMS_AT_ONCE, return_index=True)[1]
    examples: list[bytes] = []
    for first, after in itertools.pairwise([*cuts.tolist(), len(lists)]):
        part = lists.slice(first, after)
        items = select(part.items, names)
        examples += encode_examples(select(part.context, context), items, part.row_lengths)
    return examples


def encode_examples(
    context: pa.RecordBatch, items: pa.RecordBatch, row_lengths: np.ndarray
) -> list[bytes]:
    """Serializes each list as a tf.Example.

    Args:
        context: columns [B] of float32, vectors of float32, int64 or binary, or lists of float32 or
            binary; without nulls.
        items: such columns [N]; the items of a list lie together.
        row_lengths: int64 [B], items of each list, at least 1.

    Returns:
        B serialized tf.Examples.

    Raises:
        TypeError: a column has another type.
    """
    if not len(row_lengths):
        return []
    # Numbers of lists with as many items take as many bytes: such lists are done at once.
    order = np.argsort(row_lengths, kind="stable")
    pieces = [_number_pieces(_numbers(context, items), row_lengths, order)]
    for batch, lengths in ((context, np.ones_like(row_lengths)), (items, row_lengths)):
        for key, values in zip(batch.schema.names, batch.columns, strict=True):
            if pa.types.is_list(values.type):
                pieces += _history_pieces(key, values, order)
            else:
                pieces += _text_pieces(key, values, lengths, order)
    size = sum(pc.binary_length(piece).to_numpy() for piece in pieces)
    heads = _heads(pa.array(size), partial(_head, 1))
    examples = pc.binary_join_element_wise(heads, *pieces, b"").to_pylist()
    return [examples[place] for place in np.argsort(order).tolist()]


def _numbers(context: pa.RecordBatch, items: pa.RecordBatch) -> list[_Numbers]:
    columns = []
    for batch, of_items in ((context, False), (items, True)):
        for key, values in zip(batch.schema.names, batch.columns, strict=True):
            if pa.types.is_fixed_size_list(values.type):
                vectors = values.flatten().to_numpy().reshape(len(values), -1)
                columns.append(_Numbers(key, vectors, of_items))
            elif pa.types.is_float32(values.type):
                columns.append(_Numbers(key, values.to_numpy()[:, None], of_items))
    return columns


def _number_pieces(columns: list[_Numbers], row_lengths: np.ndarray, order: np.ndarray) -> pa.Array:
    """All features of numbers of each list in an order, binary [B]."""
    starts = np.cumsum(row_lengths) - row_lengths
    lengths, counts = np.unique(row_lengths, return_counts=True)
    groups = np.split(order, np.cumsum(counts)[:-1])
    blocks = [
        _block(columns, int(length), lists, starts[lists])
        for length, lists in zip(lengths, groups, strict=True)
    ]
    sizes = np.repeat([block.shape[1] for block in blocks], counts)
    return _binary_array(np.concatenate([block.ravel() for block in blocks]), sizes)


def _block(
    columns: list[_Numbers], length: int, lists: np.ndarray, starts: np.ndarray
) -> np.ndarray:
    """Features of numbers, uint8 [M, bytes], of M lists of some length."""
    items = (starts[:, None] + np.arange(length)).ravel()
    pieces = [np.empty((len(lists), 0), np.uint8)]
    for column in columns:
        rows = items if column.of_items else lists
        values = column.values[rows].reshape(len(lists), -1).view(np.uint8)
        head = _packed_head(column.key, _FLOAT_LIST, values.shape[1])
        pieces += [np.frombuffer(head, np.uint8)[None].repeat(len(lists), axis=0), values]
    return np.concatenate(pieces, axis=1)


def _text_pieces(
    key: str, values: pa.Array, row_lengths: np.ndarray, order: np.ndarray
) -> Iterator[pa.Array]:
    """Head and values of a feature of texts or whole numbers in an order, binary [B] each."""
    if pa.types.is_binary(values.type):
        text_heads = _heads(pc.binary_length(values), partial(_head, 1))
        encoded = pc.binary_join_element_wise(text_heads, values, b"")
        make = partial(_feature_head, key, _BYTES_LIST)
    elif pa.types.is_int64(values.type):
        encoded = _varints(values.to_numpy())
        make = partial(_packed_head, key, _INT64_LIST)
    elif pa.types.is_float32(values.type) or pa.types.is_fixed_size_list(values.type):
        return
    else:
        raise TypeError(f"{key}: expected float32, vectors, int64 or bytes, found {values.type}")
    together = _put_together(encoded, row_lengths).take(pa.array(order))
    yield _heads(pc.binary_length(together), make)
    yield together


def _history_pieces(key: str, values: pa.Array, order: np.ndarray) -> Iterator[pa.Array]:
    """Head and entries of a feature of histories in an order, binary [B] each."""
    lengths, flat = entries(values)
    if not pa.types.is_float32(flat.type):
        yield from _text_pieces(key, flat, lengths, order)
        return
    numbers = flat.to_numpy(zero_copy_only=False).view(np.uint8)
    together = _binary_array(numbers, lengths * flat.type.bit_width // 8).take(pa.array(order))
    yield _heads(pc.binary_length(together), partial(_packed_head, key, _FLOAT_LIST))
    yield together


def _put_together(values: pa.Array, counts: np.ndarray) -> pa.Array:
    """Values, binary [N], of each list behind one another, binary [B]; not copied."""
    if not len(values):
        return pa.array([b""] * len(counts), pa.binary())
    _, offsets, data = values.buffers()
    ends = np.concatenate([[0], np.cumsum(counts)])
    offsets = np.frombuffer(offsets, np.int32)[values.offset :][ends]
    return pa.Array.from_buffers(pa.binary(), len(counts), [None, pa.py_buffer(offsets), data])


def _varint(number: int) -> bytes:
    """A natural number in groups of 7 bits, the lowest first."""
    groups = bytearray()
    while number > 127:
        groups.append(number & 127 | 128)
        number >>= 7
    return bytes([*groups, number])


def _head(field: int, size: int) -> bytes:
    """What stands before a message, text or packed numbers of some bytes in a field."""
    return bytes([field << 3 | 2]) + _varint(size)


def _feature_head(key: str, kind: int, size: int) -> bytes:
    """What stands before the list of values of a feature in `Features`.

    Args:
        key: the feature's key.
        kind: field of the list in `Feature`.
        size: bytes of the list.

    Returns:
        The heads of the map's entry, of the key, the key itself, and the heads of the feature and
        of its list.
    """
    list_head = _head(kind, size)
    name = _head(1, len(key.encode())) + key.encode()
    feature = _head(2, len(list_head) + size)
    return _head(1, len(name) + len(feature) + len(list_head) + size) + name + feature + list_head


@lru_cache(maxsize=4096)
def _packed_head(key: str, kind: int, size: int) -> bytes:
    """What stands before the packed numbers of a feature that take some bytes."""
    numbers_head = _head(1, size)
    return _feature_head(key, kind, len(numbers_head) + size) + numbers_head


def _heads(sizes: pa.Array, make: Callable[[int], bytes]) -> pa.Array:
    """Heads of values by their sizes in bytes.

    Args:
        sizes: integers [N].
        make: head of a value of some size; called once for each size that occurs.

    Returns:
        Binary [N].
    """
    encoded = sizes.dictionary_encode()
    made = pa.array([make(size) for size in encoded.dictionary.to_pylist()], pa.binary())
    return made.take(encoded.indices)


def _varints(numbers: np.ndarray) -> pa.Array:
    """Each number, int64 [N], as a varint; negative ones take ten bytes.

    Returns:
        Binary [N].
    """
    shifts = np.arange(10, dtype=np.uint64) * np.uint64(7)
    rest = numbers.astype(np.int64).view(np.uint64)[:, None] >> shifts
    used = (rest > 0) | (shifts == 0)
    continues = np.concatenate([used[:, 1:], np.zeros((len(numbers), 1), bool)], axis=1)
    groups = (rest & np.uint64(127)).astype(np.uint8) | (continues.astype(np.uint8) << 7)
    return _binary_array(groups[used], used.sum(axis=1))


def _binary_array(data: np.ndarray, sizes: np.ndarray) -> pa.Array:
    """Bytes, uint8 [sum of sizes], cut into texts of some sizes, int [N]; not copied."""
    offsets = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int32)
    buffers = [None, pa.py_buffer(offsets), pa.py_buffer(np.ascontiguousarray(data))]
    return pa.Array.from_buffers(pa.binary(), len(sizes), buffers)
