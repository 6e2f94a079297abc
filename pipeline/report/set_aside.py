"""The first rows that were set aside, for people to look at."""

import json
from typing import Any

import tensorflow as tf

from data.files import files_in

MOST_ROWS = 20


def first_rows(folder: str) -> list[dict[str, Any]]:
    """Reads some of the rows that were set aside.

    Args:
        folder: of a RowsSetAside artifact.

    Returns:
        `MOST_ROWS` at most, each with `file`, `row` and `reason`.
    """
    rows: list[dict[str, Any]] = []
    for path in files_in(folder, "rows-", ".jsonl"):
        with tf.io.gfile.GFile(path) as file:
            for line in file:
                if len(rows) == MOST_ROWS:
                    return rows
                rows.append(json.loads(line))
    return rows
