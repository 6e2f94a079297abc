"""The validation lists that a search judges by."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
import tensorflow as tf

from data.definition import keys
from data.definition.dataset import Dataset
from data.errors import InputError
from data.lists.encoding import encode
from data.lists.lists import group_rows
from data.metrics.list_metrics import list_ndcg
from data.rows import canonical_rows
from data.sources import RowBatch
from pipeline.tuning.lists import PreparedLists

DATASET = Dataset.model_validate(
    {
        "name": "shop",
        "list_id": "search",
        "user": "user",
        "list_weight": "weight",
        "tasks": [
            {"name": "click", "column": "click", "grade": 1},
            {"name": "purchase", "column": "purchase", "grade": 2},
        ],
        "features": [{"name": "price", "scope": "item", "kind": "numeric"}],
    }
)


def _prepared(folder: Path, clicks: list[int]) -> PreparedLists:
    """Lists of three items each, two lists a user."""
    number = np.arange(len(clicks)) // 3
    table = pa.table(
        {
            "search": [f"s{one}" for one in number],
            "user": [f"u{one // 2}" for one in number],
            "weight": 1.0 + number,
            "click": [int(one > 0) for one in clicks],
            "purchase": [int(one > 1) for one in clicks],
            "price": np.arange(len(clicks), dtype=float),
        }
    )
    rows = canonical_rows(DATASET, RowBatch("shop.csv", 1, table)).rows
    split = folder / f"Split-{keys.VALIDATION}"
    split.mkdir()
    with tf.io.TFRecordWriter(str(split / "data.tfrecord")) as writer:
        for example in encode(group_rows(DATASET, rows)):
            writer.write(example)
    return PreparedLists(DATASET, str(folder), "", "")


def test_lists_are_judged_by_their_actions(tmp_path: Path) -> None:
    # 2 is a purchase.
    judged = _prepared(tmp_path, [0, 1, 2, 1, 0, 0, 0, 0, 0]).judged
    assert judged.row_lengths.tolist() == [3, 3, 3]
    assert judged.weights.tolist() == [1, 2, 3]
    assert judged.users.to_pylist() == [b"u0", b"u0", b"u1"]
    np.testing.assert_array_equal(judged.gains["graded"], [0, 1, 3, 1, 0, 0, 0, 0, 0])
    np.testing.assert_array_equal(judged.gains["purchase"], [0, 0, 1, 0, 0, 0, 0, 0, 0])
    scores = np.arange(9.0)
    found = judged.ndcg(scores, 2)
    assert list(found) == ["click", "purchase", "graded"]
    for target, ndcg in found.items():
        expected = list_ndcg(judged.gains[target], scores, judged.row_lengths, 2)
        np.testing.assert_array_equal(ndcg, expected)
    assert np.isnan(found["graded"][2])


def test_lists_without_an_action_cannot_judge(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"shop: expected validation lists whose .* among 2$"):
        _ = _prepared(tmp_path, [0, 0, 0, 0, 0, 0]).judged


def test_without_validation_lists_there_is_nothing_to_search_with(tmp_path: Path) -> None:
    prepared = PreparedLists(DATASET, str(tmp_path), "", "")
    with pytest.raises(InputError, match="shop: expected validation lists, which settings are"):
        _ = prepared.judged
