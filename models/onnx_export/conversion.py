"""An exported model as a model of ONNX: network and transform graph, for one list."""

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import onnx
import tensorflow as tf
from onnx import AttributeProto, GraphProto, ModelProto
from tf2onnx import tfonnx

from data.artifacts.signature_names import SERVING_DEFAULT
from data.definition.dataset import Dataset
from data.errors import InputError
from models.onnx_export.frozen_graph import freeze
from models.onnx_export.id_inputs import TextIds, bucket, take_ids
from models.onnx_export.operations import handlers
from models.onnx_export.text_operations import mark_text_comparisons

# The newest that tf2onnx knows.
OPSET = 18
_ITEMS = "items"


def convert(signatures: Any, dataset: Dataset, ids: Mapping[str, TextIds]) -> ModelProto:
    """Converts the signature `serving_default`.

    The check that all features have as many values as they must does not come along.

    Args:
        signatures: those of a loaded SavedModel.
        dataset: the features.
        ids: features that the model takes as ids, by name.

    Returns:
        The model: inputs and answers have the names that they have in the signature.

    Raises:
        InputError: a feature is called as an answer is; an operation of the graph cannot be
            converted; it is named.
    """
    frozen = freeze(signatures[SERVING_DEFAULT])
    answers = set(frozen.outputs.values())
    if both := sorted(answers & set(frozen.inputs.values())):
        raise InputError(
            f"--model: expected features that are not called as an answer is, found {both[0]!r},"
            " and ONNX has one name for an input and an output; give the feature another name and"
            f" `column: {both[0]}`, and train again"
        )
    operations = handlers(_buckets(frozen.graph, ids))
    with tf.Graph().as_default() as graph, _silent():
        tf.import_graph_def(frozen.graph, name="")
        try:
            converted = tfonnx.process_tf_graph(
                graph,
                opset=OPSET,
                custom_op_handlers=operations,
                custom_rewriter=[mark_text_comparisons],
                input_names=list(frozen.inputs),
                output_names=list(frozen.outputs),
                initialized_tables=frozen.tables,
                tensors_to_rename={**frozen.inputs, **frozen.outputs},
            )
            model = converted.make_model("a ranker of seqmd")
        # tf2onnx raises whatever its functions meet.
        except Exception as error:
            raise InputError(
                f"--model: expected a graph that ONNX has a form for: {error}"
            ) from error
    if missing := sorted(set(_unknown_operations(model.graph))):
        raise InputError(
            "--model: expected operations that ONNX has a form for, found"
            f" {', '.join(missing)}, which seqmd cannot convert"
        )
    take_ids(model, ids)
    _name_sizes(model, dataset)
    return model


def _buckets(graph: Any, ids: Mapping[str, TextIds]) -> dict[int, dict[bytes, int]]:
    """For each number of buckets in the graph, the bucket of every text that an id stands for."""
    texts = sorted({text for one in ids.values() for text in one.texts})
    numbers = {n.attr["num_buckets"].i for n in graph.node if n.op == "StringToHashBucketFast"}
    return {number: {text: bucket(text, number) for text in texts} for number in numbers if texts}


def _unknown_operations(graph: GraphProto) -> Iterator[str]:
    """Operations that stayed those of TensorFlow, since nothing converts them."""
    for node in graph.node:
        if not onnx.defs.has(node.op_type, node.domain):
            yield node.op_type
        for attribute in node.attribute:
            if attribute.type == AttributeProto.GRAPH:
                yield from _unknown_operations(attribute.g)


def _name_sizes(model: ModelProto, dataset: Dataset) -> None:
    """Items are counted by one name, past actions by another, lists by 1."""
    for given in model.graph.input:
        size = given.type.tensor_type.shape.dim[0]
        follows = dataset.feature(given.name).belongs_to.follows
        if follows:
            size.dim_param = follows
        else:
            size.dim_value = 1
    for answer in model.graph.output:
        shape = answer.type.tensor_type.shape
        del shape.dim[:]
        shape.dim.add().dim_param = _ITEMS


@contextmanager
def _silent() -> Iterator[None]:
    """tf2onnx tells of shapes that it cannot infer, and needs none of them."""
    logger = logging.getLogger("tf2onnx")
    level = logger.level
    logger.setLevel(logging.CRITICAL + 1)
    try:
        yield
    finally:
        logger.setLevel(level)
