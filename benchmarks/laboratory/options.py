"""Words on the command line that `benchmarks.paper` and `benchmarks.tune` take."""

import argparse
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.laboratory.laboratory import Laboratory
from benchmarks.laboratory.logs import PRESETS, Logs, Preset, logs_of, simulated_logs
from benchmarks.laboratory.setups import Setting
from data.definition.dataset import Dataset
from data.errors import InputError
from data.files import local_path
from data.simulator import SimulatorConfig, simulated_dataset
from pipeline.config import absolute, load_config

SIMULATED = "simulated"


def add_common_options(parser: argparse.ArgumentParser) -> None:
    """Adds them.

    Args:
        parser: of the benchmark.
    """
    parser.add_argument("--dataset", default=SIMULATED, metavar="NAME|FILE")
    parser.add_argument("--input", nargs="+", default=(), metavar="FILE")
    parser.add_argument("--preset", choices=sorted(PRESETS), default="small")
    parser.add_argument(
        "--parameters", type=positive, default=60_000, help="of each network, about"
    )
    parser.add_argument("--jobs", type=positive, default=1, help="trainings at a time")
    parser.add_argument("--output", type=local_path, required=True, metavar="DIR")


def positive(text: str) -> int:
    """A number of things, 1 or more, from a command line."""
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"expected 1 or more, found {number}")
    return number


def make_output(folder: Path) -> None:
    """Makes the output folder.

    Args:
        folder: the folder.

    Raises:
        InputError: it cannot be made.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"--output: expected a folder that can be made: {error}") from None


def definition_of(dataset: str) -> Dataset:
    """What the lists of `--dataset` mean.

    Args:
        dataset: `simulated`, a name of the catalog, or a YAML file.

    Returns:
        The dataset.
    """
    if dataset == SIMULATED:
        return Dataset.model_validate(simulated_dataset(SimulatorConfig()))
    return load_config(dataset).dataset


def laboratory_maker(
    options: argparse.Namespace,
    preset: Preset,
    changes: Mapping[str, Any] | None = None,
    tasks: Sequence[str] = (),
    learns_from: Mapping[str, Any] | None = None,
) -> Callable[[], Laboratory]:
    """What makes a laboratory of the chosen lists; it can be pickled.

    Args:
        options: the common ones.
        preset: how large.
        changes: fields of `SimulatorConfig`.
        tasks: names of the simulated tasks; all by default. Where some are named, other logs have
            their first and their last task.
        learns_from: fields of `SimulatorConfig` of what models learn from alone.

    Returns:
        The maker.
    """
    logs = partial(
        _logs,
        options.dataset,
        tuple(options.input),
        preset,
        dict(changes or {}),
        tuple(tasks),
        dict(learns_from or {}),
    )
    return partial(_laboratory, logs, options.output / "kept")


def shared_setting(options: argparse.Namespace, preset: Preset) -> Setting:
    """The setting of all networks, where a model says nothing else.

    Args:
        options: the common ones.
        preset: how large.

    Returns:
        The setting.
    """
    return {
        "model": {"parameters": options.parameters},
        "training": {"epochs": preset.epochs},
    }


def _laboratory(logs: Callable[[], Logs], kept: Path) -> Laboratory:
    return Laboratory(logs(), kept)


def _logs(
    dataset: str,
    inputs: Sequence[str],
    preset: Preset,
    changes: Mapping[str, Any],
    tasks: Sequence[str],
    learns_from: Mapping[str, Any],
) -> Logs:
    if dataset == SIMULATED:
        if inputs:
            raise InputError("--input: expected a --dataset that describes the files, found none")
        return simulated_logs(preset, changes, tasks, learns_from)
    changed = {**changes, **learns_from}
    if changed:
        raise InputError(
            f"--dataset: expected {SIMULATED}, which alone can change {sorted(changed)}; "
            f"found {dataset}"
        )
    if not inputs:
        raise InputError(f"--input: expected files of the dataset {dataset}, found none")
    definition = definition_of(dataset)
    names = [task.name for task in definition.tasks]
    ends = (names[0], names[-1]) if tasks else ()
    return logs_of(definition, [absolute(path) for path in inputs], ends)
