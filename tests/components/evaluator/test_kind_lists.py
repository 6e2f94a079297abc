"""The items of each kind are judged among their own, and whole lists as ever."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf
from sklearn.metrics import ndcg_score

from components.evaluator.config import EvaluationConfig, ReleaseGate, release_gates_for
from components.evaluator.kind_lists import cut_by_kind
from components.evaluator.list_values import LabelledLists
from data.definition.dataset import Dataset
from tests.components.evaluator.test_executor import Run

NAN = float("nan")


def test_parts_hold_the_items_of_a_kind_in_their_order() -> None:
    lists = LabelledLists(
        row_lengths=np.array([4, 1, 2]),
        labels={"click": np.array([1.0, 0, 0, 1, 1, 0, NAN])},
        truth={},
        positions=np.arange(7.0),
        weights=np.array([1.0, 2, 3]),
    )
    kinds = np.array([b"shop", b"product", b"shop", b"", b"product", b"", b"shop"], object)
    scores = np.array([[0.1, 0.2, 0.3, 0.4], [0.5, NAN, NAN, NAN], [0.6, 0.7, NAN, NAN]])
    found = cut_by_kind(lists, {"candidate": {"score": scores}}, kinds)
    assert found is not None
    assert found.kinds.tolist() == [b"product", b"shop", b"product", b"shop"]
    assert found.whole.tolist() == [0, 0, 1, 2]
    assert found.lists.row_lengths.tolist() == [1, 2, 1, 1]
    assert found.lists.weights.tolist() == [1, 1, 2, 3]
    np.testing.assert_array_equal(found.lists.labels["click"], [0, 1, 0, 1, NAN])
    np.testing.assert_array_equal(found.lists.positions, [1, 0, 2, 4, 6])
    expected = [[0.2, NAN], [0.1, 0.3], [0.5, NAN], [0.7, NAN]]
    np.testing.assert_array_equal(found.predictions["candidate"]["score"], expected)


def test_lists_without_kinds_have_no_parts() -> None:
    lists = LabelledLists(np.array([2]), {"click": np.zeros(2)}, {}, None, np.ones(1))
    scores = {"candidate": {"score": np.zeros((1, 2))}}
    assert cut_by_kind(lists, scores, np.array([b"", b""], object)) is None


@pytest.fixture
def mixed(shop: Dataset) -> Dataset:
    definition = shop.model_dump(mode="json")
    card = {"name": "card", "scope": "item", "kind": "categorical"}
    return Dataset.model_validate(
        {**definition, "kind_of_item": "card", "features": [*definition["features"], card]}
    )


def with_cards(folder: Path) -> None:
    """Gives each item a kind; in every third list all are products, and one item has none."""
    random = np.random.default_rng(3)
    for file in (folder / "Split-eval").glob("*"):
        rows = list(tf.data.TFRecordDataset(str(file)).as_numpy_iterator())
        with tf.io.TFRecordWriter(str(file)) as writer:
            for number, row in enumerate(rows):
                one = tf.train.Example.FromString(row)
                kinds = random.choice([b"product", b"shop"], 5, p=[0.6, 0.4])
                kinds = [b"product"] * 4 + [b""] if number % 3 == 0 else kinds.tolist()
                one.features.feature["card"].bytes_list.value.extend(kinds)
                writer.write(one.SerializeToString())


def rescored(folder: Path, model: Path, kind: bytes | None) -> float:
    """Mean NDCG@5 of clicks by scikit-learn, of a kind's items or of whole lists."""
    files = sorted(map(str, (folder / "Split-eval").glob("*")))
    rows = list(tf.data.TFRecordDataset(files).as_numpy_iterator())
    serve = tf.saved_model.load(str(model / "Format-Serving")).signatures["serve_examples"]
    scores = serve(tf.constant(rows))["score"].numpy()
    found = []
    for row, score in zip(rows, scores, strict=True):
        features = tf.train.Example.FromString(row).features.feature
        own = np.array([kind in (None, one) for one in features["card"].bytes_list.value])
        labels = np.array(features["label_click"].float_list.value)[own]
        if 0 < labels.sum() < len(labels):
            found.append(ndcg_score([labels], [score[own]], k=5))
    return float(np.mean(found))


def test_slices_by_kind_rank_a_kind_among_its_own(
    tmp_path: Path,
    mixed: Dataset,
    make_model: Callable[..., Path],
    write_lists: Callable[..., None],
) -> None:
    folder = tmp_path / "lists"
    write_lists(folder / "Split-eval", 60)
    with_cards(folder)
    model = make_model("good")
    gate = ReleaseGate(metric="ndcg@5", against="random", slices=({"kind": "shop"},))
    run = Run(tmp_path / "run", mixed, folder, model, gates=(gate,), calibration="off")
    for kind in (None, "product", "shop"):
        part = run.results.slice_of({"kind": kind} if kind else {})
        assert part is not None
        own = part.targets["click"].rankings["score"]["ndcg@5"]
        expected = rescored(folder, model, kind.encode() if kind else None)
        assert own.value == pytest.approx(expected, abs=1e-6)
    overall = run.results.slice_of({})
    parts = [run.results.slice_of({"kind": kind}) for kind in ("product", "shop")]
    assert overall is not None
    assert overall.lists == 60
    assert overall.items == 300
    # 20 items have no kind.
    assert sum(part.items for part in parts if part) == 280
    regions = [part for part in run.results.slices if tuple(part.slice) == ("region",)]
    assert sum(part.lists for part in regions) == 60
    (judged,) = [one for one in run.verdict.gates if "ndcg@5" in one.gate]
    assert judged.passed
    assert parts[1] is not None
    above = parts[1].targets["graded"].rankings["score"]["ndcg@5"].above_random
    assert above is not None
    assert judged.value in (above.low, above.value)


def test_default_gates_hold_for_every_kind(mixed: Dataset) -> None:
    gates = release_gates_for(EvaluationConfig(), mixed)
    assert any("every_kind" in gate.slices for gate in gates)
