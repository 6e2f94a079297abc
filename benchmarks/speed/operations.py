"""How many operations an answer takes, counted while TensorFlow answers as a server has it do."""

from collections.abc import Mapping

import numpy as np
import tensorflow as tf

# They compute nothing: what is given and handed on, constants, tables, and calls of functions
# whose operations are counted themselves.
_IDLE = {
    *("Const", "_Arg", "_Retval", "Identity", "IdentityN", "NoOp", "HashTableV2"),
    *("PartitionedCall", "StatefulPartitionedCall"),
}


def operations(folder: str, signature: str, inputs: Mapping[str, np.ndarray]) -> dict[str, int]:
    """Counts what a session starts for one answer, after TensorFlow has optimised the graph.

    Args:
        folder: a SavedModel.
        signature: the name of a signature.
        inputs: its inputs by name.

    Returns:
        `operations`: those that compute something; `nodes`: with constants, arguments, answers and
        whatever else passes values on.
    """
    v1 = tf.compat.v1
    told = v1.RunMetadata()
    with v1.Graph().as_default(), v1.Session() as session:
        loaded = v1.saved_model.load(session, ["serve"], folder).signature_def[signature]
        given = {loaded.inputs[name].name: value for name, value in inputs.items()}
        answers = [output.name for output in loaded.outputs.values()]
        traced = v1.RunOptions(trace_level=v1.RunOptions.FULL_TRACE)
        session.run(answers, given, options=traced, run_metadata=told)
    kinds = [
        _kind(node.timeline_label)
        for device in told.step_stats.dev_stats
        for node in device.node_stats
    ]
    return {"operations": sum(kind not in _IDLE for kind in kinds), "nodes": len(kinds)}


def _kind(label: str) -> str:
    """The operation in `[allocated] name = Operation(inputs)`."""
    return label.split(" = ")[-1].split("(")[0]
