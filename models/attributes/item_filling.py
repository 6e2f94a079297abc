"""Fills the attributes of the listings of items: what the component AttributeFill runs."""

import math
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import tensorflow as tf

from data.artifacts.attribute_fill import AttributeFillResult, FilledAttribute
from data.definition.item_listings import ItemListings
from data.errors import InputError
from data.files import below
from data.listings.files import ENDINGS, ListingFile
from data.listings.item_attributes import FILE_NAME, id_texts, ids_of, single_texts
from data.listings.listings import ListingColumns
from data.listings.taxonomy import Taxonomy, read_taxonomy
from data.listings.taxonomy_match import check_categories, told_categories
from data.similar_names import did_you_mean
from data.sources.storage import find_files
from models.attributes.config import AttributeConfig
from models.attributes.filling import FILLED, SCORE, AttributeFiller, Coverage, check_names
from models.attributes.learning import (
    TrainedFilling,
    below_precision,
    by_attribute,
    train_filling,
)
from models.attributes.measures import Counts
from models.attributes.search import ValueSearch

MODEL = "model"


def fill_items(listings: ItemListings, folder: str) -> AttributeFillResult:
    """Fills the attributes of items.

    A fill below `least_precision` on listings held out is left out: its attribute keeps what is
    stated.

    Args:
        listings: the files, and what of them is wanted; its `item` is given.
        folder: gets `attributes.parquet`, and the model in `model`.

    Returns:
        What filling came to.

    Raises:
        InputError: the files are not as expected, or nothing can be learnt from them.
    """
    taxonomy = read_taxonomy(listings.taxonomy)
    columns = ListingColumns(
        listings.category, listings.title, listings.description, listings.absent
    )
    files = [ListingFile(path) for path in find_files(listings.files, ENDINGS)]
    _check(listings, taxonomy, columns, files)
    trained = _trained(listings, taxonomy, columns, files)
    trained.save(below(folder, MODEL))
    held_out = by_attribute(trained.held_out)
    least = listings.least_precision
    # A model that was judged on nothing of an attribute has no precision to show either.
    unjudged = {name for name in listings.attributes if least and name not in held_out}
    withheld = below_precision(trained.held_out, least) | unjudged
    filler = AttributeFiller(ValueSearch(trained.model, taxonomy), columns, frozenset(withheld))
    written = _Written(listings)
    with pq.ParquetWriter(below(folder, FILE_NAME), written.schema) as writer:
        for file in files:
            for table in file.batches():
                writer.write_table(written.rows(filler.fill(table), file.path))
    # Layers that are made later get the names that they have in a process of their own.
    tf.keras.backend.clear_session()
    return AttributeFillResult(
        listings=written.listings,
        without_id=written.without_id,
        repeated=written.repeated,
        trained=trained.trained,
        least_precision=least,
        without_category=told_categories(taxonomy, filler.categories),
        attributes={
            name: _filled(filler.coverage[name], held_out.get(name, Counts()), name in withheld)
            for name in listings.attributes
        },
    )


def _check(
    listings: ItemListings, taxonomy: Taxonomy, columns: ListingColumns, files: list[ListingFile]
) -> None:
    for name in listings.attributes:
        if name not in taxonomy.attributes:
            raise InputError(
                f"listings.attributes: expected attributes of {listings.taxonomy}, found "
                f"{name!r}{did_you_mean(name, taxonomy.attributes)}"
            )
    for file in files:
        columns.check(file.columns, file.path)
        check_names(file.columns, taxonomy, columns, file.path)
        if listings.item not in file.columns:
            raise InputError(
                f"{file.path}: expected a column {listings.item!r} with the item's id, found none"
                f"{did_you_mean(str(listings.item), file.columns)}; `listings.item` names it"
            )
    check_categories(taxonomy, _batches(files), listings.category, ", ".join(listings.files))


def _batches(files: list[ListingFile]) -> Iterator[pa.Table]:
    for file in files:
        yield from file.batches()


def _trained(
    listings: ItemListings, taxonomy: Taxonomy, columns: ListingColumns, files: list[ListingFile]
) -> TrainedFilling:
    if listings.model:
        return TrainedFilling.load(listings.model)
    chosen = {
        "epochs": listings.epochs,
        "seed": listings.seed,
        "left_out": listings.left_out,
        "sentence_encoder": listings.encoder,
    }
    fields = {name: value for name, value in chosen.items() if value is not None}
    config = AttributeConfig.model_validate(fields)
    return train_filling(_batches(files), columns, taxonomy, config)


@dataclass
class _Written:
    """Makes the rows of `attributes.parquet`, and counts them.

    Attributes:
        wanted: the attributes, and what the columns mean.
        without_id: listings without the id of an item.
        seen: hashes of items, by batch.
    """

    wanted: ItemListings
    without_id: int = 0
    seen: list[np.ndarray] = field(default_factory=list)

    @property
    def schema(self) -> pa.Schema:
        """The id, and three columns an attribute."""
        fields = [(str(self.wanted.item), pa.string())]
        for name in self.wanted.attributes:
            fields += [
                (name, pa.string()),
                (name + SCORE, pa.float32()),
                (name + FILLED, pa.bool_()),
            ]
        return pa.schema(fields)

    @property
    def listings(self) -> int:
        """Listings that were written."""
        return sum(map(len, self.seen))

    @property
    def repeated(self) -> int:
        """Listings whose item an earlier one has."""
        items = np.concatenate(self.seen)
        items = items[items != 0]
        return len(items) - len(np.unique(items))

    def rows(self, table: pa.Table, path: str) -> pa.Table:
        """The rows of some filled listings."""
        item = str(self.wanted.item)
        items = ids_of(table, item, path)
        self.seen.append(items)
        self.without_id += int((items == 0).sum())
        arrays = [id_texts(table, item, path)]
        for name in self.wanted.attributes:
            arrays += [
                single_texts(table, name, self.wanted.absent),
                table[name + SCORE].cast(pa.float32()),
                table[name + FILLED],
            ]
        return pa.table(arrays, schema=self.schema)


def _filled(coverage: Coverage, judged: Counts, refused: bool) -> FilledAttribute:
    return FilledAttribute(
        asked=coverage.asked,
        stated=coverage.stated,
        absent=coverage.absent,
        filled=coverage.filled,
        before=_known(coverage.before),
        after=_known(coverage.after),
        precision=_known(judged.precision),
        recall=_known(judged.recall),
        judged=judged.listings,
        refused=refused and coverage.asked > coverage.stated + coverage.absent,
    )


def _known(share: float) -> float | None:
    return None if math.isnan(share) else share
