"""Writes a first definition of your own logs, guessed from their first rows.

Each guess is a line with its reason: look at them, then `seqmd run --dataset FILE --input LOGS`.
"""

import argparse
import re
import shlex
from pathlib import Path
from typing import Any

import yaml

from data.definition.base import LONGEST_NAME
from data.errors import InputError
from data.files import write_whole
from data.inspection import Guess, guess_definition, read_first_rows, separator_of
from data.terminal_text import on_one_line
from pipeline.commands.options import add_input, path
from pipeline.config import config_from
from pipeline.failures import writing

HEAD = """\
# A first definition of these logs, guessed from the first rows of {path}.
# Look at each line that says "guessed", then: seqmd run --dataset {output} --input {words}
"""
# What a definition should have, and what follows where no column looks like it.
NOT_FOUND = {
    "region": "no column looks like the region: all lists are taken as of one. Where one tells it, "
    "add region: COLUMN and country_features: [COLUMN]",
    "item": "no column looks like what identifies an item: rows are entries of their list as they "
    "are. Where one does, add item: COLUMN",
}


def add_options(command: argparse.ArgumentParser) -> None:
    """Adds the options of `seqmd init`."""
    add_input(command, required=True)
    command.add_argument(
        "--output",
        type=path,
        default="dataset.yaml",
        metavar="FILE",
        help="the definition (default: %(default)s)",
    )


def run(options: argparse.Namespace) -> int:
    """Writes a first YAML for a file of logs.

    Args:
        options: the command line of `seqmd init`.

    Returns:
        0.

    Raises:
        InputError: if the file cannot be read, no list or action is found in it, or the output
            exists already.
    """
    path, output = options.input[0], Path(options.output)
    if output.exists():
        raise InputError(f"--output: {output} exists already; expected a new file")
    if not output.parent.is_dir():
        raise InputError(f"--output: expected an existing folder, found none at {output.parent}")
    guess = guess_definition(read_first_rows(path), _dataset_name(output), separator_of(path))
    shown = [path, str(output), shlex.join(options.input)]
    # Names of files may hold line breaks, which would end the comment, and what YAML refuses.
    path_shown, output_shown, words = map(on_one_line, shown)
    head = HEAD.format(path=path_shown, output=output_shown, words=words)
    text = head + render(guess)
    config_from(yaml.safe_load(text), str(output))
    with writing("--output", output):
        write_whole(output, text)
    features = guess.definition["features"]
    for name in _not_found(guess):
        print(f"{name}: {NOT_FOUND[name]}.")
    print(
        f"Wrote {output}. Tasks: {len(guess.definition['tasks'])}, features: {len(features)}, "
        f"columns left out: {len(guess.definition['left_out'])}.\n"
        "Look at the guesses, then run it."
    )
    return 0


def render(guess: Guess) -> str:
    """The definition as YAML, each guess with its reason as a comment."""
    parts = []
    for name, value in guess.definition.items():
        parts.append(f"\n# guessed: {_one_line(guess.reasons[name])}")
        if name == "features":
            parts.append("features:")
            parts += [_feature_line(feature, guess) for feature in value]
        elif name == "tasks":
            parts.append("tasks:")
            parts += [_task_lines(task, guess) for task in value]
        else:
            parts.append(_yaml({name: value}, width=96))
    parts += [f"\n# {name}: {NOT_FOUND[name]}." for name in _not_found(guess)]
    return "\n".join(parts) + "\n"


def _not_found(guess: Guess) -> list[str]:
    return [name for name in NOT_FOUND if name not in guess.definition]


def _dataset_name(output: Path) -> str:
    """A name from that of the definition's file."""
    name = re.sub(r"[^A-Za-z0-9_-]", "_", output.stem).strip("_-")[:LONGEST_NAME]
    return name if name[:1].isalpha() else f"logs_{name}".rstrip("_")


def _feature_line(feature: dict[str, Any], guess: Guess) -> str:
    line = _yaml(feature, width=1000, default_flow_style=True)
    return f"  - {line}  # {_one_line(guess.reasons['feature ' + feature['name']])}"


def _task_lines(task: dict[str, Any], guess: Guess) -> str:
    """A task, with the window that its times suggest to be taken in: it decides what is learnt."""
    first, *others = _yaml(task, width=96).splitlines()
    lines = [f"  - {first}", *(f"    {line}" for line in others)]
    if task["name"] in guess.windows:
        window = guess.windows[task["name"]]
        lines.append(f"    # matures_after: {window}  # 99% of what these rows show came within it")
    return "\n".join(lines)


def _yaml(value: dict[str, Any], **layout: Any) -> str:
    return yaml.safe_dump(value, sort_keys=False, allow_unicode=True, **layout).strip()


def _one_line(text: str) -> str:
    return on_one_line(" ".join(text.split()))
