"""A signature of an exported model as a graph without variables, and with its tables beside it."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import tensorflow as tf
from tensorflow.python.framework.convert_to_constants import convert_variables_to_constants_v2
from tf2onnx import tf_loader

from data.artifacts.vocabulary_files import unescaped

_LOOKUPS = ("LookupTableFindV2", "LookupTableSizeV2")

# Keys and values of a table, [V] each.
Table = tuple[np.ndarray, np.ndarray]


@dataclass(frozen=True)
class FrozenGraph:
    """A graph from plain tensors to plain tensors.

    Attributes:
        graph: a GraphDef; its tables are nodes `HashTableV2`.
        inputs: names of arguments by the names of tensors.
        outputs: names of answers by the names of tensors.
        tables: content of the tables by their `shared_name`.
    """

    graph: Any
    inputs: dict[str, str]
    outputs: dict[str, str]
    tables: dict[bytes, Table]


def freeze(signature: Any) -> FrozenGraph:
    """Makes constants of a signature's variables, and folds what follows from constants.

    Args:
        signature: a signature of a loaded SavedModel.

    Returns:
        The graph.
    """
    frozen = convert_variables_to_constants_v2(
        signature, lower_control_flow=False, aggressive_inlining=True
    )
    given = [one.name for one in frozen.inputs if one.dtype != tf.resource]
    resources = [one.name for one in frozen.inputs if one.dtype == tf.resource]
    answers = [one.name for one in frozen.outputs]
    graph = _folded(frozen.graph.as_graph_def(add_shapes=True), given + resources, answers)
    captured = signature.captured_inputs
    placeholders = signature.inputs[len(signature.inputs) - len(captured) :]
    handles = {_node(one.name): handle for one, handle in zip(placeholders, captured, strict=True)}
    tables = _tables(graph, handles)
    names = sorted(signature.structured_outputs)
    return FrozenGraph(
        graph,
        {name: _node(name) for name in given},
        dict(zip(answers, names, strict=True)),
        tables,
    )


def _folded(graph: Any, inputs: list[str], outputs: list[str]) -> Any:
    with tf.Graph().as_default():
        tf.import_graph_def(graph, name="")
        return tf_loader.tf_optimize(inputs, outputs, graph)


def _tables(graph: Any, handles: dict[str, Any]) -> dict[bytes, Table]:
    """Makes nodes of the tables that the graph looks into, in place, and reads what they hold."""
    nodes = {node.name: node for node in graph.node}
    tables: dict[bytes, Table] = {}
    for node in [*graph.node, *(node for f in graph.library.function for node in f.node_def)]:
        if node.op not in _LOOKUPS:
            continue
        name = _node(node.input[0])
        while nodes[name].op == "Identity":
            name = _node(nodes[name].input[0])
        node.input[0] = name
        if name.encode() not in tables:
            tables[name.encode()] = _content(handles[name])
            _make_table(nodes[name])
    return tables


def _content(handle: Any) -> Table:
    keys, values = tf.raw_ops.LookupTableExportV2(
        table_handle=handle, Tkeys=tf.string, Tvalues=tf.int64
    )
    plain = [unescaped(key) for key in keys.numpy().tolist()]
    return np.array(plain, object), values.numpy()


def _make_table(node: Any) -> None:
    node.op = "HashTableV2"
    for name in list(node.attr):
        del node.attr[name]
    node.attr["shared_name"].s = node.name.encode()
    node.attr["container"].s = b""
    node.attr["use_node_name_sharing"].b = False
    node.attr["key_dtype"].type = tf.string.as_datatype_enum
    node.attr["value_dtype"].type = tf.int64.as_datatype_enum


def _node(tensor: str) -> str:
    """Name of the node that puts a tensor out."""
    return tensor.removeprefix("^").split(":")[0]
