"""The logs that are measured on: a simulated marketplace, with a definition beside it."""

from pathlib import Path
from typing import Any

import pyarrow.dataset
import yaml

from data.simulator import SimulatorConfig, simulated_dataset, write_logs

ITEM_FEATURES, CONTEXT_FEATURES = 30, 10
# About 170,000 multiply-adds an item on this marketplace.
WIDE_MODEL = {
    "transformed_units": (128,),
    "invariant_units": (128,),
    "token_units": (112, 48),
    "recurrent_units": (48,),
}
_ROWS_PER_LIST = 25
_EPOCHS = 3


def logs_in(folder: str) -> Path:
    """Where the logs of a marketplace lie."""
    return Path(folder) / "logs"


def definition_in(folder: str) -> Path:
    """The YAML file that defines a marketplace's dataset and its training."""
    return Path(folder) / "dataset.yaml"


def measure(folder: str, rows: int) -> dict[str, Any]:
    """Writes logs of about so many rows, and the definition: all three tasks, default model.

    Args:
        folder: where they go.
        rows: rows that are wanted.

    Returns:
        `rows`: rows that there are.
    """
    config = SimulatorConfig(
        lists=max(1, rows // _ROWS_PER_LIST),
        item_features=ITEM_FEATURES,
        context_features=CONTEXT_FEATURES,
    )
    write_logs(config, logs_in(folder))
    definition = {**simulated_dataset(config), "training": {"epochs": _EPOCHS}}
    definition_in(folder).write_text(yaml.safe_dump(definition))
    return {"rows": pyarrow.dataset.dataset(logs_in(folder)).count_rows()}
