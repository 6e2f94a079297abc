"""Operations of TensorFlow that tf2onnx lacks, or that onnxruntime lacks a kernel for."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from onnx import TensorProto
from tf2onnx import utils

from models.onnx_export.place import Place
from models.onnx_export.text_operations import bucket, compare_texts, escape

_MANTISSA_BITS, _LOWEST_EXPONENT, _HIGHEST_EXPONENT = 23, -126, 127
_INFINITY_BITS, _NAN_BITS = 0x7F800000, 0x7FC00000


def _log1p(place: Place) -> None:
    """log(1 + x), in 64 bits, which lose nothing of a small x of 32."""
    values = place.cast(place.node.input[0], TensorProto.DOUBLE)
    sums = place.add("Add", values, place.constant(np.float64(1.0)))
    place.become(place.cast(place.add("Log", sums), place.dtype))


def _expm1(place: Place) -> None:
    """exp(x) - 1, in 64 bits."""
    values = place.cast(place.node.input[0], TensorProto.DOUBLE)
    less_one = place.add("Sub", place.add("Exp", values), place.constant(np.float64(1.0)))
    place.become(place.cast(less_one, place.dtype))


def _select(place: Place) -> None:
    """Chosen, not mixed by products with 0 and 1, through which NaN goes."""
    place.become(place.add("Where", *place.node.input))


def _divide_no_nan(place: Place) -> None:
    """X / y, and 0 where y is 0."""
    over, under = place.node.input
    zero = place.constant(place.number_type.type(0))
    none = place.add("Equal", under, zero)
    place.become(place.add("Where", none, zero, place.add("Div", over, under)))


def _segments(reduction: str, start: Callable[[np.dtype], Any]) -> Callable[[Place], None]:
    """Sums, or least or largest values, of the rows of a segment: scattered in one operation."""

    def convert(place: Place) -> None:
        rows, segments, number = place.node.input
        rank = place.graph.get_rank(segments)
        if rank not in (1, None):
            raise ValueError(f"{place.node.type}: expected segments of rows, found rank {rank}")
        places = place.add(
            "Reshape", place.cast(segments, TensorProto.INT64), place.constant(np.array([-1, 1]))
        )
        first = place.add("Reshape", number, place.constant(np.array([1])))
        first = place.cast(first, TensorProto.INT64)
        shape = place.add("Shape", rows, start=1)
        shape = place.add("Concat", first, shape, axis=0)
        empty = place.add("Expand", place.constant(start(place.number_type)), shape)
        place.become(place.add("ScatterND", empty, places, rows, reduction=reduction))

    return convert


def _largest(number: np.dtype) -> Any:
    return number.type(np.finfo(number).max if number.kind == "f" else np.iinfo(number).max)


def _bound(comparison: str) -> Callable[[Place], None]:
    """Where values [F, N] belong among ascending ones [F, K]: how many of these compare so."""

    def convert(place: Place) -> None:
        ascending = place.add("Unsqueeze", place.node.input[0], place.constant(np.array([1])))
        values = place.add("Unsqueeze", place.node.input[1], place.constant(np.array([2])))
        below = place.cast(place.add(comparison, ascending, values), TensorProto.INT64)
        counts = place.add("ReduceSum", below, place.constant(np.array([2])), keepdims=0)
        place.become(place.cast(counts, place.dtype))

    return convert


def _shapes(place: Place) -> None:
    """The shape of each input."""
    shapes = [place.cast(place.add("Shape", given), place.dtype) for given in place.node.input]
    place.become(*shapes)


def _ranges(place: Place) -> None:
    """Ranges of integers one after the other, in passes over the result.

    tf2onnx pads every range to the longest.
    """
    starts, limits, steps = (place.cast(given, TensorProto.INT64) for given in place.node.input)
    # The quotient, rounded up.
    apart = place.add("Sub", starts, limits)
    whole = place.add("Div", place.add("Sub", apart, place.add("Mod", apart, steps)), steps)
    sizes = place.add("Max", place.add("Neg", whole), place.constant(np.array([0])))
    ends = place.add("CumSum", sizes, place.constant(np.int64(0)))
    ends = place.add("Concat", place.constant(np.array([0])), ends, axis=0)
    total = place.add("Gather", ends, place.constant(np.int64(-1)))
    firsts = place.add("Slice", ends, place.constant(np.array([0])), place.constant(np.array([-1])))
    count = place.add("Range", place.constant(np.int64(0)), total, place.constant(np.int64(1)))
    row = _row_of_each(place, firsts, total)
    shape = place.add("Shape", sizes)
    starts, steps = (place.add("Expand", one, shape) for one in (starts, steps))
    first, start, step = (place.add("Gather", one, row) for one in (firsts, starts, steps))
    values = place.add("Add", start, place.add("Mul", place.add("Sub", count, first), step))
    splits, flat = (place.graph.get_dtype(output) for output in place.node.output)
    place.become(place.cast(ends, splits), place.cast(values, flat))


def _row_of_each(place: Place, firsts: str, total: str) -> str:
    """The row that each of so many values belongs to, by the first value of each row."""
    one = place.constant(np.array([1]))
    # Empty rows at the end begin behind the last value.
    room = place.add("Add", place.add("Reshape", total, one), one)
    begun = place.add("Expand", place.constant(np.array([0])), room)
    marks = place.add("Expand", one, place.add("Shape", firsts))
    begun = place.add("ScatterElements", begun, firsts, marks, axis=0, reduction="add")
    row = place.add("CumSum", begun, place.constant(np.int64(0)))
    row = place.add("Slice", row, place.constant(np.array([0])), place.constant(np.array([-1])))
    return place.add("Sub", row, one)


def _largest_first(place: Place) -> None:
    """Without tf2onnx's way over 32-bit floats, in which 64-bit integers fall together."""
    values, number = place.node.input
    number = place.add("Reshape", number, place.constant(np.array([1])))
    number = place.cast(number, TensorProto.INT64)
    name = utils.make_name("TopK")
    made = place.graph.make_node("TopK", [values, number], {"axis": -1}, 2, name=name)
    places = place.graph.get_dtype(place.node.output[1])
    place.become(made.output[0], place.cast(made.output[1], places))


