"""`seqmd simulate`: writes logs of the simulated marketplace, and the definition that fits."""

import argparse
from pathlib import Path

import yaml
from pydantic import ValidationError

from data.errors import InputError, describe
from data.simulator import SimulatorConfig, simulated_dataset, write_logs

SIZES = ("lists", "seed", "tasks", "item_features", "context_features", "longest_list")
EFFECTS = ("regional_shifts", "regional_tastes", "position_bias", "false_clicks")


def simulate_command(options: argparse.Namespace) -> int:
    """Writes Parquet files.

    Args:
        options: the command line of `seqmd simulate`.

    Returns:
        0.

    Raises:
        InputError: if an option is out of range or the folder holds other files.
    """
    folder = Path(options.output)
    chosen = {name: getattr(options, name) for name in SIZES if getattr(options, name) is not None}
    chosen |= {name: False for name in EFFECTS if getattr(options, f"no_{name}")}
    try:
        config = SimulatorConfig.model_validate(chosen)
    except ValidationError as error:
        raise InputError(describe(error, "seqmd simulate")) from None
    definition = folder.with_name(f"{folder.name}.yaml")
    files = write_logs(config, folder)
    definition.write_text(yaml.safe_dump(simulated_dataset(config), sort_keys=False))
    print(f"Wrote {config.lists:,} lists to {len(files)} files in {folder}, described by")
    print(f"{definition}. Next: seqmd run --dataset {definition} --input {folder}")
    return 0
