"""The logs that are measured on: a simulated marketplace, with a definition beside it."""

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset
import pyarrow.parquet as pq
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
_SHORTEST_LIST, _LONGEST_LIST = 8, 40
_EPOCHS = 3


def logs_in(folder: str) -> Path:
    """Where the logs of a marketplace lie."""
    return Path(folder) / "logs"


def definition_in(folder: str) -> Path:
    """The YAML file that defines a marketplace's dataset and its training."""
    return Path(folder) / "dataset.yaml"


def measure(
    folder: str, rows: int, list_length: int = 1, features: int = 1, regions: int = 1
) -> dict[str, Any]:
    """Writes logs of about so many rows, and the definition: all three tasks, default model.

    Args:
        folder: where they go.
        rows: rows that are wanted.
        list_length: times as many items a list as the 25 that are usual.
        features: times as many features; those beyond the marketplace's own are noise.
        regions: times as many regions; each is cut into so many, list by list.

    Returns:
        `rows`: rows that there are.
    """
    config = SimulatorConfig(
        lists=max(1, rows // (_ROWS_PER_LIST * list_length)),
        shortest_list=_SHORTEST_LIST * list_length,
        longest_list=_LONGEST_LIST * list_length,
        item_features=ITEM_FEATURES * features,
        context_features=CONTEXT_FEATURES * features,
    )
    files = write_logs(config, logs_in(folder))
    if regions > 1:
        for file in files:
            pq.write_table(_with_regions_cut(pq.read_table(file), regions), file)
    definition = {**simulated_dataset(config), "training": {"epochs": _EPOCHS}}
    definition_in(folder).write_text(yaml.safe_dump(definition))
    return {"rows": pyarrow.dataset.dataset(logs_in(folder)).count_rows()}


def _with_regions_cut(rows: pa.Table, parts: int) -> pa.Table:
    """Rows whose countries are cut into parts by the number of their list in the file."""
    lists = rows["list_id"].combine_chunks().dictionary_encode().indices.to_numpy()
    part = pa.array((lists % parts).astype(str))
    names = pc.binary_join_element_wise(rows["country"].combine_chunks(), part, "-")
    return rows.set_column(rows.schema.get_field_index("country"), "country", names)
