"""Weights follow features by their names: in another order, on other sides, with more or fewer."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tensorflow as tf
import yaml

from data.artifacts.region_split import FeatureSplit
from data.definition.dataset import Dataset
from data.errors import InputError
from models.config import JOURNEY, ModelConfig, TrainingConfig
from models.features.layout import Layout, vector_keys
from models.rankers import RANKERS
from models.ranking_model import RankingModel
from models.training.pushed_model import PushedModel
from models.training.warm_start import WarmStart, warm_start
from models.weights import named_weights, weight_axes

SIZES = {"region": 3, "nights": 4, "brand": 5, "age": 5, "colour": 3}
VOCABULARIES = {"region": [b"DE", b"JP"], "brand": [b"a", b"b", b"c"], "colour": [b"red"]}
LENGTHS = [3, 4]
SMALL = {
    "token_units": (4,),
    "recurrent_units": (4,),
    "level_units": (5, 4),
    "tower_units": (3,),
    "mask_units": (3,),
    "transformed_units": (4,),
    "invariant_units": (4,),
    "experts_per_task": 2,
    "linear_path": True,
}
# Every ranker, with the adaptor and without, and networks that pass columns on to later layers.
NETWORKS: dict[str, dict[str, Any]] = {
    # `journey` wants a task that can be taken back, see tests/models/rankers/test_journey.py.
    **{ranker: {"ranker": ranker} for ranker in RANKERS if ranker != JOURNEY},
    **{f"{name} adapted": {"ranker": name, "adaptor": "shared"} for name in ("seq", "ple")},
    **{
        f"{name} by region": {"ranker": name, "region_gates": "all", "region_rank": 2}
        for name in ("seq_md", "ple", "star")
    },
    "masks alone": {"adaptor_shift": False, "token_path": False},
    "token path of columns": {"invariant_units": (), "token_units": ()},
    "country by the mask alone": {"concatenate_country": False},
    "passed on": {"mask_units": (), "transformed_units": (), "invariant_units": ()},
    "no tokens": {"transformed_units": (), "invariant_units": (), "token_units": ()},
}


def built(
    dataset: Dataset, split: FeatureSplit, network: dict[str, Any], draw: bool = False
) -> RankingModel:
    """A model; with weights away from where they start where asked for."""
    sizes = {
        feature.name: SIZES[feature.name]
        for feature in dataset.features
        if feature.kind in ("categorical", "bucketed")
    }
    config = ModelConfig.model_validate({**SMALL, **network})
    model = RankingModel(dataset, config, TrainingConfig(), split, sizes)
    model(inputs(dataset))
    if draw:
        for number, weight in enumerate(model.trainable_variables):
            values = np.random.default_rng(number).normal(0, 0.3, weight.shape)
            weight.assign(values.astype(np.float32))
    return model


def inputs(dataset: Dataset) -> dict[str, tf.Tensor]:
    """What a transform graph puts out of two lists; a feature's values follow from its name."""
    lengths = {"row__lengths": tf.constant(LENGTHS, tf.int64)}
    return Layout(dataset).joined(columns(dataset)) | lengths


def columns(dataset: Dataset) -> dict[str, tf.Tensor]:
    """The columns by their keys."""
    batch: dict[str, tf.Tensor] = {}
    for feature in dataset.features:
        rows = len(LENGTHS) if feature.scope == "context" else sum(LENGTHS)
        draw = np.random.default_rng(list(feature.name.encode()))
        if feature.name in SIZES:
            batch[feature.name] = tf.constant(draw.integers(0, SIZES[feature.name], rows))
            continue
        for key in vector_keys(feature):
            batch[key] = tf.constant(draw.normal(size=rows), tf.float32)
        for version in ("missing", "percentile", "standardised"):
            values = draw.normal(size=rows)
            batch[f"{feature.name}__{version}"] = tf.constant(values, tf.float32)
    return batch


def started(model: RankingModel, trained: RankingModel) -> WarmStart:
    return warm_start(model, VOCABULARIES, PushedModel.of(trained, VOCABULARIES))


def logits(model: RankingModel) -> np.ndarray:
    return model(inputs(model.dataset)).logits.numpy()


@pytest.fixture
def turned(dataset: Dataset) -> Dataset:
    """The dataset with its features the other way round."""
    return dataset.model_copy(update={"features": dataset.features[::-1]})


@pytest.mark.parametrize("name", NETWORKS)
def test_features_in_another_order_score_the_same(
    dataset: Dataset, turned: Dataset, split: FeatureSplit, name: str
) -> None:
    trained = built(dataset, split, NETWORKS[name], draw=True)
    model = built(turned, split, NETWORKS[name])
    report = started(model, trained)
    np.testing.assert_allclose(logits(model), logits(trained), atol=1e-5)
    assert set(report.taken) == set(named_weights(model)) - {
        name for name, weight in named_weights(model).items() if not weight.trainable
    }


