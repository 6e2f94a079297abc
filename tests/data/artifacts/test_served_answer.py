"""An exported model's answers are read item by item; what is no model or no number is refused."""

import math
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

from data.artifacts.served_answer import ExportedModel, item_values, pad
from data.errors import InputError


def test_what_is_no_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"no saved_model\.pb"):
        ExportedModel(str(tmp_path))


def a_list(number: int, prices: list[float]) -> bytes:
    """A serialized list."""
    identity = tf.train.Feature(bytes_list=tf.train.BytesList(value=[b"list %d" % number]))
    price = tf.train.Feature(float_list=tf.train.FloatList(value=prices))
    features = tf.train.Features(feature={"list_id": identity, "price": price})
    return tf.train.Example(features=features).SerializeToString()


class PriceRanker(tf.Module):
    """Scores an item by its price, as it is."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = tf.Variable(1.0)

    @tf.function(
        input_signature=[tf.TensorSpec([None], tf.string, name="examples")], autograph=False
    )
    def serve_examples(self, examples: tf.Tensor) -> dict[str, tf.Tensor]:
        spec = {"price": tf.io.RaggedFeature(tf.float32)}
        prices = tf.io.parse_example(examples, spec)["price"]
        return {"score": self.weight * prices.to_tensor(math.nan)}


@pytest.mark.parametrize("name", ["model [1]", "m?del", "m*"])
def test_a_folder_that_reads_as_a_pattern_is_a_model(tmp_path: Path, name: str) -> None:
    module = PriceRanker()
    signatures = {"serve_examples": module.serve_examples}
    folder = str(tmp_path / name)
    tf.saved_model.save(module, str(tmp_path / "saved"), signatures=signatures)
    (tmp_path / "saved").rename(folder)
    example = a_list(0, [7.0, 8.0, 9.0, 10.0])
    assert ExportedModel(folder)([example], np.array([4]))["score"].tolist() == [7, 8, 9, 10]


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
    tmp_path: Path, prices: list[float], items: int, fault: str
) -> None:
    module = PriceRanker()
    signatures = {"serve_examples": module.serve_examples}
    tf.saved_model.save(module, str(tmp_path), signatures=signatures)
    ranker = ExportedModel(str(tmp_path))
    examples = [
        a_list(0, [7.0, 8.0, 9.0, 10.0]),
        a_list(1, prices),
    ]
    with pytest.raises(InputError, match=fault):
        ranker(examples, np.array([4, items]))
    assert ranker(examples[:1], np.array([4]))["score"].tolist() == [7, 8, 9, 10]
    # As far as there are numbers, they are those of the same items.
    gaps = ranker.with_gaps(examples, np.array([4, items]))["score"]
    expected = [price if math.isfinite(price) else math.nan for price in [*prices, math.nan]]
    assert gaps.tolist() == pytest.approx([7, 8, 9, 10, *expected[:items]], nan_ok=True)


def test_no_lists_have_no_scores(tmp_path: Path) -> None:
    module = PriceRanker()
    signatures = {"serve_examples": module.serve_examples}
    tf.saved_model.save(module, str(tmp_path), signatures=signatures)
    nothing = ExportedModel(str(tmp_path)).with_gaps([], np.zeros(0, np.int64))
    assert {name: len(values) for name, values in nothing.items()} == {"score": 0}


def test_what_was_padded_is_read_back() -> None:
    lengths = np.array([2, 0, 3])
    padded = pad(tf.constant([1.0, 2.0, 3.0, 4.0, 5.0]), tf.constant(lengths)).numpy()
    assert padded.shape == (3, 3)
    values, faulty = item_values(padded, lengths)
    assert values.tolist() == [1, 2, 3, 4, 5]
    assert values.dtype == np.float32
    assert faulty.tolist() == [0, 0, 0]


NAN = math.nan


@pytest.mark.parametrize(
    ("answer", "faulty"),
    [
        ([[1, 2, 3], [4, NAN, NAN]], [0, 0]),
        ([[1, 2, NAN], [4, NAN, NAN]], [1, 0]),
        ([[1, 2], [4, NAN]], [1, 0]),
        ([[1, 2, 3], [4, 5, NAN]], [0, 1]),
        ([[1, 2, 3, 4], [4, NAN, NAN, NAN]], [1, 0]),
    ],
)
def test_answers_that_do_not_fit_the_lists(answer: list[list[float]], faulty: list[int]) -> None:
    values, found = item_values(np.array(answer), np.array([3, 1]))
    assert found.tolist() == faulty
    assert len(values) == 4
