"""Sessions of the Google Merchandise Store: nested Parquet -> one row a session and product."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from data.errors import InputError
from data.sources.nested_columns import LIST_LEVELS
from data.sources.parquet_files import parquet_leaves, read_parquet
from data.sources.source import RowBatch, Shard
from data.sources.table import PARQUET_ENDINGS, TableSource

# What is read, by paths without the levels that Parquet adds for lists.
SESSION_COLUMNS = {
    "visitor": "fullVisitorId",
    "visit": "visitId",
    "visit_number": "visitNumber",
    "visit_start": "visitStartTime",
    "channel": "channelGrouping",
    "medium": "trafficSource.medium",
    "device": "device.deviceCategory",
    "operating_system": "device.operatingSystem",
    "browser": "device.browser",
    "country": "geoNetwork.country",
    "sub_continent": "geoNetwork.subContinent",
    "continent": "geoNetwork.continent",
}
PRODUCT_COLUMNS = {
    "product": "hits.product.v2ProductName",
    "category": "hits.product.v2ProductCategory",
    "brand": "hits.product.productBrand",
    "micros": "hits.product.productPrice",
    "list_name": "hits.product.productListName",
    "shown": "hits.product.isImpression",
    "clicked": "hits.product.isClick",
}
ACTION_COLUMN = "hits.eCommerceAction.action_type"
LEAVES = (*SESSION_COLUMNS.values(), *PRODUCT_COLUMNS.values(), ACTION_COLUMN)
# Columns of the rows that come out.
COLUMNS = (
    "session",
    *SESSION_COLUMNS,
    "product",
    "category",
    "brand",
    "list_name",
    "price",
    "position",
    "click",
    "add_to_cart",
    "purchase",
)
_DETAIL_VIEW, _ADD_TO_CART, _PURCHASE = "2", "3", "6"
_MICROS = 1e6
_SESSIONS_PER_BATCH = 4096


def shown_products(sessions: pa.Table) -> tuple[np.ndarray, pa.Table]:
    """Makes one row of each product that a session was shown, as it was shown first.

    Impressions carry the SKU of the parent product, carts and purchases that of the variant, so
    an action belongs to the product of the same name in its session. Actions on products that
    the session was not shown are left out.

    Args:
        sessions: `LEAVES`, one row a session [S].

    Returns:
        int64 [N], the session of each row; and the rows [N] with `COLUMNS`. `price` is in the
        store's currency and missing where the log says 0, `position` counts from 1 in the order
        in which the session met its products.
    """
    hits = sessions["hits"].combine_chunks()
    session_of_hit, hit = _elements(hits)
    hit_of_product, product = _elements(_field(hit, "product"))
    session = session_of_hit[hit_of_product]
    action = _text(_field(hit, "eCommerceAction.action_type"))[hit_of_product]
    values = {
        name: _field(product, path.removeprefix("hits.product."))
        for name, path in PRODUCT_COLUMNS.items()
    }
    names = pc.fill_null(values["product"], "").dictionary_encode()
    pair = session * max(len(names.dictionary), 1) + names.indices.to_numpy()
    rows = _first_of_each(pair, _flag(values["shown"]))
    actions = {
        "click": _flag(values["clicked"]) | (action == _DETAIL_VIEW),
        "add_to_cart": action == _ADD_TO_CART,
        "purchase": action == _PURCHASE,
    }
    labels = {name: np.isin(pair[rows], pair[done]) for name, done in actions.items()}
    columns = {
        **_session_columns(sessions, session[rows]),
        **{name: values[name].take(pa.array(rows)) for name in COLUMNS if name in values},
        "price": _price(values["micros"].take(pa.array(rows))),
        "position": _positions(session[rows]),
        **{name: label.astype(np.int64) for name, label in labels.items()},
    }
    return session[rows], pa.table({name: columns[name] for name in COLUMNS})


def _elements(lists: pa.ListArray) -> tuple[np.ndarray, pa.Array]:
    """The list of each element, int64 [N], and the elements [N]."""
    lengths = pc.fill_null(pc.list_value_length(lists), 0).to_numpy()
    return np.repeat(np.arange(len(lengths)), lengths), lists.flatten()


def _field(values: pa.Array, path: str) -> pa.Array:
    """A field of structs, missing where a struct on its path is."""
    for name in path.split("."):
        values = pc.struct_field(values, [values.type.get_field_index(name)])
    return values


def _flag(values: pa.Array) -> np.ndarray:
    return pc.fill_null(values.cast(pa.bool_()), False).to_numpy(zero_copy_only=False)


def _text(values: pa.Array) -> np.ndarray:
    return pc.fill_null(values.cast(pa.string()), "").to_numpy(zero_copy_only=False)


def _first_of_each(pair: np.ndarray, shown: np.ndarray) -> np.ndarray:
    """Where each (session, product) is shown first, in the order of the file."""
    places = np.flatnonzero(shown)
    _, first = np.unique(pair[places], return_index=True)
    return places[np.sort(first)]


def _positions(session: np.ndarray) -> np.ndarray:
    """Counts the rows of each session, whose rows lie together, from 1."""
    starts = np.searchsorted(session, session)
    return np.arange(len(session)) - starts + 1


def _price(micros: pa.Array) -> pa.Array:
    price = pc.divide(micros.cast(pa.float64()), _MICROS)
    return pc.if_else(pc.greater(price, 0), price, None)


def _session_columns(sessions: pa.Table, rows: np.ndarray) -> dict[str, pa.Array]:
    columns = {}
    for name, path in SESSION_COLUMNS.items():
        root, *rest = path.split(".", 1)
        column = sessions[root].combine_chunks()
        columns[name] = _field(column, rest[0]) if rest else column
    parts = [columns[name].cast(pa.string()) for name in ("visitor", "visit")]
    columns["session"] = pc.binary_join_element_wise(*parts, "-")
    return {name: column.take(pa.array(rows)) for name, column in columns.items()}


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
    return {LIST_LEVELS.sub("", leaf): leaf for leaf in parquet_leaves(path)}
