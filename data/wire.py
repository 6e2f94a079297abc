"""Protobuf's wire format, as far as a tf.Example needs it.

An Example is a message of `Features`, which is a map from key to `Feature`, which is a message of
one list of values: `Example{1: Features{1: Entry{1: key, 2: Feature{kind: List{1: values}}}}}`.
See https://protobuf.dev/programming-guides/encoding and tensorflow/core/example/feature.proto.
"""

from collections.abc import Callable
from functools import lru_cache

import numpy as np
import pyarrow as pa

# Fields of Feature.
BYTES_LIST, FLOAT_LIST, INT64_LIST = 1, 2, 3


def varint(number: int) -> bytes:
    """A natural number in groups of 7 bits, the lowest first."""
    groups = bytearray()
    while number > 127:
        groups.append(number & 127 | 128)
        number >>= 7
    return bytes([*groups, number])


def head(field: int, size: int) -> bytes:
    """What stands before a message, text or packed numbers of some bytes in a field."""
    return bytes([field << 3 | 2]) + varint(size)


def feature_head(key: str, kind: int, size: int) -> bytes:
    """What stands before the list of values of a feature in `Features`.

    Args:
        key: the feature's key.
        kind: field of the list in `Feature`.
        size: bytes of the list.

    Returns:
        The heads of the map's entry, of the key, the key itself, and the heads of the feature and
        of its list.
    """
    list_head = head(kind, size)
    name = head(1, len(key.encode())) + key.encode()
    feature = head(2, len(list_head) + size)
    return head(1, len(name) + len(feature) + len(list_head) + size) + name + feature + list_head


@lru_cache(maxsize=4096)
def packed_head(key: str, kind: int, size: int) -> bytes:
    """What stands before the packed numbers of a feature that take some bytes."""
    numbers_head = head(1, size)
    return feature_head(key, kind, len(numbers_head) + size) + numbers_head


def heads(sizes: pa.Array, make: Callable[[int], bytes]) -> pa.Array:
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


def varints(numbers: np.ndarray) -> pa.Array:
    """Each number, int64 [N], as a varint; negative ones take ten bytes.

    Returns:
        Binary [N].
    """
    shifts = np.arange(10, dtype=np.uint64) * np.uint64(7)
    rest = numbers.astype(np.int64).view(np.uint64)[:, None] >> shifts
    used = (rest > 0) | (shifts == 0)
    continues = np.concatenate([used[:, 1:], np.zeros((len(numbers), 1), bool)], axis=1)
    groups = (rest & np.uint64(127)).astype(np.uint8) | (continues.astype(np.uint8) << 7)
    return binary_array(groups[used], used.sum(axis=1))


def binary_array(data: np.ndarray, sizes: np.ndarray) -> pa.Array:
    """Bytes, uint8 [sum of sizes], cut into texts of some sizes, int [N]; not copied."""
    offsets = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int32)
    buffers = [None, pa.py_buffer(offsets), pa.py_buffer(np.ascontiguousarray(data))]
    return pa.Array.from_buffers(pa.binary(), len(sizes), buffers)
