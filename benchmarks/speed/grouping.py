"""Other ways to read logs and group their rows by list, to compare ListExampleGen with."""

from pathlib import Path
from typing import Any

from benchmarks.speed.marketplace import definition_in, logs_in
from benchmarks.speed.usage import Meter


def measure(folder: str, way: str) -> dict[str, Any]:
    """Reads and groups the logs of a marketplace.

    Args:
        folder: of the marketplace.
        way: `polars`, into memory, or `row_by_row`, by Beam into TFRecords.

    Returns:
        `usage` by name.
    """
    return {"usage": (_polars if way == "polars" else _row_by_row)(folder)}


def _polars(folder: str) -> dict[str, float]:
    import polars

    meter = Meter()
    rows = polars.scan_parquet(logs_in(folder) / "*.parquet")
    rows.group_by("list_id").agg(polars.all()).collect()
    return meter.read().figures()


def _row_by_row(folder: str) -> dict[str, float]:
    from benchmarks.speed.row_by_row import write_lists_row_by_row
    from data.loading import load_dataset

    dataset = load_dataset(str(definition_in(folder)))
    pattern, output = logs_in(folder) / "*.parquet", Path(folder) / "row_by_row" / "lists"
    meter = Meter()
    write_lists_row_by_row(dataset, str(pattern), str(output))
    return meter.read().figures()
