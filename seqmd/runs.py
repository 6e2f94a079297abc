"""Runs of the pipeline, from logs to a pushed ranker and its evidence, and searches of settings."""

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
    code = on_the_process_streams(["run", *words])
    summary = json.loads((folder / "summary.json").read_text())
    return Run(folder, blessed=code == 0, summary=summary)


@dataclass(frozen=True)
class Tuning:
    """What a search of settings has found.

    Attributes:
        definition: the YAML with the best settings, which `run` takes.
        beyond_chance: whether they are better than the definition, as far as the interval can tell.
        result: the content of `tuning.json`, see docs/tuning.md.
    """

    definition: Path
    beyond_chance: bool
    result: dict[str, Any]


def tune(
    dataset: str | Path,
    logs: Logs | None = None,
    *,
    output: str | Path | None = None,
    trials: int = 20,
    seeds: int = 3,
    rankers: Sequence[str] = (),
    jobs: int = 1,
    seed: int | None = None,
    evaluation_logs: Logs | None = None,
    start: datetime.date | None = None,
    end: datetime.date | None = None,
) -> Tuning:
    """Searches the settings that rank the logs best, by validation lists; goes on where it was.

    Args:
        dataset: the definition: a YAML file, or a name of the catalog.
        logs: files, patterns or folders, a DataFrame or an Arrow table; `simulated` needs none.
        output: folder of the search, `output/DATASET` by default, which may be that of `run`.
        trials: settings that are drawn for each ranker.
        seeds: further trainings of the best ones and of the definition.
        rankers: names of the rankers that are tried; that of the definition by default.
        jobs: trainings at a time. More than 1 are processes that import the calling script again,
            so that what it does must stand below `if __name__ == "__main__":`.
        seed: seed of the trainings; the definition's by default.
        evaluation_logs: logs that are kept for evaluation, and not looked at here.
        start: first date that is read of a folder with Hive partitions.
        end: last date, itself included.

    Returns:
        What was found.

    Raises:
        InputError: the definition, the logs or an option are not as expected, or the folder holds
            another search.
        CommandFailedError: any other error; `seqmd.log` in the output folder has its whole story.
    """
    folder = Path(output) if output is not None else Path("output", load_dataset(str(dataset)).name)
    words = [f"--dataset={dataset}", f"--output={folder}"]
    words += [f"--trials={trials}", f"--seeds={seeds}", f"--jobs={jobs}"]
    for option, value in (("seed", seed), ("from", start), ("to", end)):
        words += [] if value is None else [f"--{option}={value}"]
    words += ["--ranker", *rankers] if rankers else []
    for option, rows in (("--input", logs), ("--eval-input", evaluation_logs)):
        words += [] if rows is None else [option, *on_disk(rows, folder / "logs")]
    on_the_process_streams(["tune", *words])
    result = json.loads((folder / "tuning.json").read_text())
    return Tuning(folder / "tuned.yaml", result["beyond_chance"], result)


def on_the_process_streams(words: Sequence[str]) -> int:
    """Runs a command on the streams of the process.

    A notebook's own streams would show what belongs into the log.

    Args:
        words: as on the command line.

    Returns:
        Its exit code.
    """
    out, err = sys.__stdout__ or sys.stdout, sys.__stderr__ or sys.stderr
    with redirect_stdout(out), redirect_stderr(err):
        return command(*words)
