"""Arrow's lists of values: taken apart, put together, compared."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

_LIST_TYPES = (pa.types.is_list, pa.types.is_large_list, pa.types.is_fixed_size_list)


def is_list(kind: pa.DataType) -> bool:
    """Whether values of a type are lists."""
    return any(test(kind) for test in _LIST_TYPES)


def entries(lists: pa.Array) -> tuple[np.ndarray, pa.Array]:
    """Takes lists apart.

    Args:
        lists: lists of any kind [N].

    Returns:
        int64 [N], values of each, 0 of a missing one; and the values of all.
    """
    lengths = pc.fill_null(pc.list_value_length(lists), 0)
    if pa.types.is_fixed_size_list(lists.type):
        lists = lists.filter(lists.is_valid())
    return lengths.to_numpy(zero_copy_only=False).astype(np.int64), lists.flatten()


def lists_of(lengths: np.ndarray, values: pa.Array) -> pa.ListArray:
    """Puts lists together: values, so many for each, int [N]."""
    offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int32)
    return pa.ListArray.from_arrays(pa.array(offsets), values)


def places_within(lengths: np.ndarray) -> np.ndarray:
    """The place of each entry in its history, int64 [H], from 0."""
    starts = np.cumsum(lengths) - lengths
    return np.arange(int(lengths.sum())) - np.repeat(starts, lengths)


def unequal_values(values: pa.Array, above: np.ndarray, below: np.ndarray) -> np.ndarray:
    """Whether values differ from others of one array.

    Args:
        values: numbers, texts, times or lists of them; of records and maps, none equals another.
        above: int64 [M], places of values.
        below: int64 [M], places of those that they are compared with.

    Returns:
        bool [M]; two missing values are equal, and so are two NaNs.
    """
    if is_list(values.type):
        lengths, flat = entries(values)
        starts = np.cumsum(lengths) - lengths
        found = lengths[above] != lengths[below]
        same = np.flatnonzero(~found)
        counts = lengths[above[same]]
        within = places_within(counts)
        pairs = (np.repeat(starts[rows[same]], counts) + within for rows in (above, below))
        apart = unequal_values(flat, *pairs)
        found[np.repeat(same, counts)[apart]] = True
        return found
    if pa.types.is_dictionary(values.type):
        values = values.dictionary_decode()
    one, other = (values.take(pa.array(places)) for places in (above, below))
    if pa.types.is_null(values.type):
        return np.zeros(len(above), bool)
    if pa.types.is_nested(values.type):
        return np.ones(len(above), bool)
    unequal = pc.fill_null(pc.not_equal(one, other), False)
    unequal = pc.or_(unequal, pc.xor(one.is_null(), other.is_null()))
    found = unequal.to_numpy(zero_copy_only=False)
    if pa.types.is_floating(values.type):
        found = found & ~(_no_number(one) & _no_number(other))
    return found


def _no_number(values: pa.Array) -> np.ndarray:
    return np.isnan(values.to_numpy(zero_copy_only=False))
