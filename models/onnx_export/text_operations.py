"""Operations on texts, of which ONNX has tables alone."""

from collections.abc import Callable, Mapping
from typing import Any

from onnx import TensorProto, helper

from data.artifacts.vocabulary_files import ESCAPES
from models.onnx_export.place import Place


def compare_texts(place: Place) -> None:
    """Whether texts are equal to a constant one, or not.

    Args:
        place: of a comparison.

    Raises:
        ValueError: neither side is one constant text.
    """
    inputs = place.node.inputs
    number = next((n for n, given in enumerate(inputs) if given.is_const()), None)
    if number is None or inputs[number].get_tensor_value(as_list=False).size != 1:
        raise ValueError(f"{place.node.type}: expected a comparison with one constant text")
    text = inputs[number].get_tensor_value(as_list=False).reshape(-1)[0]
    text = text if isinstance(text, bytes) else str(text).encode()
    found = place.add_label_encoder(place.node.input[1 - number], {text: 1})
    equal = place.cast(found, TensorProto.BOOL)
    place.become(equal if place.node.type == "TextEqual" else place.add("Not", equal))


def mark_text_comparisons(graph: Any, nodes: list[Any]) -> list[Any]:
    """A rewriter of tf2onnx: comparisons of texts become operations of a name of their own.

    Args:
        graph: the graph.
        nodes: its nodes.

    Returns:
        The nodes.
    """
    for node in nodes:
        if (
            node.type in ("Equal", "NotEqual")
            and graph.get_dtype(node.input[0]) == TensorProto.STRING
        ):
            node.type = f"Text{node.type}"
    return nodes


def escape(place: Place) -> None:
    """Leaves texts as they are: the tables of the converted graph hold values without escapes.

    Args:
        place: of an operation that replaces what a pattern matches.

    Raises:
        ValueError: it is none of the escapes of vocabularies.
    """
    rewrites = {line.replace(b"\\", b"\\\\") for _, line in ESCAPES}
    rewrite = place.node.get_attr_value("rewrite")
    if rewrite not in rewrites:
        raise ValueError(f"StaticRegexReplace: expected an escape of seqmd's, found {rewrite!r}")
    place.become(place.node.input[0])


def bucket(buckets: Mapping[int, Mapping[bytes, int]]) -> Callable[[Place], None]:
    """Buckets of unknown texts; a hash of a text has no form in ONNX, a table has.

    Args:
        buckets: by number of buckets, the bucket of each text that can be an unknown one.

    Returns:
        The conversion.
    """

    def convert(place: Place) -> None:
        number = place.node.get_attr_int("num_buckets")
        if number == 1:
            zero = helper.make_tensor("zero", TensorProto.INT64, [1], [0])
            shape = place.add("Shape", place.node.input[0])
            place.become(place.add("ConstantOfShape", shape, value=zero))
        elif number in buckets:
            place.become(place.add_label_encoder(place.node.input[0], buckets[number]))
        else:
            raise ValueError("StringToHashBucketFast: ONNX has no hash of texts; try --ids")

    return convert