@pytest.mark.parametrize("name", ["seq", "mlmmoe"])
def test_without_an_adaptor_sides_do_not_matter(
    dataset: Dataset, split: FeatureSplit, name: str
) -> None:
    trained = built(dataset, split, NETWORKS[name], draw=True)
    swapped = split.model_copy(
        update={"dependent": ("rating", "brand"), "invariant": ("price", "nights", "age", "image")}
    )
    model = built(dataset, swapped, NETWORKS[name])
    started(model, trained)
    np.testing.assert_allclose(logits(model), logits(trained), atol=1e-5)


@pytest.mark.parametrize(
    ("dependent", "found"),
    [
        (("rating", "brand"), ["price (dependent, now inv", "rating (invariant, now dep"]),
        ((), ["price (dependent, now invariant)", "brand (dependent, now invariant)"]),
    ],
)
@pytest.mark.parametrize("name", ["seq_md", "ple adapted"])
def test_sides_that_weights_cannot_follow_to_are_refused(
    dataset: Dataset, split: FeatureSplit, name: str, dependent: tuple[str, ...], found: list[str]
) -> None:
    trained = built(dataset, split, NETWORKS[name], draw=True)
    others = {*split.dependent, *split.invariant} - set(dependent)
    swapped = split.model_copy(update={"dependent": dependent, "invariant": tuple(sorted(others))})
    model = built(dataset, swapped, NETWORKS[name])
    before = logits(model)
    with pytest.raises(InputError) as error:
        started(model, trained)
    assert "expected features on the sides of the region split" in str(error.value)
    for part in found:
        assert part in str(error.value)
    np.testing.assert_array_equal(logits(model), before)


def test_a_new_feature_changes_no_score_until_it_is_trained(
    dataset: Dataset, split: FeatureSplit
) -> None:
    trained = built(dataset, split, {}, draw=True)
    new = [
        {"name": "colour", "scope": "item", "kind": "categorical"},
        {"name": "weight", "scope": "item", "kind": "numeric"},
    ]
    features = [*new, *dataset.model_dump()["features"]]
    more = Dataset.model_validate({**dataset.model_dump(), "features": features})
    sides = {"dependent": ("weight", *split.dependent), "invariant": ("colour", *split.invariant)}
    model = built(more, split.model_copy(update=sides), {})
    report = started(model, trained)
    np.testing.assert_allclose(logits(model), logits(trained), atol=1e-5)
    assert report.new == ["embedding/colour"]
    assert set(report.new_columns) == {
        "weight",
        "weight__missing",
        "weight__percentile",
        "colour[0]",
    }
    (line,) = (line for line in report.lines() if "new inputs, whose weights" in line)
    assert "weight__percentile" in line


@pytest.mark.parametrize("name", ["seq_md", "seq", "ple adapted"])
def test_shifts_and_a_token_path_change_no_score_until_they_are_trained(
    dataset: Dataset, split: FeatureSplit, name: str
) -> None:
    without = {"adaptor_shift": False, "token_path": False, "descending_gradient": "all"}
    trained = built(dataset, split, {**NETWORKS[name], **without}, draw=True)
    model = built(dataset, split, NETWORKS[name])
    report = started(model, trained)
    np.testing.assert_allclose(logits(model), logits(trained), atol=1e-6)
    assert not report.misfits
    assert not report.left
    added = {part for one in report.new for part in one.split("/") if part in ("shift", "path")}
    expected = {"seq_md": {"shift", "path"}, "seq": {"path"}, "ple adapted": {"shift"}}
    assert added == expected[name]
    assert all("/shift/" in one or "/path/" in one for one in report.new)


def test_a_feature_that_went_is_named(dataset: Dataset, split: FeatureSplit) -> None:
    trained = built(dataset, split, {}, draw=True)
    kept = tuple(feature for feature in dataset.features if feature.name != "rating")
    sides = {"invariant": tuple(name for name in split.invariant if name != "rating")}
    fewer = dataset.model_copy(update={"features": kept})
    model = built(fewer, split.model_copy(update=sides), {})
    report = started(model, trained)
    assert report.left_columns == ["rating__percentile", "rating", "rating__missing"]
    # As if the rating were the mean everywhere.
    named = columns(dataset)
    for name in report.left_columns:
        named[name] = tf.zeros_like(named[name])
    expected = trained({**inputs(dataset), **Layout(dataset).joined(named)}).logits
    np.testing.assert_allclose(logits(model), expected, atol=1e-5)


def test_a_number_and_its_logarithm_are_two(dataset: Dataset, split: FeatureSplit) -> None:
    trained = built(dataset, split, {}, draw=True)
    features = tuple(
        feature.model_copy(update={"log": feature.name == "rating"}) for feature in dataset.features
    )
    model = built(dataset.model_copy(update={"features": features}), split, {})
    report = started(model, trained)
    assert {"price", "log(rating)"} <= set(report.new_columns)
    assert {"log(price)", "rating"} <= set(report.left_columns)


