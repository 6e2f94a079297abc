"""`seqmd simulate`: writes logs of the simulated marketplace, and the definition that fits."""

import argparse
from pathlib import Path

import yaml
from pydantic import ValidationError

from data.errors import InputError, describe
from data.files import write_whole
from data.simulator import SimulatorConfig, other_files, simulated_dataset, write_logs
from pipeline.failures import writing
from pipeline.locations import definition_beside

SIZES = ("lists", "seed", "tasks", "item_features", "context_features", "longest_list")
EFFECTS = ("regional_shifts", "regional_tastes", "position_bias", "false_clicks")


def simulate_command(options: argparse.Namespace) -> int:
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
    try:
        config = SimulatorConfig.model_validate(chosen)
    except ValidationError as error:
        raise InputError(describe(error, "seqmd simulate")) from None
    definition = definition_beside(folder)
    content = yaml.safe_dump(simulated_dataset(config), sort_keys=False)
    with writing("--output", folder):
        _refuse_others(folder, definition, content)
        files = write_logs(config, folder, replace=False)
        if not definition.exists():
            write_whole(definition, content)
    print(f"Wrote {config.lists:,} lists to {len(files)} files in {folder}, and {definition}.")
    print(f"Next: seqmd run --dataset {definition} --input {folder}")
    return 0


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
