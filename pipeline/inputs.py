"""What a run starts from."""

import datetime
from dataclasses import dataclass


@dataclass(frozen=True)
class Inputs:
    """Paths and patterns, and the dates that are read of partitioned folders.

    Attributes:
        logs: paths, patterns or folders of the logs.
        evaluation_logs: logs that are evaluated instead of a part of `logs`.
        serving_logs: logs of what was served, which the training logs are compared with.
        start: first date that is read of a Hive-partitioned folder.
        end: last date that is read of a Hive-partitioned folder.
        schema: file of a schema of the user's own, instead of an inferred one.
        warm_start: version of a pushed model whose weights training starts from.
    """

    logs: tuple[str, ...]
    evaluation_logs: tuple[str, ...] = ()
    serving_logs: tuple[str, ...] = ()
    start: datetime.date | None = None
    end: datetime.date | None = None
    schema: str | None = None
    warm_start: str | None = None
