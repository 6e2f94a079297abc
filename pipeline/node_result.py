"""How a node ended, and what it wrote."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Output:
    """An artifact that a node wrote.

    Attributes:
        uri: its folder.
        properties: its custom properties that are text.
    """

    uri: str
    properties: dict[str, str]


@dataclass(frozen=True)
class NodeResult:
    """How a node ended, and what it wrote.

    Attributes:
        node: id of the node.
        seconds: how long it took.
        cached: whether it was answered from the cache.
        outputs: its artifacts by output key.
        peak_memory: largest resident size of the process meanwhile, in bytes; None where unknown.
    """

    node: str
    seconds: float
    cached: bool
    outputs: dict[str, Output] = field(default_factory=dict)
    peak_memory: int | None = None


class NodeFailedError(RuntimeError):
    """A node did not complete, or its inputs did not resolve."""
