"""Sellers who leave the condition of a listing empty, and say it in the words of their texts.

What a listing says follows from its id alone, so that it says the same wherever it is shown. Users
see the listing, and act on its true condition; the logs do not know it.
"""

import json
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from data.files import whole_file, write_whole
from data.hashing import hash_shares
from data.simulator.shifts import CATEGORIES, CONDITIONS

# Share of listings whose seller leaves the condition empty.
SILENT = 0.3
# Share of listings whose texts say nothing of it, and of those that speak of another one.
_WORDLESS, _MISLEADING = 0.05, 0.03

ITEM, CONDITION, TRUE_CONDITION = "item_id", "condition", "true_condition"
LISTINGS, TAXONOMY = "listings.parquet", "taxonomy.json"

# How sellers speak of each condition; most never by its name.
_WORDS = {
    "new": ("brand new", "never used", "still sealed", "unopened box", "with tags", "new"),
    "handmade": ("handmade", "crafted by hand", "from my own workshop", "made to order by me"),
    "vintage": ("vintage", "from the seventies", "my grandmother's", "a true antique", "retro"),
    "refurbished": ("refurbished", "restored", "repaired and tested", "overhauled", "runs again"),
}
_OPENINGS = ("", "lovely ", "great ", "rare ", "popular ", "large ", "small ", "light ")
_ENDINGS = ("fast shipping", "ask me anything", "pick up possible", "see the photos", "last one")


def with_silent_sellers(seed: int, table: pa.Table) -> pa.Table:
    """Logs with ids of their items, and conditions only where sellers state them.

    Args:
        seed: of the marketplace; part of the ids.
        table: logs of whole lists, in shown order.

    Returns:
        The same rows, with `item_id`, fewer values of `condition`, and `true_condition`.
    """
    position = table["position"].cast(pa.string())
    items = pc.binary_join_element_wise(f"i{seed}", table["list_id"], position, "-")
    true = table[CONDITION].combine_chunks()
    silent = pa.array(_share(items, "silent") < SILENT)
    stated = pc.if_else(silent, pa.scalar(None, true.type), true)
    place = table.column_names.index(CONDITION)
    changed = table.set_column(place, CONDITION, stated)
    return changed.append_column(ITEM, items).append_column(TRUE_CONDITION, true)


def listings_of_logs(table: pa.Table) -> pa.Table:
    """The listings of the items of logs that `with_silent_sellers` made.

    Args:
        table: the logs.

    Returns:
        `item_id`, `category`, `title`, `description` and the stated `condition` of each item.
    """
    items = table[ITEM].combine_chunks()
    category = table["listing_category"].combine_chunks()
    words = _words(items, table[TRUE_CONDITION].combine_chunks())
    in_title = pa.array(_share(items, "place") < 0.5)
    brand = pc.fill_null(table["brand"].combine_chunks(), "")
    title = _joined(_drawn(items, "opening", _OPENINGS), category, " ", brand)
    return pa.table(
        {
            ITEM: items,
            "category": category,
            "title": _joined(title, pc.if_else(in_title, _joined(", ", words), "")),
            "description": _joined(
                pc.if_else(in_title, "", _joined(words, ", ")), _drawn(items, "ending", _ENDINGS)
            ),
            CONDITION: table[CONDITION],
        }
    )


def write_listings(logs: Iterable[pa.Table], folder: Path) -> None:
    """Writes the listings of the items of logs, and the taxonomy, each whole or not at all.

    Args:
        logs: of a marketplace with silent sellers.
        folder: gets `listings.parquet` and `taxonomy.json`; it is made where there is none.
    """
    folder.mkdir(parents=True, exist_ok=True)
    taxonomy = {category: {CONDITION: list(CONDITIONS)} for category in CATEGORIES}
    write_whole(folder / TAXONOMY, json.dumps(taxonomy, indent=2) + "\n")
    with whole_file(folder / LISTINGS) as partial:
        writer: pq.ParquetWriter | None = None
        for table in logs:
            listings = listings_of_logs(table)
            writer = writer or pq.ParquetWriter(partial, listings.schema)
            writer.write_table(listings)
        if writer:
            writer.close()


def _words(items: pa.Array, condition: pa.Array) -> pa.Array:
    """What the texts say of the condition: its own words, those of another one, or nothing."""
    names = np.array(CONDITIONS)
    said = np.searchsorted(np.sort(names), condition.to_numpy(zero_copy_only=False).astype(str))
    said = np.argsort(names)[said]
    chance = _share(items, "misled")
    misled = chance < _MISLEADING
    said = np.where(misled, (said + 1) % len(names), said)
    counts = np.array([len(_WORDS[name]) for name in CONDITIONS])
    starts = np.cumsum(counts) - counts
    phrases = pa.array([phrase for name in CONDITIONS for phrase in _WORDS[name]] + [""])
    drawn = starts[said] + (_share(items, "phrase") * counts[said]).astype(np.int64)
    wordless = ~misled & (chance < _MISLEADING + _WORDLESS)
    return phrases.take(pa.array(np.where(wordless, len(phrases) - 1, drawn)))


def _drawn(items: pa.Array, purpose: str, texts: tuple[str, ...]) -> pa.Array:
    places = (_share(items, purpose) * len(texts)).astype(np.int64)
    return pa.array(texts).take(pa.array(places))


def _share(items: pa.Array | pa.ChunkedArray, purpose: str) -> np.ndarray:
    texts = items.combine_chunks() if isinstance(items, pa.ChunkedArray) else items
    if isinstance(texts, pa.ChunkedArray):
        texts = texts.chunk(0)
    return hash_shares(texts, purpose)


def _joined(*parts: pa.Array | str) -> pa.Array:
    return pc.binary_join_element_wise(*parts, "")
