"""Functions whose weights have become constants, for a server that only answers."""

import itertools
from collections.abc import Callable

import tensorflow as tf
from tensorflow.python.framework.convert_to_constants import convert_variables_to_constants_v2
from tensorflow.python.grappler import tf_optimizer

# Those of TensorFlow's optimiser that keep to public operations, on whichever machine.
_PASSES = ("pruning", "function", "constfold", "dependency", "common_subgraph_elimination")

Outputs = dict[str, tf.Tensor]


def frozen(
    function: Callable[..., Outputs], /, **inputs: tf.TensorSpec
) -> tf.types.experimental.ConcreteFunction:
    """Traces a function once, with all that it calls in one graph and its weights as constants.

    What follows from the weights alone, such as a transposed kernel, is computed here, and no
    variable is read for an answer. Tables of vocabularies stay what they are.

    Args:
        function: from tensors by name to tensors by name.
        inputs: their specs.

    Returns:
        The traced function, with the same names, as a signature to save.
    """
    traced = tf.function(function, autograph=False).get_concrete_function(**inputs)
    constant = convert_variables_to_constants_v2(traced, lower_control_flow=False)
    graph = _folded(constant)
    names = sorted(traced.structured_outputs)
    of_tables = {inner.name: outer for outer, inner in traced.graph.captures}
    given_names = [tensor.name for tensor in constant.inputs]

    def answer(**given: tf.Tensor) -> Outputs:
        values = [
            of_tables[name] if name in of_tables else given[name.split(":")[0]]
            for name in given_names
        ]
        found = tf.graph_util.import_graph_def(
            graph,
            dict(zip(given_names, map(tf.identity, values), strict=True)),
            [tensor.name for tensor in constant.outputs],
            name="",
        )
        return dict(zip(names, found, strict=True))

    return tf.function(answer, autograph=False).get_concrete_function(**inputs)


def _folded(function: tf.types.experimental.ConcreteFunction) -> tf.compat.v1.GraphDef:
    """The graph of a function without what follows from constants and what is computed twice.

    A server would find the same, but anew each time that it loads the model.
    """
    config = tf.compat.v1.ConfigProto()
    rewriting = config.graph_options.rewrite_options
    rewriting.min_graph_nodes = -1
    rewriting.optimizers.extend(_PASSES)
    meta = tf.compat.v1.MetaGraphDef(graph_def=function.graph.as_graph_def())
    ends = [tensor.name for tensor in (*function.inputs, *function.outputs)]
    meta.collection_def["train_op"].node_list.value.extend(ends)
    return _renamed(tf_optimizer.OptimizeGraph(config, meta))


def _renamed(graph: tf.compat.v1.GraphDef) -> tf.compat.v1.GraphDef:
    """The graph with new names for its branches: TensorFlow knows those of the old ones."""
    new = {one.signature.name: f"{one.signature.name}_folded" for one in graph.library.function}
    for function in graph.library.function:
        function.signature.name = new[function.signature.name]
    bodies = [graph.node, *(function.node_def for function in graph.library.function)]
    for node in itertools.chain(*bodies):
        for value in node.attr.values():
            for called in [value.func] if value.HasField("func") else value.list.func:
                called.name = new.get(called.name, called.name)
    return graph
