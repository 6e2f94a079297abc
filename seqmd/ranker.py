"""A pushed ranker that scores rows."""

import tempfile
from functools import cached_property
from pathlib import Path

import pandas as pd
import pyarrow as pa

from data.artifacts.model_folder import newest_version
from data.artifacts.served_answer import ExportedModel
from data.definition.dataset import Dataset
from data.errors import InputError
from data.files import local_path
from data.loading import definition_of
from pipeline.config import absolute
from pipeline.scored_rows import ScoredRows, score_logs
from seqmd.logs import Logs, on_disk


class Ranker:
    """A version of a pushed model, loaded once.

    Args:
        folder: the version's folder.

    Raises:
        InputError: seqmd did not push it, or it is damaged.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.dataset: Dataset = definition_of(folder)
        self._model = ExportedModel(str(folder))

    @cached_property
    def tasks(self) -> list[str]:
        """Names of the tasks, in their order."""
        return [task.name for task in self.dataset.tasks]

    def score(
        self,
        rows: Logs,
        dataset: str | Path | None = None,
        attributes: str | Path | None = None,
    ) -> pd.DataFrame | pa.Table:
        """Scores rows: labels are not needed.

        Args:
            rows: a DataFrame, an Arrow table, or files, patterns or folders.
            dataset: how to read them; the definition that travels with the model by default.
            attributes: file of the items' attributes, where the definition has `listings`; by
                default the rows have them in columns of their own.

        Returns:
            The rows in their order with `probability_TASK` for each task, `score`, `rank` in the
            list (1 is best), and `not_scored`, the reason where a row could not be scored. A column
            of the rows that has such a name stays, and the new one gets another name. A table for
            a table, else a DataFrame.

        Raises:
            InputError: the rows or the definition are not as the model expects.
        """
        if isinstance(rows, pa.Table):
            return self._scored(rows, dataset, attributes).rows
        if not isinstance(rows, pd.DataFrame):
            return self._scored(rows, dataset, attributes).rows.to_pandas()
        scored = self._scored(rows, dataset, attributes).rows
        added = scored.select(scored.column_names[len(rows.columns) :]).to_pandas()
        return pd.concat([rows, added.set_index(rows.index)], axis=1)

    def _scored(
        self, rows: Logs, dataset: str | Path | None, attributes: str | Path | None
    ) -> ScoredRows:
        definition = None if dataset is None else str(dataset)
        with tempfile.TemporaryDirectory() as folder:
            paths = [absolute(path) for path in on_disk(rows, Path(folder))]
            try:
                return score_logs(
                    self.folder,
                    definition,
                    paths,
                    ranker=self._model,
                    attributes=None if attributes is None else absolute(str(attributes)),
                )
            except InputError as error:
                # Rows in memory have no file that their owner knows.
                if not isinstance(rows, pd.DataFrame | pa.Table):
                    raise
                raise InputError(str(error).replace(paths[0], "rows")) from None


def load_ranker(model: str | Path) -> Ranker:
    """Loads a pushed ranker.

    Args:
        model: folder of the pushed models, whose newest version is taken, or of one version.

    Returns:
        The ranker.

    Raises:
        InputError: no model that seqmd pushed is there, or it is damaged.

    >>> load_ranker("nowhere")
    Traceback (most recent call last):
    data.errors.InputError: model: expected a pushed model, found none in nowhere
    """
    return Ranker(newest_version(local_path(str(model)), "model"))


def score(
    model: str | Path,
    rows: Logs,
    dataset: str | Path | None = None,
    attributes: str | Path | None = None,
) -> pd.DataFrame | pa.Table:
    """Scores rows with a pushed model once; see `Ranker.score` and `load_ranker`."""
    return load_ranker(model).score(rows, dataset, attributes)
