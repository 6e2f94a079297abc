"""Arrow's types, nested ones field by field: one for the values of two, and values in it."""

import numpy as np
import pyarrow as pa

from data.arrow_lists import entries, is_list
from data.rows.raw import RawColumn
from data.rows.text import as_text

_UNITS = ("s", "ms", "us", "ns")


def common_type(
    one: pa.DataType, other: pa.DataType, only_text: bool = False
) -> pa.DataType | None:
    """Finds a type that holds the values of two.

    Records have the fields of both. Whole numbers become floats where the others are such, and
    times get the finer unit; other values that differ in type become text, as ids do.

    Args:
        one: a type.
        other: another one.
        only_text: whether numbers and times that differ in type become text as well.

    Returns:
        The type; None where one is nested and the other is not, or is nested otherwise.
    """
    one, other = _decoded(one), _decoded(other)
    if one == other or pa.types.is_null(other):
        return one
    if pa.types.is_null(one):
        return other
    if is_list(one) and is_list(other):
        inner = common_type(one.value_type, other.value_type, only_text)
        return None if inner is None else pa.list_(inner)
    if pa.types.is_struct(one) and pa.types.is_struct(other):
        return _common_record(one, other, only_text)
    if pa.types.is_nested(one) or pa.types.is_nested(other):
        return None
    return pa.string() if only_text else _common_value(one, other)


def as_type(values: pa.Array, kind: pa.DataType) -> pa.Array:
    """Brings values into a type that `common_type` has found, or another one of that shape.

    Args:
        values: values of any type [N].
        kind: the type; a field that the values lack is missing.

    Returns:
        The values [N].

    Raises:
        pa.ArrowInvalid: a number or a time does not fit into the type.
        InputError: a value has no text.
    """
    if values.type == kind:
        return values
    if pa.types.is_dictionary(values.type):
        return as_type(values.dictionary_decode(), kind)
    if pa.types.is_null(values.type):
        return pa.nulls(len(values), kind)
    if is_list(kind):
        lengths, inner = entries(values)
        offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int32)
        missing = np.append(values.is_null().to_numpy(zero_copy_only=False), False)
        starts = pa.array(offsets, mask=missing)
        return pa.ListArray.from_arrays(starts, as_type(inner, kind.value_type))
    if pa.types.is_struct(kind):
        own = dict(zip((field.name for field in values.type), values.flatten(), strict=True))
        absent = pa.nulls(len(values))
        fields = [as_type(own.get(field.name, absent), field.type) for field in kind]
        return pa.StructArray.from_arrays(fields, fields=list(kind), mask=values.is_null())
    if pa.types.is_string(kind):
        return as_text(RawColumn(values, "", "", ""))
    return values.cast(kind)


def _decoded(kind: pa.DataType) -> pa.DataType:
    return kind.value_type if pa.types.is_dictionary(kind) else kind


def _common_record(one: pa.DataType, other: pa.DataType, only_text: bool) -> pa.DataType | None:
    ours, theirs = ({field.name: field.type for field in kind} for kind in (one, other))
    absent = pa.null()
    fields = {
        name: common_type(ours.get(name, absent), theirs.get(name, absent), only_text)
        for name in (*ours, *(name for name in theirs if name not in ours))
    }
    return None if None in fields.values() else pa.struct(list(fields.items()))


def _common_value(one: pa.DataType, other: pa.DataType) -> pa.DataType:
    both = (one, other)
    if all(pa.types.is_integer(kind) for kind in both):
        return pa.int64()
    if all(pa.types.is_integer(kind) or pa.types.is_floating(kind) for kind in both):
        return pa.float64()
    # A local time is one of a zone only by what the definition says.
    if all(pa.types.is_timestamp(kind) for kind in both) and bool(one.tz) == bool(other.tz):
        finer = max(one.unit, other.unit, key=_UNITS.index)
        return pa.timestamp(finer, one.tz if one.tz == other.tz else "UTC")
    return pa.string()
