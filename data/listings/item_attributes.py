"""Attributes of items, by the items' ids: a table beside the logs, joined to their rows."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from data.definition.dataset import Dataset
from data.errors import InputError
from data.listings.files import ListingFile
from data.listings.listings import as_texts
from data.rows.item_ids import item_hashes
from data.rows.raw import RawColumn, raw_column
from data.rows.text import as_category
from data.similar_names import did_you_mean
from data.sources.source import RowBatch

FILE_NAME = "attributes.parquet"


class Joined(NamedTuple):
    """Rows of logs with the attributes of their items.

    Attributes:
        batch: the rows.
        without_listing: rows whose item has no listing.
    """

    batch: RowBatch
    without_listing: int


@dataclass(frozen=True)
class ItemAttributes:
    """What M items state of themselves.

    Attributes:
        items: uint64 [M], hashes of the items' ids, ascending, each once.
        values: by attribute, texts [M]; null where there is none.
        repeated: listings whose item an earlier listing has; the earlier one counts.
    """

    items: np.ndarray
    values: dict[str, pa.Array]
    repeated: int = 0

    @classmethod
    def of(cls, items: np.ndarray, values: dict[str, pa.Array]) -> "ItemAttributes":
        """Takes what listings state.

        Args:
            items: uint64 [M], hashes of the items' ids; 0 where a listing has none.
            values: by attribute, texts [M].
        """
        known = np.flatnonzero(items)
        distinct, first = np.unique(items[known], return_index=True)
        places = pa.array(known[first])
        return cls(
            distinct,
            {name: one.take(places) for name, one in values.items()},
            len(known) - len(distinct),
        )

    @classmethod
    def load(cls, path: str, dataset: Dataset) -> "ItemAttributes":
        """Reads them from a file: what AttributeFill or `seqmd fill-attributes` wrote.

        Args:
            path: CSV, Parquet or JSON lines, with the column of the items' ids and one for each
                attribute.
            dataset: names the columns.

        Raises:
            InputError: the file lacks a column, or cannot be read.
        """
        assert dataset.listings is not None
        file = ListingFile(path)
        column = item_column(dataset)
        names = [feature.column for feature in dataset.joined_features]
        for name in (column, *names):
            if name not in file.columns:
                raise InputError(
                    f"{path}: expected a column {name!r}, found none"
                    f"{did_you_mean(name, file.columns)}"
                )
        hashes: list[np.ndarray] = []
        values: dict[str, list[pa.Array]] = {name: [] for name in names}
        for table in file.batches():
            hashes.append(ids_of(table, column, path))
            for name, found in values.items():
                found.append(single_texts(table, name, dataset.listings.absent))
        if not hashes:
            raise InputError(f"{path}: expected listings, found none")
        return cls.of(
            np.concatenate(hashes),
            {name: pa.concat_arrays(found) for name, found in values.items()},
        )

    def join(self, dataset: Dataset, batch: RowBatch) -> Joined:
        """Gives rows the attributes of their items; what the rows state themselves stays.

        Args:
            dataset: names the columns.
            batch: rows of logs.

        Returns:
            The rows, with a column for each attribute.
        """
        assert dataset.item is not None
        names = batch.table.column_names
        if dataset.item in names:
            ids = raw_column(batch, dataset.item, "item", dataset.null_values)
            items = item_hashes(ids)
        else:
            items = np.zeros(batch.table.num_rows, np.uint64)
        place = np.searchsorted(self.items, items)
        found = place < len(self.items)
        found[found] = self.items[place[found]] == items[found]
        places = pa.array(place, mask=~found)
        table = batch.table
        for feature in dataset.joined_features:
            values = self.values[feature.column].take(places)
            if feature.column in names:
                stated = raw_column(batch, feature.column, feature.name, dataset.null_values)
                values = pc.coalesce(_plain_text(stated), values)
                at = table.column_names.index(feature.column)
                table = table.set_column(at, feature.column, values)
            else:
                table = table.append_column(feature.column, values)
        return Joined(replace(batch, table=table), int((~found).sum()))


def item_column(dataset: Dataset) -> str:
    """The column of listings with what identifies the item."""
    assert dataset.listings is not None
    return dataset.listings.item or str(dataset.item)


def ids_of(table: pa.Table, column: str, path: str) -> np.ndarray:
    """uint64 [N], hashes of the ids of listings; 0 where there is none."""
    return item_hashes(_raw_ids(table, column, path))


def id_texts(table: pa.Table, column: str, path: str) -> pa.Array:
    """The ids of listings as texts [N]; null where there is none."""
    return as_category(_raw_ids(table, column, path))


def _raw_ids(table: pa.Table, column: str, path: str) -> RawColumn:
    values = table[column].combine_chunks()
    if isinstance(values, pa.ChunkedArray):
        values = values.chunk(0) if values.num_chunks else pa.array([], values.type)
    if pa.types.is_dictionary(values.type):
        values = values.dictionary_decode()
    if pa.types.is_large_string(values.type):
        values = values.cast(pa.string())
    return RawColumn(values, column, "listings.item", path)


def single_texts(table: pa.Table, name: str, absent: Sequence[str]) -> pa.Array:
    """An attribute's value of each listing, the first where there are several.

    Args:
        table: listings [N].
        name: the attribute.
        absent: what stands where a listing is known to have none.

    Returns:
        Texts [N]; null where a listing states none.
    """
    texts = as_texts(table[name], name)
    if pa.types.is_list(texts.type):
        some = pc.greater(pc.fill_null(pc.list_value_length(texts), 0), 0)
        starts = texts.offsets.take(pa.array(np.arange(len(texts))))
        texts = texts.values.take(pc.if_else(some, starts, pa.scalar(None, starts.type)))
    texts = pc.utf8_trim_whitespace(texts)
    words = pa.array([word.casefold() for word in absent], pa.string())
    none = pc.or_(pc.is_in(pc.utf8_lower(texts), value_set=words), pc.equal(texts, ""))
    return pc.if_else(pc.fill_null(none, True), pa.scalar(None, pa.string()), texts)


def _plain_text(column: RawColumn) -> pa.Array:
    text = as_category(column)
    return pc.if_else(pc.equal(text, ""), pa.scalar(None, pa.string()), text)
