"""The logs that a run reads and the folders that it writes."""

import datetime
from dataclasses import dataclass
from pathlib import Path

from data.errors import InputError


@dataclass(frozen=True)
class Inputs:
    """What a run reads: paths and patterns, and the dates of partitioned folders.

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


@dataclass(frozen=True)
class Folders:
    """The folders that nodes read and write, on a disk or in an object store.

    Attributes:
        output: path or URI (`gs://...`, `s3://...`) of the output folder.
        root: folder or URI of TFX's artifacts, where they are not in the output folder.
    """

    output: str
    root: str | None = None

    @property
    def pipeline_root(self) -> str:
        """TFX's artifacts, a folder a node."""
        return self.root or f"{self.output}/pipeline"

    @property
    def serving_model(self) -> str:
        """Pushed models, one folder a version, as TF Serving watches them."""
        return f"{self.output}/serving_model"

    @property
    def checkpoints(self) -> str:
        """Checkpoints that an interrupted training resumes from."""
        return f"{self.output}/checkpoints"


@dataclass(frozen=True)
class Locations:
    """Paths in the output folder of a run on this machine.

    Attributes:
        output: the output folder.
        root: folder or URI of TFX's artifacts, where they are not in the output folder.
    """

    output: Path
    root: str | None = None

    @property
    def folders(self) -> Folders:
        """What the nodes read and write."""
        return Folders(str(self.output), self.root)

    @property
    def metadata(self) -> Path:
        """ML Metadata's SQLite file: every run, its inputs and its outputs."""
        return self.output / "metadata.sqlite"

    @property
    def simulated_logs(self) -> Path:
        """Logs of the simulated marketplace."""
        return self.output / "simulated_logs"

    @property
    def log(self) -> Path:
        """Log of the libraries."""
        return self.output / "seqmd.log"

    @property
    def summary(self) -> Path:
        """The run's result for machines."""
        return self.output / "summary.json"

    @property
    def report(self) -> Path:
        """The run's result for people."""
        return self.output / "report.html"


def definition_beside(folder: Path) -> Path:
    """The YAML file beside a folder, of the same name.

    Args:
        folder: as `--output` names it.

    Returns:
        The file.

    Raises:
        InputError: the folder is given without its name, such as `.` or `..`.
    """
    if folder.name in ("", ".."):
        raise InputError(f"--output: expected a folder by its name, found {str(folder)!r}")
    return folder.with_name(f"{folder.name}.yaml")
