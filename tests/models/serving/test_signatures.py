"""What the signatures of an exported model take and answer."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tensorflow as tf
import yaml

from data.artifacts.calibration import Calibration
from data.artifacts.served_answer import ExportedModel
from data.definition.codecs import codec
from data.definition.dataset import Dataset
from data.lists.parsing import parse_lists
from models.calibration.calibrated import Calibrated
from models.calibration.places import place_ids
from models.features.transform_graph import TransformGraph
from models.ranking_model import RankingModel
from models.weights import named_weights
from tests.models.serving.answers import OUTPUTS, by_plain_tensors, ranked


def test_signatures_name_the_features(exported: Any, dataset: Dataset) -> None:
    assert set(exported.signatures) == {"serving_default", "serve_examples"}
    inputs = exported.signatures["serving_default"].structured_input_signature[1]
    assert {name: spec.dtype for name, spec in inputs.items()} == {
        feature.name: codec(feature).dtype for feature in dataset.features
    }
    shapes = {name: spec.shape.as_list() for name, spec in inputs.items()}
    assert shapes["wealth"] == [None]
    assert shapes["price"] == [None]
    assert shapes["image"] == [None, 2]
    for signature in exported.signatures.values():
        assert set(signature.structured_outputs) == set(OUTPUTS)


def test_all_ways_give_the_numbers_of_the_trained_weights(
    exported: Any,
    ranker: ExportedModel,
    dataset: Dataset,
    graph: TransformGraph,
    build_model: Callable[..., RankingModel],
    trained: Path,
    lists: list[Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    extra = trained / "model" / "assets.extra"
    training = yaml.safe_load((extra / "training.yaml").read_text())
    model = build_model(training, yaml.safe_load((extra / "model.yaml").read_text()))
    serialized = [one.serialized() for one in lists]
    batch = graph(parse_lists(tf.constant(serialized), dataset, labels=False))
    model(batch)
    for weight, value in zip(named_weights(model).values(), exported.weights, strict=True):
        weight.assign(value.numpy())
    predictions = model(batch, training=False)
    calibration = Calibration.model_validate_json((extra / "calibration.json").read_text())
    calibrate = Calibrated(calibration, place_ids(dataset, graph.vocabularies()), graph.sizes)
    probabilities = calibrate(predictions.logits, batch)
    assert np.abs(probabilities.numpy() - predictions.probabilities.numpy()).max() > 1e-3
    answers = [*probabilities.numpy().T, model.score(probabilities).numpy()]
    expected = dict(zip(OUTPUTS, answers, strict=True))
    # Several batches, and lists of all lengths among each other.
    monkeypatch.setattr("data.artifacts.served_answer._LISTS_AT_ONCE", 64)
    found = ranked(ranker, lists)
    plainly = [by_plain_tensors(exported, one, dataset) for one in lists]
    for name in OUTPUTS:
        np.testing.assert_allclose(found[name], expected[name], atol=1e-5)
        joined = np.concatenate([outputs[name] for outputs in plainly])
        np.testing.assert_allclose(joined, expected[name], atol=1e-5)


def test_outputs_are_descending_probabilities_and_the_expected_gain(
    ranker: ExportedModel, lists: list[Any]
) -> None:
    outputs = ranked(ranker, lists)
    click, order, score = (outputs[name] for name in OUTPUTS)
    assert ((click > 0) & (click < 1)).all()
    assert (order <= click + 1e-6).all()
    # Grades 1 and 2: a click gains 1, an order 2 more; 3 is the most.
    np.testing.assert_allclose(score, (click + 2 * order) / 3, rtol=1e-5)
    assert np.unique(score).size > len(lists)


def test_examples_are_answered_in_rows_padded_with_nan(exported: Any, lists: list[Any]) -> None:
    serialized = tf.constant([one.serialized() for one in lists[:10]])
    lengths = np.array([len(one.item["rating"]) for one in lists[:10]])
    outputs = exported.signatures["serve_examples"](examples=serialized)
    padding = np.arange(lengths.max()) >= lengths[:, np.newaxis]
    for values in outputs.values():
        np.testing.assert_array_equal(np.isnan(values), padding)


def test_no_list_at_all(exported: Any, ranker: ExportedModel) -> None:
    outputs = exported.signatures["serve_examples"](examples=tf.zeros([0], tf.string))
    assert all(values.shape[0] == 0 for values in outputs.values())
    assert {name: len(values) for name, values in ranked(ranker, []).items()} == dict.fromkeys(
        OUTPUTS, 0
    )