@pytest.mark.parametrize("name", NETWORKS)
def test_a_task_is_added_whatever_the_widths(
    dataset: Dataset, split: FeatureSplit, name: str
) -> None:
    """An axis of tasks is known by its names, not by a length that others may share."""
    width = len(dataset.tasks)
    network = {**NETWORKS[name], "recurrent_units": (width,), "tower_units": (width,)}
    trained = built(dataset, split, network, draw=True)
    tasks = [*dataset.model_dump()["tasks"], {"name": "return", "grade": 3}]
    more = Dataset.model_validate({**dataset.model_dump(), "tasks": tasks})
    model = built(more, split, network)
    report = started(model, trained)
    assert not report.misfits
    assert not report.new
    # Where tasks share experts, a further task's experts change what the others mix.
    if network.get("ranker") not in ("ple", "adatt_sp"):
        np.testing.assert_allclose(logits(model)[:, :width], logits(trained), atol=1e-5)


@pytest.mark.parametrize("place", [1, 0])
def test_a_task_before_others_is_passed_on_what_the_next_one_is(
    dataset: Dataset, split: FeatureSplit, place: int
) -> None:
    network = {"ranker": "aitm"}
    trained = built(dataset, split, network, draw=True)
    tasks = list(dataset.model_dump()["tasks"])
    tasks.insert(place, {"name": "cart", "grade": 1})
    model = built(Dataset.model_validate({**dataset.model_dump(), "tasks": tasks}), split, network)
    report = started(model, trained)
    before, now = (one.ranker.representation.transfer for one in (trained, model))
    np.testing.assert_array_equal(now.maps, before.maps)
    if place:
        # Between click and order: an order's alone is known, since a click is passed nothing.
        np.testing.assert_array_equal(now.kernel, np.repeat(before.kernel, 2, axis=0))
        np.testing.assert_array_equal(now.bias, np.repeat(before.bias, 2, axis=0))
        assert not report.misfits
    else:
        # Nobody has learnt what a click is passed by what now stands before it.
        assert {name.rpartition("transfer/")[2] for name in report.misfits} == {"kernel", "bias"}


def test_an_older_model_says_what_its_weights_belong_to(trained: Path, tmp_path: Path) -> None:
    older = tmp_path / "older"
    shutil.copytree(trained / "model", older)
    (older / "assets.extra" / "weight_axes.json").unlink()
    found, expected = (PushedModel.load(str(path)) for path in (older, trained / "model"))
    assert found.axes == expected.axes
    assert found.columns == expected.columns
    assert found.sides["price"] == "dependent"


@pytest.mark.thorough
def test_a_model_from_before_shifts_and_token_paths_starts_one_that_has_them(
    train: Callable[..., Path], tmp_path: Path, lists: list[Any]
) -> None:
    without = {"adaptor_shift": False, "token_path": False, "descending_gradient": "all"}
    mask_alone = {"concatenate_country": False}
    brief = {"epochs": 1, "calibrated": False}
    older = train(tmp_path / "older", training=brief, model=without | mask_alone) / "model"
    extra = older / "assets.extra"
    axes = PushedModel.load(str(older)).axes
    (extra / "weight_axes.json").unlink()
    named = yaml.safe_load((extra / "model.yaml").read_text())
    unnamed = {name: value for name, value in named.items() if name not in without}
    (extra / "model.yaml").write_text(yaml.safe_dump(unnamed))
    assert PushedModel.load(str(older)).axes == axes
    untrained = {**brief, "epochs": 0}
    newer = train(tmp_path / "newer", training=untrained, warm_start=older) / "model"
    assert {*PushedModel.load(str(newer)).axes} > {*axes}
    examples = tf.constant([one.serialized() for one in lists[:20]])
    expected, found = (
        tf.saved_model.load(str(model)).signatures["serve_examples"](examples=examples)
        for model in (older, newer)
    )
    for name, values in expected.items():
        np.testing.assert_allclose(found[name], values, atol=1e-6)


def test_an_older_model_that_cannot_say_it_is_refused(trained: Path, tmp_path: Path) -> None:
    older = tmp_path / "older"
    shutil.copytree(trained / "model", older)
    extra = older / "assets.extra"
    (extra / "weight_axes.json").unlink()
    definition = (extra / "model.yaml").read_text()
    (extra / "model.yaml").write_text(definition.replace("linear_path: true", "linear_path: false"))
    with pytest.raises(InputError, match="its definitions make other weights than it holds"):
        PushedModel.load(str(older))
    (extra / "model.yaml").unlink()
    with pytest.raises(InputError, match=r"expected .*model\.yaml"):
        PushedModel.load(str(older))


def test_axes_go_along_with_the_model(trained: Path) -> None:
    written = json.loads((trained / "model" / "assets.extra" / "weight_axes.json").read_text())
    tasks, columns, units = written[
        "ranking_model/seq_md/inputs/adaptor/transformed/dense_0/kernel"
    ]
    assert tasks == ["task:click:0", "task:order:0"]
    assert columns == ["log(price)", "price__missing", "brand[0]", "brand[1]"]
    assert units is None


def test_names_are_counted(dataset: Dataset, split: FeatureSplit) -> None:
    model = built(dataset, split, {})
    weights = named_weights(model)
    for name, axes in weight_axes(model).items():
        named = [size for size, names in zip(weights[name].shape, axes, strict=True) if names]
        assert named == [len(names) for names in axes if names]
