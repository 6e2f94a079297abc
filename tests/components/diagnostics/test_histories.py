"""Histories of drawn lists: permuted as a whole, and changed by the gates of serving."""

from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

from components.diagnostics.drawn_lists import DrawnLists, read_drawn_lists
from components.diagnostics.importance import measure_importance
from components.evaluator.release_gates.serving import unusual_lists
from data.definition.dataset import Dataset
from data.lists.examples import feature_columns, plain_example
from data.lists.parsing import parse_served

DATASET = Dataset.model_validate(
    {
        "name": "shop",
        "list_id": "search",
        "tasks": [{"name": "click", "grade": 1}],
        "history": {"newest": 3},
        "features": [
            {"name": "price", "scope": "item", "kind": "numeric"},
            {"name": "seen_price", "scope": "history", "like": "price"},
            {"name": "seen_brand", "scope": "history", "kind": "categorical"},
            {"name": "seen_looks", "scope": "history", "kind": "vector", "length": 2},
        ],
    }
)


def _example(number: int, entries: int) -> bytes:
    texts = {
        "list_id": f"list {number}",
        "list_region": "all",
        "list_platform": "all",
        "list_user": "u",
    }
    numbers = np.arange(entries, dtype=np.float32) + 10 * number
    columns = {name: np.array([text.encode()], object) for name, text in texts.items()}
    columns |= {
        "list_weight": np.float32([1]),
        "price": np.float32([1, 2]),
        "label_click": np.float32([0, 1]),
        "seen_price": numbers,
        "seen_brand": np.array([f"{value:g}".encode() for value in numbers], object),
        "seen_looks": np.repeat(numbers, 2),
    }
    return plain_example(columns)


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> DrawnLists:
    folder: Path = tmp_path_factory.mktemp("drawn")
    with tf.io.TFRecordWriter(str(folder / "lists-00000")) as writer:
        for number, entries in enumerate((2, 0, 3, 1)):
            writer.write(_example(number, entries))
    return read_drawn_lists(str(folder), DATASET)


def _parsed(examples: list[bytes]) -> tuple[list, list]:
    lists = parse_served(tf.constant(examples), DATASET)
    assert lists.history_lengths is not None
    prices, brands, looks = (
        lists.history[f"seen_{n}"].numpy() for n in ("price", "brand", "looks")
    )
    assert [f"{value:g}".encode() for value in prices] == brands.tolist()
    np.testing.assert_array_equal(np.repeat(prices, 2), looks)
    return lists.history_lengths.numpy().tolist(), prices.tolist()


def test_a_history_is_permuted_as_a_whole(drawn: DrawnLists) -> None:
    lengths, prices = _parsed(drawn.examples())
    assert (lengths, prices) == ([2, 0, 3, 1], [0, 1, 20, 21, 22, 30])
    permuted = drawn.permuted(DATASET.history_features, np.random.default_rng(2))
    moved, others = _parsed(permuted.examples())
    assert sorted(moved) == sorted(lengths)
    assert moved != lengths
    assert sorted(others) == sorted(prices)


def test_the_importance_of_a_history_is_one(drawn: DrawnLists) -> None:
    def score(examples: list[bytes], _: np.ndarray) -> dict[str, np.ndarray]:
        values = np.tile([0.0, 1.0], len(examples))
        return {"score": values, "probability_click": values}

    found = measure_importance(DATASET, drawn, score, at=None)
    assert list(found.lost) == ["price", "history"]


def test_unusual_lists_have_no_past_actions_or_many() -> None:
    for entries in (2, 0):
        unusual = unusual_lists(DATASET, _example(0, entries))
        lengths = {
            name: len(feature_columns(DATASET.features, example)["seen_looks"])
            for name, example in unusual.items()
        }
        assert lengths.pop("no past actions") == 0
        assert lengths.pop("more past actions than are kept") == 2 * 3
        assert set(lengths.values()) == {entries}