def _shift(place: Place) -> None:
    """Shifts of signed integers, as products and as quotients that are rounded down."""
    bits = place.node.inputs[1].get_tensor_value(as_list=False)
    values = place.cast(place.node.input[0], TensorProto.INT64)
    factor = place.constant(np.int64(1) << np.asarray(bits, np.int64))
    if place.node.type == "LeftShift":
        shifted = place.add("Mul", values, factor)
    else:
        multiples = place.add("Sub", values, place.add("Mod", values, factor))
        shifted = place.add("Div", multiples, factor)
    place.become(place.cast(shifted, place.dtype))


def _bitcast(place: Place) -> None:
    """The bits of 32-bit floats as integers: sign, exponent, mantissa.

    Of |x| = (1 + m / 2^23) 2^e they are (e + 127) 2^23 + m, and below 2^-126, where
    |x| = (m / 2^23) 2^-126, they are m. Powers of two divide without an error.
    """
    values = place.node.input[0]
    found = place.graph.get_dtype(values), place.dtype
    if found != (TensorProto.FLOAT, TensorProto.INT32):
        raise ValueError(f"Bitcast: expected float to int32, found types {found}")
    infinite, unknown = place.add("IsInf", values), place.add("IsNaN", values)
    size = place.cast(place.add("Abs", values), TensorProto.DOUBLE)
    size = place.add("Where", infinite, place.constant(np.float64(1.0)), size)
    size = place.add("Where", unknown, place.constant(np.float64(1.0)), size)
    exponent, power = _exponent(place, size)
    mantissa = place.add("Div", size, power)
    mantissa = place.add("Mul", mantissa, place.constant(np.float64(2**_MANTISSA_BITS)))
    # The leading 1 of the mantissa is a unit of the exponent.
    steps = place.add("Sub", exponent, place.constant(np.int64(_LOWEST_EXPONENT)))
    steps = place.add("Mul", steps, place.constant(np.int64(2**_MANTISSA_BITS)))
    bits = place.add("Add", steps, place.cast(mantissa, TensorProto.INT64))
    bits = place.add("Where", infinite, place.constant(np.int64(_INFINITY_BITS)), bits)
    bits = place.add("Where", unknown, place.constant(np.int64(_NAN_BITS)), bits)
    zero = place.constant(np.float32(0.0))
    # Minus zero shows in its reciprocal alone.
    below_zero = place.add("Less", place.add("Reciprocal", values), zero)
    negative = place.add("Or", place.add("Less", values, zero), below_zero)
    signed = place.add("Sub", bits, place.constant(np.int64(2**31)))
    place.become(place.cast(place.add("Where", negative, signed, bits), TensorProto.INT32))


def _exponent(place: Place, size: str) -> tuple[str, str]:
    """The largest e, from -126 on, with 2^e <= size, and 2^e; the logarithm may be off by one."""
    first = _LOWEST_EXPONENT - 1
    powers = place.constant(2.0 ** np.arange(first, _HIGHEST_EXPONENT + 2))

    def power_of(exponent: str) -> str:
        at = place.add("Sub", exponent, place.constant(np.int64(first)))
        return place.add("Gather", powers, at)

    size = place.add("Max", size, place.constant(2.0**_LOWEST_EXPONENT))
    logarithm = place.add("Div", place.add("Log", size), place.constant(np.log(2.0)))
    guess = place.cast(place.add("Floor", logarithm), TensorProto.INT64)
    power = power_of(guess)
    twice = place.add("Mul", power, place.constant(np.float64(2.0)))
    more = place.cast(place.add("GreaterOrEqual", size, twice), TensorProto.INT64)
    less = place.cast(place.add("Less", size, power), TensorProto.INT64)
    exponent = place.add("Sub", place.add("Add", guess, more), less)
    return exponent, power_of(exponent)


def handlers(buckets: Mapping[int, Mapping[bytes, int]]) -> dict[str, Any]:
    """The operations as `custom_op_handlers` of tf2onnx takes them.

    Args:
        buckets: by number of buckets, the bucket of each text that can be an unknown one.

    Returns:
        Functions by the name of the operation.
    """
    converted = {
        "Log1p": _log1p,
        "Expm1": _expm1,
        "SelectV2": _select,
        "DivNoNan": _divide_no_nan,
        "UnsortedSegmentSum": _segments("add", lambda number: number.type(0)),
        "UnsortedSegmentMin": _segments("min", _largest),
        "UnsortedSegmentMax": _segments("max", lambda number: -_largest(number)),
        "UpperBound": _bound("LessOrEqual"),
        "LowerBound": _bound("Less"),
        "RaggedRange": _ranges,
        "ShapeN": _shapes,
        "TopKV2": _largest_first,
        "LeftShift": _shift,
        "RightShift": _shift,
        "Bitcast": _bitcast,
        "TextEqual": compare_texts,
        "TextNotEqual": compare_texts,
        "StaticRegexReplace": escape,
        "StringToHashBucketFast": bucket(buckets),
    }
    return {name: (_at_place(function), []) for name, function in converted.items()}


def _at_place(function: Callable[[Place], None]) -> Callable[..., None]:
    def convert(graph: Any, node: Any, name: str, arguments: list[Any]) -> None:
        function(Place(graph, node))

    return convert
