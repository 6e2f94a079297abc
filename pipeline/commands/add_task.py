"""Gives a pushed ranker one task more, and runs the pipeline from its weights.

Writes the definition with the new task beside the output folder. What the tasks share stays as it
is; what belongs to the new task starts from its neighbours. With --epochs 0, nothing is trained.
"""

import argparse
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from data.artifacts.model_folder import ExtraFiles, newest_version
from data.errors import InputError
from data.files import write_whole
from data.loading import load_definition
from models.config import TASK_SEQUENCES
from pipeline.commands.options import add_engine, add_input, add_run_options, path
from pipeline.commands.run import run as run_pipeline
from pipeline.commands.run_checks import check_run
from pipeline.config import config_from
from pipeline.failures import writing
from pipeline.locations import Locations, definition_beside

# Fields of a task whose action has a time, see `docs/late_feedback.md`.
_TIMES = {
    "at": ("COLUMN", "column with the time of its action"),
    "undone_by": ("COLUMN", "column with the time at which that was taken back"),
    "matures_after": ("WINDOW", "time from the list after which its label is final, such as 14d"),
}


def add_options(command: argparse.ArgumentParser) -> None:
    """Adds the options of `seqmd add-task`."""
    command.add_argument(
        "--model", type=path, required=True, metavar="DIR", help="a pushed model's folder"
    )
    command.add_argument("--task", required=True, metavar="NAME", help="name of the new task")
    command.add_argument(
        "--grade", required=True, type=int, metavar="N", help="grade of its action"
    )
    command.add_argument("--column", metavar="NAME", help="its column (default: the task's name)")
    command.add_argument(
        "--place", type=int, metavar="N", help="among the tasks (default: the last)"
    )
    for name, (metavar, what) in _TIMES.items():
        command.add_argument(f"--{name.replace('_', '-')}", metavar=metavar, help=what)
    command.add_argument(
        "--epochs",
        type=int,
        metavar="N",
        default=0,
        help="epochs to train on (default: %(default)s)",
    )
    command.add_argument(
        "--dataset",
        type=path,
        metavar="NAME|FILE",
        help="definition without the task (default: the one that travels with the model)",
    )
    add_input(command, required=True)
    add_run_options(command)
    add_engine(command)
    command.add_argument(
        "--output", type=path, metavar="DIR", help="output folder (default: output/DATASET-NAME)"
    )


def run(options: argparse.Namespace) -> int:
    """Writes the definition with the new task and runs it from the pushed model's weights.

    The tokens and masks of the new task start as the mean of its neighbours', at an end as a copy;
    what tasks share stays as it is.

    Args:
        options: the command line of `seqmd add-task`.

    Returns:
        0 when the model was blessed, 2 when it was not.

    Raises:
        InputError: if the model, the task, the definition or the files are not as expected.
        CommandFailedError: on any other error.
    """
    model = newest_version(Path(options.model))
    definition = _definition(model, options.dataset)
    ranker = definition["model"]["ranker"]
    if ranker not in TASK_SEQUENCES:
        raise InputError(
            f"--model: expected a task sequence, {' or '.join(TASK_SEQUENCES)}, whose tasks share "
            f"what follows their tokens; found {ranker!r}"
        )
    times = {name: given for name in _TIMES if (given := getattr(options, name)) is not None}
    definition["tasks"] = _with_task(definition["tasks"], options, times)
    if definition.get("left_out"):
        # What was known to come too late for a feature is a time of the task now.
        left_out = definition["left_out"].items()
        kept = {name: why for name, why in left_out if name not in times.values()}
        definition["left_out"] = kept
    definition["training"] = {**(definition.get("training") or {}), "epochs": options.epochs}
    config = config_from(definition, f"--task {options.task}")
    output = Path(options.output or f"output/{definition['name']}-{options.task}")
    file = definition_beside(output)
    _check_file(file, definition)
    run = {"dataset": str(file), "output": str(output), "warm_start": str(model)}
    run_options = argparse.Namespace(**{**vars(options), **run})
    check_run(run_options, config, Locations(output.absolute()))
    with writing("--output", file):
        write_whole(file, yaml.safe_dump(definition, sort_keys=False, allow_unicode=True))
    print(f"The definition with the task {options.task} is {file}.")
    if config.training.score_weights and options.task not in config.training.score_weights:
        told = f"do not name {options.task}, which weighs nothing in the score."
        print(f"The score_weights of {file} {told}")
    return run_pipeline(run_options)


def _check_file(file: Path, definition: dict[str, Any]) -> None:
    """Refuses to write over what somebody may have changed; epochs are set by each call anew."""
    if not file.exists():
        return
    if _without_epochs(load_definition(str(file))) != _without_epochs(definition):
        raise InputError(
            f"--output: {file} holds another definition, which `seqmd run --dataset {file}` reads; "
            "expected none there, or another --output"
        )


def _without_epochs(definition: dict[str, Any]) -> dict[str, Any]:
    return {**definition, "training": {**(definition.get("training") or {}), "epochs": None}}


def _definition(model: Path, name_or_path: str | None) -> dict[str, Any]:
    """The definition that goes with a pushed model, or another one with the model's network."""
    extra = ExtraFiles(str(model))
    named = {"dataset": extra.dataset, "model": extra.network, "training": extra.training}
    files = {name: Path(path) for name, path in named.items()}
    for file in files.values():
        if not file.exists():
            raise InputError(f"--model: expected {file}, as seqmd pushes it; found none")
    read = {name: yaml.safe_load(file.read_text()) for name, file in files.items()}
    if name_or_path is None:
        return {**read["dataset"], "model": read["model"], "training": read["training"]}
    return {**load_definition(name_or_path), "model": read["model"]}


def _with_task(
    tasks: list[dict[str, Any]], options: argparse.Namespace, times: Mapping[str, str]
) -> list[dict[str, Any]]:
    names = [task["name"] for task in tasks]
    if options.task in names:
        raise InputError(f"--task: expected a new one, found {options.task!r} among {names}")
    place = len(tasks) + 1 if options.place is None else options.place
    if not 1 <= place <= len(tasks) + 1:
        raise InputError(f"--place: expected 1 to {len(tasks) + 1}, found {place}")
    grades = [task["grade"] for task in tasks]
    below, above = max(grades[: place - 1], default=1), min(grades[place - 1 :], default=30)
    if not below <= options.grade <= above:
        raise InputError(
            f"--grade: expected {below} to {above} at place {place} among {names}, "
            f"found {options.grade}; --place sets another place"
        )
    new = {"name": options.task, "column": options.column or options.task, "grade": options.grade}
    return [*tasks[: place - 1], {**new, **times}, *tasks[place - 1 :]]
