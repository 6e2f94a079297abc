"""The simulated arrays as the columns of logs."""

import numpy as np
import pyarrow as pa

from data.simulator.config import SimulatorConfig
from data.simulator.draws import Booleans, Floats, Integers, Purpose, normal, stream
from data.simulator.past_actions import listing_ids
from data.simulator.queries import Queries
from data.simulator.regions import LANGUAGES, PLATFORMS, REGIONS
from data.simulator.second_kind import KIND, KINDS, OF_SHOPS
from data.simulator.shifts import CATEGORIES, CONDITIONS, Shifts
from data.simulator.supply import BRANDS, Listings

Columns = dict[str, pa.Array]

_BRAND_NAMES = tuple(f"brand_{number + 1:03d}" for number in range(BRANDS))
_NUMBERS = (
    *("price", "discount", "shipping_cost", "delivery_days", "distance_km", "seller_rating"),
    *("review_count", "popularity", "text_match", "photo_quality", "photo_count", "age_days"),
)


def list_columns(queries: Queries, row: Integers) -> Columns:
    """Columns with one value a list, repeated for its items.

    Args:
        queries: the B queries of a block.
        row: int [N], which query each item answers.

    Returns:
        Arrays of N values.
    """
    shown_at = pa.array(queries.shown_at, pa.timestamp("ms", tz="UTC"))
    columns = {
        "list_id": pa.array(np.char.mod("%08d", queries.index).tolist()),
        "shown_at": shown_at,
        "user_id": pa.array(np.char.mod("u%07d", queries.user).tolist()),
        "randomised": pa.array(queries.randomised.astype(np.int8)),
        "country": _names(REGIONS, queries.region),
        "language": _names(LANGUAGES, queries.region),
        "platform": _names(PLATFORMS, queries.platform),
        "query_category": _names(CATEGORIES, queries.category),
        "query_words": pa.array(queries.words),
        "hour": pa.array(queries.hour),
        "past_purchases": pa.array(queries.past_purchases),
    }
    rows = pa.array(row)
    return {name: column.take(rows) for name, column in columns.items()}


def item_columns(listings: Listings) -> Columns:
    """Columns with one value an item; missing values are null."""
    return {
        "listing_category": _names(CATEGORIES, listings.category),
        "listing_country": _names(REGIONS, listings.country),
        "condition": _names(CONDITIONS, listings.condition, missing=_missing(listings.condition)),
        "brand": _names(_BRAND_NAMES, listings.brand, missing=listings.brand < 0),
        **{name: _numbers(getattr(listings, name)) for name in _NUMBERS},
        "style": _vectors(listings.style),
        **_later_columns(listings),
    }


def _later_columns(listings: Listings) -> Columns:
    """Columns that listings have where switches are on."""
    columns = {}
    if listings.number is not None:
        columns["listing_id"] = listing_ids(listings.number)
    if listings.stock is not None:
        columns["stock"] = _numbers(listings.stock)
    if listings.shop is not None:
        columns[KIND] = _names(KINDS, listings.shop.astype(np.int64))
        columns |= {name: _numbers(getattr(listings, name)) for name in OF_SHOPS}
    return columns


def noise_columns(
    config: SimulatorConfig, shifts: Shifts, queries: Queries, row: Integers, block: int
) -> Columns:
    """Features without effect on users; every second one is distributed differently by region."""
    generator = stream(config.seed, Purpose.NOISE, block)
    location = shifts.noise[queries.region]
    columns = {}
    for number, name in enumerate(config.context_noise):
        values = normal(generator, len(location)) + location * (number % 2)
        columns[name] = pa.array(values[row])
    for number, name in enumerate(config.item_noise):
        values = normal(generator, len(row)) + location[row] * (number % 2)
        columns[name] = pa.array(values)
    return columns


def _names(names: tuple[str, ...], indices: Integers, missing: Booleans | None = None) -> pa.Array:
    return pa.array(names).take(pa.array(indices, mask=missing))


def _missing(indices: Integers) -> Booleans | None:
    """Where an index is none; None where all are one."""
    missing = indices < 0
    return missing if missing.any() else None


def _numbers(values: Floats) -> pa.Array:
    return pa.array(values, from_pandas=True)


def _vectors(values: Floats) -> pa.Array:
    """Vectors of equal length, float [N, D]; null where they are NaN."""
    missing = np.isnan(values[:, 0])
    lengths = np.where(missing, 0, values.shape[1])
    offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int32)
    no_value = np.append(missing, False)
    return pa.ListArray.from_arrays(
        pa.array(offsets, mask=no_value), pa.array(values[~missing].ravel())
    )
