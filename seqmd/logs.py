"""Logs as a caller has them: paths, a DataFrame or an Arrow table."""

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import TypeAlias

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from data.errors import InputError
from data.files import write_whole

Paths: TypeAlias = str | Path | Sequence[str | Path]
# Files, patterns or folders; or the rows themselves.
Logs: TypeAlias = Paths | pd.DataFrame | pa.Table


def on_disk(logs: Logs, folder: Path) -> list[str]:
    """Paths of logs; rows in memory are written first.

    Args:
        logs: paths or rows.
        folder: where rows are written, under a name that their content gives, so that equal rows
            are the same file.

    Returns:
        Files, patterns or folders.

    Raises:
        InputError: a column of the rows has values of several types, or none is named.
    """
    if not isinstance(logs, pd.DataFrame | pa.Table):
        paths = [logs] if isinstance(logs, str | Path) else list(logs)
        if not paths:
            raise InputError("logs: expected paths or rows, found an empty list")
        return [str(path) for path in paths]
    table = as_table(logs)
    written = pa.BufferOutputStream()
    pq.write_table(table, written)
    content = written.getvalue()
    path = folder / f"rows-{hashlib.sha256(content).hexdigest()[:16]}.parquet"
    if not path.exists():
        write_whole(path, content.to_pybytes())
    return [str(path)]


def as_table(rows: pd.DataFrame | pa.Table) -> pa.Table:
    """Rows as an Arrow table; the index of a DataFrame is left out.

    Raises:
        InputError: a column has values of several types.
    """
    if isinstance(rows, pa.Table):
        return rows
    try:
        return pa.Table.from_pandas(rows, preserve_index=False)
    except (pa.ArrowInvalid, pa.ArrowTypeError) as error:
        raise InputError(f"logs: expected columns of one type each: {error}") from None
