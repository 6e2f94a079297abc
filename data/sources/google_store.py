"""Sessions of the Google Merchandise Store: nested Parquet -> one row a session and product."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pyarrow as pa

from data.errors import InputError
from data.sources.google_sessions import COLUMNS, LEAVES, shown_products
from data.sources.parquet_files import parquet_leaves, read_parquet
from data.sources.source import RowBatch, Shard
from data.sources.table import PARQUET_ENDINGS, TableSource

_SESSIONS_PER_BATCH = 4096

# The levels that writers of Parquet add for a list.
_LIST_LEVELS = re.compile(r"\.(list\.(element|item)|bag\.array_element|array)(?=\.|$)")


@dataclass(frozen=True)
class GoogleStoreSource(TableSource):
    """Reads the analytics export of the store: sessions > hits > products.

    The number of a row is that of its session in the file.
    """

    endings: ClassVar[tuple[str, ...]] = PARQUET_ENDINGS

    def read_inside(self, shard: Shard, names: list[str]) -> Iterator[RowBatch]:
        """Reads the products that the sessions were shown; see `TableSource`."""
        leaves = _leaves(shard.file)
        for batch in read_parquet(shard, [leaves[leaf] for leaf in LEAVES], _SESSIONS_PER_BATCH):
            session, table = _products(batch)
            yield RowBatch(
                batch.file, batch.first_row, table.select(names), batch.first_row + session
            )

    def columns_inside(self, path: str) -> list[str]:
        """Columns of the rows; see `TableSource`."""
        missing = [leaf for leaf in LEAVES if leaf not in _leaves(path)]
        if missing:
            raise InputError(
                f"{path}: expected sessions of the Google Merchandise Store, "
                f"found no {', '.join(missing)}"
            )
        return list(COLUMNS)


def _products(batch: RowBatch) -> tuple[np.ndarray, pa.Table]:
    try:
        return shown_products(batch.table)
    # Leaves of the right names, in columns of other types.
    except (pa.ArrowException, AttributeError, TypeError) as error:
        message = str(error).splitlines()[0]
        raise InputError(
            f"{batch.file}: expected sessions of the Google Merchandise Store with lists of hits"
            f" and of products, found columns of other types: {message:.200}"
        ) from error


def _leaves(path: str) -> dict[str, str]:
    """Full path of each leaf in a file, by its path without the levels of lists."""
    return {_LIST_LEVELS.sub("", leaf): leaf for leaf in parquet_leaves(path)}
