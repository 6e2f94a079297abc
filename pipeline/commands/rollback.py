"""Serves an earlier version of a pushed ranker.

Higher versions move to the folder `withdrawn` in the model's folder, where no server looks; --to
can ask for them again.
"""

import argparse
from dataclasses import dataclass
from pathlib import Path

from data.artifacts.model_folder import WITHDRAWN, numbered_versions, whole_versions
from data.errors import InputError
from pipeline.commands.options import path
from pipeline.failures import writing


@dataclass(frozen=True)
class Rollback:
    """What a rollback did.

    Attributes:
        before: the version that was served.
        now: the version that is served.
        withdrawn: folders that server and commands do not see any more.
    """

    before: int
    now: int
    withdrawn: tuple[Path, ...]


def add_options(command: argparse.ArgumentParser) -> None:
    """Adds the options of `seqmd rollback`."""
    command.add_argument(
        "--model", type=path, required=True, metavar="DIR", help="a pushed model's folder"
    )
    command.add_argument(
        "--to",
        type=_version,
        metavar="VERSION",
        help="the version to serve (default: the one before the served one)",
    )


def run(options: argparse.Namespace) -> int:
    """Withdraws the served version.

    Args:
        options: the command line of `seqmd rollback`.

    Returns:
        0.

    Raises:
        InputError: there is no pushed model, or no version to go back to.
    """
    model = Path(options.model)
    with writing("--model", model):
        done = roll_back(model, options.to)
    print(f"served before   version {done.before}")
    print(f"served now      version {done.now}, {model / str(done.now)}")
    for folder in done.withdrawn:
        print(f"withdrawn       {folder}")
    return 0


def roll_back(model: Path, to: int | None = None) -> Rollback:
    """Makes a version the highest one of a folder, which is the one that TF Serving takes.

    Higher versions move to the folder `withdrawn` inside it, whose name is no number, so that no
    server takes it for a version; a withdrawn version can be asked for again. A folder moves by
    one rename, the highest last: up to that rename the server sees the old version on top, from
    then on the new one, and a command that was killed can be given again.

    Args:
        model: a folder of versions.
        to: the version; None takes the one before the highest.

    Returns:
        What was done.

    Raises:
        InputError: there is no pushed model, or no such version.
    """
    if (model / "saved_model.pb").exists():
        raise InputError(f"--model: expected a folder of versions, found a single one in {model}")
    versions = whole_versions(model)
    if not versions:
        raise InputError(f"--model: expected a pushed model, found none in {model}")
    before = max(versions)
    aside = model / WITHDRAWN
    target = _former(model, versions) if to is None else to
    known = {**whole_versions(aside), **versions}
    if target not in known:
        raise InputError(f"--to: expected one of the versions {sorted(known)}, found {target}")
    above = {
        number: folder for number, folder in numbered_versions(model).items() if number > target
    }
    _check_free(aside, above)
    if target not in versions:
        known[target].rename(model / known[target].name)
    return Rollback(before, target, _withdraw(above, aside))


def _former(model: Path, versions: dict[int, Path]) -> int:
    former = sorted(versions)[:-1]
    if not former:
        raise InputError(
            f"--model: expected a version to go back to, found {max(versions)} alone in {model}"
        )
    return former[-1]


def _check_free(aside: Path, above: dict[int, Path]) -> None:
    for folder in above.values():
        if (aside / folder.name).exists():
            raise InputError(
                f"--model: {folder} was withdrawn before: expected no {aside / folder.name}; "
                "keep one of the two"
            )


def _withdraw(above: dict[int, Path], aside: Path) -> tuple[Path, ...]:
    if above:
        aside.mkdir(exist_ok=True)
    return tuple(above[number].rename(aside / above[number].name) for number in sorted(above))


def _version(text: str) -> int:
    if not (text.isascii() and text.isdecimal()):
        raise argparse.ArgumentTypeError(f"expected the number of a version, found {text!r}")
    return int(text)
