"""Readers of raw files: one a format."""

from data.definition.dataset import Dataset
from data.sources.aliexpress import AliExpressSource
from data.sources.google_store import GoogleStoreSource
from data.sources.source import SET_ASIDE_SCHEMA, RowBatch, Shard, Source
from data.sources.table import TableSource
from data.sources.trivago import TrivagoSource

__all__ = ["SET_ASIDE_SCHEMA", "RowBatch", "Shard", "Source", "source_for"]

_SOURCES: dict[str, type[TableSource]] = {
    "table": TableSource,
    "ali_ccp": TableSource,
    "aliexpress": AliExpressSource,
    "google_store": GoogleStoreSource,
    "trivago": TrivagoSource,
}


def source_for(dataset: Dataset, with_labels: bool = True, every_column: bool = False) -> Source:
    """The reader of a dataset's raw files.

    Args:
        dataset: the definition; its `source` names the reader.
        with_labels: False for lists that are only scored: fewer columns are required.
        every_column: True to read columns as well that the definition does not name.

    Returns:
        The reader.
    """
    return _SOURCES[dataset.source](dataset, with_labels, every_column)
