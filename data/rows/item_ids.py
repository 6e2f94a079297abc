"""What identifies items, as hashes that are the same in every file."""

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from data.hashing import text_hashes
from data.rows.raw import RawColumn
from data.rows.text import as_category


def item_hashes(column: RawColumn) -> np.ndarray:
    """Hashes ids of items; equal ids have equal hashes, whatever type a file stores.

    Args:
        column: texts or numbers [N].

    Returns:
        uint64 [N]; 0 where the id is missing.

    Raises:
        InputError: the column is nested.
    """
    if pa.types.is_nested(column.values.type):
        raise column.wrong_type("text or numbers")
    # Each item once, since text and its hash cost more than all else.
    encoded = column.values.dictionary_encode()
    texts = pc.fill_null(as_category(replace(column, values=encoded.dictionary)), "")
    known = pc.not_equal(texts, "").to_numpy(zero_copy_only=False)
    hashes = np.append(np.where(known, text_hashes(texts, "item"), np.uint64(0)), np.uint64(0))
    return hashes[pc.fill_null(encoded.indices, len(texts)).to_numpy()]
