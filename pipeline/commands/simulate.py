"""Writes logs of a simulated marketplace that knows its own true probabilities.

The definition that fits is written beside the folder. The same settings write the same logs.
"""

import argparse
import shlex
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import yaml
from pydantic import ValidationError

from data.amounts import counted
from data.errors import InputError, describe
from data.files import write_whole
from data.simulator import SimulatorConfig, other_files, simulated_dataset, write_logs
from data.simulator.silent_sellers import CONDITION, LISTINGS, TAXONOMY, write_listings
from pipeline.commands.options import path
from pipeline.failures import writing
from pipeline.locations import definition_beside

SIZES = (
    *("lists", "seed", "tasks", "item_features", "context_features", "longest_list"),
    *("seen_days", "delay_scale"),
)
# In the folder of the logs, whose readers pass over it.
LISTINGS_FOLDER = "_listings"
EFFECTS = ("regional_shifts", "regional_tastes", "position_bias", "false_clicks")
LATER_EFFECTS = {
    "skipped_steps": "some carts come without a click, some purchases without a cart: an action "
    "does not imply the one before",
    "late_feedback": "actions have times, and those after the last day have not been seen",
    "refunds": "purchases are sent back; with --late-feedback",
    "drifting_region": "one region comes to like dearer items from day to day",
    "histories": "users have tastes of their own, and their earlier clicks are columns",
    "single_pieces": "some listings are in stock of one, and gone once they are sold",
    "second_kind": "shops stand among the listings, without a price and with features of their own",
    "silent_sellers": "sellers leave the condition of 30%% of the listings empty; the listings are "
    "written into the folder too, and the definition joins their attributes, filled in",
}


def add_options(command: argparse.ArgumentParser) -> None:
    """Adds the options of `seqmd simulate`."""
    command.add_argument("--output", type=path, required=True, metavar="DIR", help="a new folder")
    sizes = {
        "lists": "search result pages, over 17 days (default: 12000)",
        "seed": "seed of every draw (default: 1)",
        "tasks": "the first 1, 2 or 3 of click, add_to_cart and purchase (default: 3)",
        "item-features": "item features; those beyond the marketplace's own are noise",
        "context-features": "context features, likewise",
        "longest-list": "items of the longest list (default: 40)",
    }
    for size, meaning in sizes.items():
        command.add_argument(f"--{size}", type=int, metavar="N", help=meaning)
    without = {
        "regional-shifts": "features are distributed alike in all regions",
        "regional-tastes": "the same listings are wanted in all regions",
        "position-bias": "items further down are examined as often as the first",
        "false-clicks": "nothing is clicked by accident",
    }
    for effect, meaning in without.items():
        command.add_argument(f"--no-{effect}", action="store_true", help=meaning)
    for effect, meaning in LATER_EFFECTS.items():
        command.add_argument(f"--{effect.replace('_', '-')}", action="store_true", help=meaning)
    command.add_argument(
        "--seen-days",
        type=float,
        metavar="DAYS",
        help="with --late-feedback: days since the first one until which actions and lists "
        "were seen (default: 17)",
    )
    command.add_argument(
        "--delay-scale",
        type=float,
        metavar="FACTOR",
        help="with --late-feedback: what delays are multiplied by; 0 lets all that is done be done "
        "at once (default: 1)",
    )


def run(options: argparse.Namespace) -> int:
    """Writes Parquet files and, beside their folder, the definition that fits.

    What the same settings wrote there before is left as it is.

    Args:
        options: the command line of `seqmd simulate`.

    Returns:
        0.

    Raises:
        InputError: if an option is out of range, the folder holds other files or logs of other
            settings, or another definition stands beside it. Nothing is changed then.
    """
    folder = Path(options.output)
    chosen = {name: getattr(options, name) for name in SIZES if getattr(options, name) is not None}
    chosen |= {name: False for name in EFFECTS if getattr(options, f"no_{name}")}
    chosen |= {name: True for name in LATER_EFFECTS if getattr(options, name)}
    try:
        config = SimulatorConfig.model_validate(chosen)
    except ValidationError as error:
        raise InputError(describe(error, "simulate")) from None
    definition = definition_beside(folder)
    listings = folder.absolute() / LISTINGS_FOLDER
    content = yaml.safe_dump(_dataset(config, listings), sort_keys=False)
    with writing("--output", folder):
        _refuse_others(folder, definition, content)
        files = write_logs(config, folder, replace=False)
        if config.silent_sellers:
            write_listings(map(pq.read_table, files), listings)
        if not definition.exists():
            write_whole(definition, content)
    lists = sum(map(_lists_of, files))
    written = f"{counted(lists, 'list')} to {counted(len(files), 'file')}"
    print(f"Wrote {written} in {folder}, and {definition}.")
    words = ["seqmd", "run", "--dataset", str(definition), "--input", str(folder)]
    print(f"Next: {shlex.join(words)}")
    return 0


def _lists_of(file: Path) -> int:
    """Lists of a file: fewer than were asked for where not all days had been seen."""
    return len(pq.read_table(file, columns=["list_id"]).column(0).unique())


def _dataset(config: SimulatorConfig, listings: Path) -> dict[str, Any]:
    """The definition, with the listings where sellers leave attributes empty."""
    definition = simulated_dataset(config)
    if config.silent_sellers:
        definition["listings"] = {
            "files": str(listings / LISTINGS),
            "taxonomy": str(listings / TAXONOMY),
            "attributes": [CONDITION],
        }
    return definition


def _refuse_others(folder: Path, definition: Path, content: str) -> None:
    others = other_files(folder)
    found = [f"{others[0]} ({len(others)} in all)"] if others else []
    if definition.exists() and not _holds(definition, content):
        found.append(f"{definition} with other content")
    if found:
        raise InputError(
            f"--output: expected a new folder {folder} and no {definition.name} beside it, or what "
            f"the same settings wrote there; found {' and '.join(found)}"
        )


def _holds(path: Path, content: str) -> bool:
    return path.is_file() and path.read_bytes() == content.encode()
