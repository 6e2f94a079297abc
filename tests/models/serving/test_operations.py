"""How much there is to do for an answer, which is what a short list's answer takes its time for."""

from typing import Any

import pytest

# What computes nothing.
IDLE = {"Const", "Placeholder", "Identity", "IdentityN", "NoOp", "StatefulPartitionedCall"}


def operations(signature: Any) -> list[str]:
    """Operations of the exported graph, those of all branches included."""
    graph = signature.graph.as_graph_def()
    bodies = [graph.node, *(function.node_def for function in graph.library.function)]
    return [node.op for body in bodies for node in body if node.op not in IDLE]


# A few more than there are. What grows with the number of features grows for all of them here.
@pytest.mark.parametrize(("signature", "most"), [("serving_default", 370), ("serve_examples", 615)])
def test_exported_graphs_have_few_operations(exported: Any, signature: str, most: int) -> None:
    assert len(operations(exported.signatures[signature])) <= most


def test_nothing_is_read_or_computed_again_that_follows_from_the_weights(exported: Any) -> None:
    for signature in exported.signatures.values():
        found = operations(signature)
        assert not {"ReadVariableOp", "VarHandleOp"} & set(found)


def test_one_list_alone_needs_no_segments(exported: Any) -> None:
    found = set(operations(exported.signatures["serving_default"]))
    assert not {name for name in found if "Segment" in name or "Ragged" in name} - {"RaggedRange"}
