"""A run of the pipeline: from logs to a pushed ranker and its evidence."""

import datetime
import json
import sys
from collections.abc import Sequence
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from data.loading import load_dataset
from seqmd.definitions import command
from seqmd.logs import Logs, on_disk


@dataclass(frozen=True)
class Run:
    """What a run has left in its output folder.

    Attributes:
        output: the folder.
        blessed: whether every gate held, so that the model was pushed.
        summary: the content of `summary.json`, see docs/summary.md.
    """

    output: Path
    blessed: bool
    summary: dict[str, Any]

    @property
    def model(self) -> Path:
        """The pushed models, a folder a version, as TF Serving watches them."""
        return self.output / "serving_model"

    @property
    def report(self) -> Path:
        """The page for people: NDCG by task, platform and region, features, training, data."""
        return self.output / "report.html"


def run(
    dataset: str | Path,
    logs: Logs | None = None,
    *,
    output: str | Path | None = None,
    seed: int | None = None,
    warm_start: str | Path | None = None,
    evaluation_logs: Logs | None = None,
    start: datetime.date | None = None,
    end: datetime.date | None = None,
    cache: bool = True,
) -> Run:
    """Trains, evaluates and pushes a ranker; what has not changed since the last run is reused.

    Args:
        dataset: the definition: a YAML file, or a name of the catalog.
        logs: files, patterns or folders, a DataFrame or an Arrow table; `simulated` needs none.
        output: folder of all that the run leaves, `output/DATASET` by default. A folder serves one
            dataset.
        seed: seed of the training; the definition's by default.
        warm_start: a pushed model whose weights the training starts from.
        evaluation_logs: logs that are evaluated instead of a part of `logs`.
        start: first date that is read of a folder with Hive partitions.
        end: last date, itself included.
        cache: False runs every node, also those that have not changed.

    Returns:
        The run, blessed or not.

    Raises:
        InputError: the definition, the logs or an option are not as expected.
        CommandFailedError: any other error; `seqmd.log` in the output folder has its whole story.
    """
    name = load_dataset(str(dataset)).name
    folder = Path(output) if output is not None else Path("output", name)
    words = [f"--dataset={dataset}", f"--output={folder}"]
    for option, value in (("seed", seed), ("warm-start", warm_start), ("from", start), ("to", end)):
        words += [] if value is None else [f"--{option}={value}"]
    words += [] if cache else ["--no-cache"]
    for option, rows in (("--input", logs), ("--eval-input", evaluation_logs)):
        words += [] if rows is None else [option, *on_disk(rows, folder / "logs")]
    code = _on_the_process_streams(["run", *words])
    summary = json.loads((folder / "summary.json").read_text())
    return Run(folder, blessed=code == 0, summary=summary)


def _on_the_process_streams(words: Sequence[str]) -> int:
    """A notebook's own streams would show what belongs into the log."""
    out, err = sys.__stdout__ or sys.stdout, sys.__stderr__ or sys.stderr
    with redirect_stdout(out), redirect_stderr(err):
        return command(*words)
