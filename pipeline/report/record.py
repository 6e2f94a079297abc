"""Records a run while it goes on, so that a run that fails has a report as well."""

import datetime
import time
from dataclasses import dataclass, field

from pipeline.local_runner import Observer
from pipeline.node_result import NodeResult


@dataclass
class RunRecord:
    """Observes the nodes of a run, and passes on what it is told.

    Attributes:
        started: when the run began.
        nodes: results of the nodes that have completed, by their id.
        running: the node that runs, and so the one that failed if there is an error.
        observer: is told as well.
    """

    started: datetime.datetime = field(
        default_factory=lambda: datetime.datetime.now(datetime.timezone.utc)
    )
    nodes: dict[str, NodeResult] = field(default_factory=dict)
    running: str | None = None
    observer: Observer | None = None
    _clock: float = field(default_factory=time.monotonic)

    @property
    def run_id(self) -> str:
        """Names the run in ML Metadata."""
        return self.started.isoformat()

    @property
    def seconds(self) -> float:
        """How long the run has gone on."""
        return time.monotonic() - self._clock

    def node_started(self, node: str) -> None:
        """Remembers which node runs."""
        self.running = node
        if self.observer:
            self.observer.node_started(node)

    def node_finished(self, result: NodeResult) -> None:
        """Keeps the result."""
        self.running = None
        self.nodes[result.node] = result
        if self.observer:
            self.observer.node_finished(result)
