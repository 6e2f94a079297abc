"""The first rows of a file, as a table to look at."""

from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from data.errors import InputError

ROWS = 50_000
ENDINGS = (".csv", ".csv.gz", ".parquet")
NULL_VALUES = ("", "NULL", "null", "NaN", "nan", "None")


def read_sample(path: str, rows: int = ROWS) -> pd.DataFrame:
    """Reads the first rows of a CSV or Parquet file.

    Args:
        path: the file, `.csv`, `.csv.gz` or `.parquet`, or a folder, whose first file is read.
        rows: rows at most.

    Returns:
        Columns as numbers, timestamps, texts or arrays.

    Raises:
        InputError: if there is no such file, it is of another kind or it cannot be read.
    """
    if Path(path).is_dir():
        found = sorted(str(file) for file in Path(path).rglob("*") if str(file).endswith(ENDINGS))
        path = found[0] if found else path
    if not Path(path).is_file():
        raise InputError(f"--input: expected a file, found none at {path}")
    try:
        if path.endswith((".csv", ".csv.gz")):
            return pd.read_csv(
                path,
                nrows=rows,
                keep_default_na=False,
                na_values=list(NULL_VALUES),
                encoding="utf-8-sig",
                low_memory=False,
            )
        if path.endswith(".parquet"):
            return _first_rows(path, rows)
    except (OSError, ValueError, pa.ArrowInvalid) as error:
        raise InputError(f"{path} cannot be read: {error}") from error
    raise InputError(f"{path}: expected a file ending in .csv, .csv.gz or .parquet")


def _first_rows(path: str, rows: int) -> pd.DataFrame:
    file = pq.ParquetFile(path)
    for batch in file.iter_batches(batch_size=rows):
        return pa.Table.from_batches([batch]).to_pandas()
    return file.schema_arrow.empty_table().to_pandas()
