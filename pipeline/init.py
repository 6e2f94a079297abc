"""`seqmd init`: looks at a file and writes a first definition to edit."""

import argparse
import re
from pathlib import Path

import yaml

from data.errors import InputError
from data.inspection import Guess, guess_definition, read_sample
from pipeline.config import config_from

HEAD = """\
# A first definition of these logs, guessed from the first rows of {path}.
# Look at each line that says "guessed", then: seqmd run --dataset {output} --input {path}
"""


def init_command(options: argparse.Namespace) -> int:
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
    name = re.sub(r"[^A-Za-z0-9_-]", "_", Path(path).name.split(".")[0])
    guess = guess_definition(read_sample(path), name if name[:1].isalpha() else f"logs_{name}")
    text = HEAD.format(path=path, output=output) + render(guess)
    config_from(yaml.safe_load(text), str(output))
    output.write_text(text)
    features = guess.definition["features"]
    print(f"Wrote {output}: {len(guess.definition['tasks'])} tasks, {len(features)} features,")
    print(
        f"{len(guess.definition['left_out'])} columns left out. Look at the guesses, then run it."
    )
    return 0


def render(guess: Guess) -> str:
    """The definition as YAML, each guess with its reason as a comment."""
    parts = []
    for name, value in guess.definition.items():
        parts.append(f"\n# guessed: {guess.reasons[name]}")
        if name == "features":
            parts.append("features:")
            parts += [_feature_line(feature, guess) for feature in value]
        else:
            parts.append(yaml.safe_dump({name: value}, sort_keys=False, width=96).rstrip())
    return "\n".join(parts) + "\n"


def _feature_line(feature: dict, guess: Guess) -> str:
    line = yaml.safe_dump(feature, sort_keys=False, default_flow_style=True, width=1000).strip()
    return f"  - {line}  # {guess.reasons['feature ' + feature['name']]}"
