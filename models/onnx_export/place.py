"""A node of TensorFlow in a graph of tf2onnx, and nodes of ONNX in its place."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from tf2onnx import utils

# The domain of operators on texts.
_ML = "ai.onnx.ml"


class Place:
    """A node of TensorFlow in a graph of tf2onnx, where nodes of ONNX come to stand.

    Attributes:
        node: the node.
        graph: its graph.
    """

    def __init__(self, graph: Any, node: Any) -> None:
        self.graph = graph
        self.node = node

    def add(self, operation: str, *inputs: str, **attributes: Any) -> str:
        """Adds a node of ONNX; gives the name of its output."""
        return self._add(operation, inputs, attributes)

    def add_label_encoder(self, texts: str, values: Mapping[bytes, int]) -> str:
        """The number of each text, int64; 0 for any other text."""
        attributes = {
            "keys_strings": list(values),
            "values_int64s": list(values.values()),
            "default_int64": 0,
        }
        return self._add("LabelEncoder", (texts,), attributes, domain=_ML)

    def cast(self, values: str, to: int) -> str:
        """Casts values to a type of `TensorProto`."""
        return self.add("Cast", values, to=to)

    def constant(self, value: Any) -> str:
        """Adds a constant, of the type that NumPy gives it."""
        return self.graph.make_const(utils.make_name("constant"), np.asarray(value)).output[0]

    def become(self, *values: str) -> None:
        """Takes the node out: whoever read its outputs reads these values."""
        graph, outputs = self.graph, list(self.node.output)
        kinds = [(graph.get_shape(name), graph.get_dtype(name)) for name in outputs]
        graph.remove_node(self.node.name)
        for name, value, (shape, dtype) in zip(outputs, values, kinds, strict=True):
            graph.make_node(
                "Identity",
                [value],
                outputs=[name],
                name=utils.make_name("identity"),
                shapes=[shape],
                dtypes=[dtype],
            )

    @property
    def dtype(self) -> int:
        """Type of the node's output."""
        return self.graph.get_dtype(self.node.output[0])

    @property
    def number_type(self) -> np.dtype:
        """NumPy's name of that type."""
        return np.dtype(utils.map_onnx_to_numpy_type(self.dtype))

    def _add(
        self, operation: str, inputs: tuple[str, ...], attributes: dict[str, Any], domain: str = ""
    ) -> str:
        name = utils.make_name(operation)
        made = self.graph.make_node(operation, list(inputs), attributes, name=name, domain=domain)
        return made.output[0]
