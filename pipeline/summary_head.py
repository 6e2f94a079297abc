"""The head of summary.json: what every run writes in it, however it ends."""

import json
from pathlib import Path
from typing import Literal

from pydantic import ConfigDict, ValidationError
from typing_extensions import Self

from data.definition.base import Definition
from data.errors import InputError, describe
from data.files import write_whole
from pipeline.config import RunConfig
from pipeline.failures import told


class DatasetName(Definition):
    """What a dataset is called."""

    name: str
    description: str = ""

    @classmethod
    def of(cls, config: RunConfig) -> "DatasetName":
        """The name and the description in a definition."""
        return cls(name=config.dataset.name, description=config.dataset.description)


class SummaryHead(Definition):
    """What every summary holds; fields of other versions are left out.

    Attributes:
        version: of this format.
        status: how the run ended.
        dataset: whose logs were read.
    """

    model_config = ConfigDict(extra="ignore")

    version: Literal[1] = 1
    status: Literal["complete", "failed"]
    dataset: DatasetName

    @classmethod
    def load(cls, path: Path) -> Self:
        """Reads a summary.

        Raises:
            InputError: the file is no summary of a run.
        """
        try:
            return cls.model_validate(json.loads(path.read_text(encoding="utf-8")))
        except ValidationError as error:
            raise InputError(describe(error, str(path))) from None
        except ValueError as error:
            raise InputError(f"{path}: expected JSON, found: {error}") from None

    def save(self, path: Path) -> None:
        """Writes the summary so that no reader ever sees half of it."""
        text = json.dumps(self.model_dump(mode="json"), indent=2, ensure_ascii=False)
        write_whole(path, f"{text}\n")


class FailedSummary(SummaryHead):
    """The summary of a run that ended in an error, which it tells in one line."""

    status: Literal["failed"] = "failed"
    error: str


def write_failure(config: RunConfig, error: BaseException, path: Path) -> None:
    """Writes that a run ended in an error, in place of an older run's summary.

    Args:
        config: the run's configuration.
        error: the error.
        path: the file; on a full disk there is none afterwards, rather than an older one.
    """
    try:
        FailedSummary(dataset=DatasetName.of(config), error=told(error)).save(path)
    except OSError:
        path.unlink(missing_ok=True)
