"""Vectors of fixed length, as embeddings come."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from data.rows.numbers import as_float32, as_numbers
from data.rows.raw import RawColumn

_SEPARATORS = r"[,;|\s]+"
_LIST_TYPES = (pa.types.is_list, pa.types.is_large_list, pa.types.is_fixed_size_list)


def as_vectors(column: RawColumn, length: int) -> tuple[pa.Array, np.ndarray, pa.Array]:
    """Turns lists of numbers into vectors.

    Args:
        column: lists of numbers, or text such as `0.1 0.2` or `[0.1, 0.2]` [N].
        length: numbers in a vector.

    Returns:
        Vectors of float32 [N], of NaN where the vector is missing; bool [N], values that are no
        such vector; and what was found, as text [N].

    Raises:
        InputError: a column of this type holds no lists of numbers.
    """
    lists = _lists(column)
    lengths = pc.fill_null(pc.list_value_length(lists), 0).to_numpy(zero_copy_only=False)
    elements = RawColumn(lists.flatten(), column.name, column.field, column.file)
    numbers, no_number = as_numbers(elements)
    present = lists.is_valid().to_numpy(zero_copy_only=False)
    with_words = np.zeros(len(lists), bool)
    with_words[np.repeat(np.arange(len(lists)), lengths)[no_number]] = True
    wrong = (present & (lengths != length)) | with_words
    vectors = np.full((len(lists), length), np.nan, np.float32)
    fitting = present & (lengths == length)
    vectors[fitting] = as_float32(numbers)[np.repeat(fitting, lengths)].reshape(-1, length)
    values = pa.FixedSizeListArray.from_arrays(pa.array(vectors.ravel()), length)
    return values, wrong, _found(lengths, with_words)


def _lists(column: RawColumn) -> pa.Array:
    kind = column.values.type
    if pa.types.is_string(kind):
        inner = pc.utf8_trim(column.values, characters="[](){} \t\r\n,")
        return pc.split_pattern_regex(inner, _SEPARATORS)
    if pa.types.is_null(kind):
        return column.values.cast(pa.list_(pa.float32()))
    if any(test(kind) for test in _LIST_TYPES):
        return column.values
    raise column.wrong_type("lists of numbers")


def _found(lengths: np.ndarray, with_words: np.ndarray) -> pa.Array:
    numbers = pc.binary_join_element_wise(pa.array(lengths).cast(pa.string()), "numbers", " ")
    return pc.if_else(pa.array(with_words), "words", numbers)
