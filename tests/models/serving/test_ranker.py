"""A ranker refuses what is no model and answers that are no numbers."""

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tensorflow as tf

from data.errors import InputError
from models.serving.ranker import load_ranker
from tests.models.serving.answers import with_items


def test_what_is_no_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"no saved_model\.pb"):
        load_ranker(str(tmp_path))


class PriceRanker(tf.Module):
    """Scores an item by its price, as it is."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = tf.Variable(1.0)

    @tf.function(input_signature=[tf.TensorSpec([None], tf.string, name="examples")])
    def serve_examples(self, examples: tf.Tensor) -> dict[str, tf.Tensor]:
        spec = {"price": tf.io.RaggedFeature(tf.float32)}
        prices = tf.io.parse_example(examples, spec)["price"]
        return {"score": self.weight * prices.to_tensor(math.nan)}


@pytest.mark.parametrize("name", ["model [1]", "m?del", "m*"])
def test_a_folder_that_reads_as_a_pattern_is_a_model(
    tmp_path: Path, lists: list[Any], name: str
) -> None:
    module = PriceRanker()
    signatures = {"serve_examples": module.serve_examples}
    folder = str(tmp_path / name)
    tf.saved_model.save(module, str(tmp_path / "saved"), signatures=signatures)
    (tmp_path / "saved").rename(folder)
    example = with_items(lists[0], price=[7.0, 8.0, 9.0, 10.0]).serialized()
    assert load_ranker(folder)([example], np.array([4]))["score"].tolist() == [7, 8, 9, 10]


@pytest.mark.parametrize(
    ("prices", "items", "fault"),
    [
        ([1.0, math.nan, 3.0], 3, "each of the 3 items of list 'list 1', found nan at place 2"),
        ([1.0, 2.0, math.inf], 3, "found inf at place 3"),
        ([1.0, 2.0], 3, "found nan at place 3"),
        ([1.0, 2.0, 3.0], 2, r"each of the 2 items of list 'list 1', found 3\.0 at place 3"),
    ],
)
def test_a_number_that_is_missing_shifts_no_other(
    tmp_path: Path, lists: list[Any], prices: list[float], items: int, fault: str
) -> None:
    module = PriceRanker()
    signatures = {"serve_examples": module.serve_examples}
    tf.saved_model.save(module, str(tmp_path), signatures=signatures)
    ranker = load_ranker(str(tmp_path))
    examples = [
        with_items(lists[0], price=[7.0, 8.0, 9.0, 10.0]).serialized(),
        with_items(lists[1], price=prices).serialized(),
    ]
    with pytest.raises(InputError, match=fault):
        ranker(examples, np.array([4, items]))
    assert ranker(examples[:1], np.array([4]))["score"].tolist() == [7, 8, 9, 10]
