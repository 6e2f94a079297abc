"""Functions whose weights have become constants, for a server that only answers."""

from collections.abc import Callable

import tensorflow as tf
from tensorflow.python.framework.convert_to_constants import convert_variables_to_constants_v2

Outputs = dict[str, tf.Tensor]


def frozen(
    function: Callable[..., Outputs], **inputs: tf.TensorSpec
) -> tf.types.experimental.ConcreteFunction:
    """Traces a function once, with all that it calls in one graph and its weights as constants.

    What follows from the weights alone, such as a transposed kernel, is then computed once, and no
    variable is read for an answer. Tables of vocabularies stay what they are.

    Args:
        function: from tensors by name to tensors by name.
        inputs: their specs.

    Returns:
        The traced function, with the same names.
    """
    traced = tf.function(function, autograph=False).get_concrete_function(**inputs)
    constant = convert_variables_to_constants_v2(traced, lower_control_flow=False)
    names = sorted(traced.structured_outputs)
    order = [tensor.name.split(":")[0] for tensor in traced.inputs[: len(inputs)]]
    kept = {tensor.name for tensor in constant.inputs}
    tables = [outer for outer, inner in traced.graph.captures if inner.name in kept]

    def answer(**given: tf.Tensor) -> Outputs:
        found = constant(*(given[name] for name in order), *tables)
        return dict(zip(names, found, strict=True))

    return tf.function(answer, autograph=False).get_concrete_function(**inputs)
