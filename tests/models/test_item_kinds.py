"""Lists on which products stand beside shops and banners, from raw values to scores."""

import math
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NamedTuple

import numpy as np
import pytest
import tensorflow as tf

from data.artifacts.region_split import FeatureSplit
from data.definition.dataset import Dataset
from data.errors import InputError
from data.lists.parsing import parse_lists
from models.config import ModelConfig, TrainingConfig
from models.features.feature_streams import FeatureStreams
from models.features.fitting import fit_transform_graph
from models.features.item_kinds import KINDS
from models.features.layout import Layout
from models.features.transform_graph import TransformGraph
from models.layers.building import build_inside
from models.onnx_export.export import export_onnx
from models.ranking_model import RankingModel
from models.training.input_pipeline import batch_reader
from models.training.pushed_model import PushedModel
from models.training.run_fn import run_fn
from models.training.warm_start import warm_start
from models.weights import named_weights, weight_axes
from tests.models.conftest import SMALL_MODEL, SMALL_TRAINING, List, answers_of_weights

PRODUCT, SHOP, BANNER = "product", "shop", "banner"
FEATURES = [
    {"name": "region", "scope": "context", "kind": "categorical"},
    {"name": "card", "scope": "item", "kind": "categorical"},
    {"name": "rating", "scope": "item", "kind": "numeric"},
    {"name": "price", "scope": "item", "kind": "numeric", "kinds": [PRODUCT]},
    {"name": "brand", "scope": "item", "kind": "categorical", "kinds": [PRODUCT]},
    {"name": "fans", "scope": "item", "kind": "bucketed", "buckets": 4, "kinds": [SHOP]},
    {"name": "image", "scope": "item", "kind": "vector", "length": 2, "kinds": [SHOP]},
]
SPLIT = FeatureSplit(
    country=("region",),
    dependent=("price", "brand", "image"),
    invariant=("card", "rating", "fans"),
)


def mixed_dataset(features: list[dict[str, Any]]) -> Dataset:
    return Dataset.model_validate(
        {
            "name": "mixed",
            "list_id": "id",
            "region": "region",
            "country_features": ["region"],
            "kind_of_item": "card",
            "tasks": [{"name": "click", "grade": 1}, {"name": "order", "grade": 2}],
            "features": features,
        }
    )


def draw_list(number: int, kinds: tuple[str, ...] = (PRODUCT, SHOP, BANNER)) -> List:
    """A list whose items have values of all features, also of those that their kind lacks."""
    generator = np.random.default_rng((19, number))
    items = int(generator.integers(2, 9))
    card = generator.choice(kinds, items)
    price = generator.lognormal(3, 1, items)
    price[generator.random(items) < 0.2] = np.nan
    brand = np.where(card == PRODUCT, generator.choice(["acme", "zeta", ""], items), "none")
    fans = generator.exponential(10, items)
    liked = np.where(card == PRODUCT, -np.nan_to_num(price) / 20, fans / 10)
    click = generator.random(items) < 1 / (1 + np.exp(1 - liked))
    return List(
        {"list_weight": [1.0], "region": [str(generator.choice(["DE", "JP"]))]},
        {
            "card": card.tolist(),
            "rating": generator.normal(4, 0.5, items).tolist(),
            "price": price.tolist(),
            "brand": brand.tolist(),
            "fans": fans.tolist(),
            "image": generator.normal(0, 3, 2 * items).tolist(),
            "label_click": click.astype(float).tolist(),
            "label_order": (click & (generator.random(items) < 0.5)).astype(float).tolist(),
        },
    )


class Mixed(NamedTuple):
    dataset: Dataset
    lists: list[List]
    files: str
    folder: Path
    graph: TransformGraph


def fitted(
    folder: Path, write: Callable[..., str], features: list[dict[str, Any]], lists: list[List]
) -> Mixed:
    dataset = mixed_dataset(features)
    files = write(folder / "train-0", lists)
    fit_transform_graph(dataset, [files], str(folder / "graph"), str(folder / "scratch"))
    graph = TransformGraph(dataset, str(folder / "graph"))
    return Mixed(dataset, lists, files, folder, graph)


@pytest.fixture(scope="module")
def mixed(tmp_path_factory: pytest.TempPathFactory, write_lists: Callable[..., str]) -> Mixed:
    lists = [draw_list(number) for number in range(60)]
    return fitted(tmp_path_factory.mktemp("mixed"), write_lists, FEATURES, lists)


ASKED = {"kind_alignment": "joined", "kind_units": 3, "kind_knowledge": (4,)}


def built(mixed: Mixed, seed: int = 1, split: FeatureSplit = SPLIT, **model: Any) -> RankingModel:
    config = ModelConfig.model_validate({**SMALL_MODEL, **model})
    training = TrainingConfig.model_validate({**SMALL_TRAINING, "seed": seed})
    return RankingModel(mixed.dataset, config, training, split, mixed.graph.sizes)


def transformed(mixed: Mixed, lists: list[List]) -> dict[str, tf.Tensor]:
    serialized = tf.constant([one.serialized() for one in lists])
    return mixed.graph(parse_lists(serialized, mixed.dataset, labels=False))


def column(lists: list[List], name: str) -> np.ndarray:
    return np.concatenate([one.item[name] for one in lists])


def test_what_a_kind_lacks_is_zero_and_not_missing(mixed: Mixed) -> None:
    outputs = transformed(mixed, mixed.lists)
    named = {name: one.numpy() for name, one in Layout(mixed.dataset).named(outputs).items()}
    card, price = column(mixed.lists, "card"), column(mixed.lists, "price")
    assert outputs[KINDS].numpy().tolist() == [[one == PRODUCT, one == SHOP] for one in card]
    for name in ("price", "price__missing", "price__percentile"):
        assert not named[name][card != PRODUCT].any()
    np.testing.assert_array_equal(named["price__missing"], (card == PRODUCT) & np.isnan(price))
    for name in ("image[0]", "image[1]", "image__missing"):
        assert not named[name][card != SHOP].any()
    # No shop lacks its image.
    assert not named["image__missing"].any()


def test_statistics_are_those_of_items_that_have_the_feature(mixed: Mixed) -> None:
    card, price = column(mixed.lists, "card"), column(mixed.lists, "price").astype(np.float32)
    own = price[(card == PRODUCT) & ~np.isnan(price)].astype(float)
    named = Layout(mixed.dataset).named(transformed(mixed, mixed.lists))
    known = (card == PRODUCT) & ~np.isnan(price)
    expected = (own - own.mean()) / own.std()
    np.testing.assert_allclose(named["price"].numpy()[known], expected, rtol=1e-5, atol=1e-5)
    # Quarters of the shops.
    buckets = np.bincount(named["fans"].numpy()[card == SHOP], minlength=5)[1:]
    assert buckets.max() - buckets.min() <= 2
    # Other kinds have brands of their own in the logs, which nothing reads.
    assert set(column(mixed.lists, "brand")) == {"acme", "zeta", "", "none"}
    assert set(mixed.graph.vocabularies()["brand"]) == {b"acme", b"zeta"}


def test_values_that_a_kind_lacks_change_nothing(mixed: Mixed) -> None:
    def other(one: List) -> List:
        item = dict(one.item)
        card = np.array(item["card"])
        item["price"] = np.where(card == PRODUCT, item["price"], 1e6).tolist()
        item["brand"] = np.where(card == PRODUCT, item["brand"], "new").tolist()
        item["fans"] = np.where(card == SHOP, item["fans"], math.nan).tolist()
        image = np.reshape(item["image"], (-1, 2))
        item["image"] = np.where((card == SHOP)[:, np.newaxis], image, -7.0).ravel().tolist()
        return one._replace(item=item)

    layer = FeatureStreams(mixed.dataset, SPLIT, mixed.graph.sizes, seed=1)
    found = layer(transformed(mixed, mixed.lists))
    changed = layer(transformed(mixed, [other(one) for one in mixed.lists]))
    for name, stream in found.items():
        np.testing.assert_array_equal(stream, changed[name], name)


def test_embeddings_of_what_a_kind_lacks_are_zero(mixed: Mixed) -> None:
    layer = FeatureStreams(mixed.dataset, SPLIT, mixed.graph.sizes, seed=1)
    streams = layer(transformed(mixed, mixed.lists))
    card = column(mixed.lists, "card")
    names = layer.columns()
    for name, stream, kind in (("brand", "dependent", PRODUCT), ("fans", "invariant", SHOP)):
        places = [place for place, one in enumerate(names[stream]) if one.startswith(f"{name}[")]
        values = streams[stream].numpy()[:, places]
        assert not values[card != kind].any()
        assert values[card == kind].any()


def test_the_kind_goes_with_the_feature_that_tells_it(mixed: Mixed) -> None:
    layer = FeatureStreams(mixed.dataset, SPLIT, mixed.graph.sizes, seed=1)
    card = column(mixed.lists, "card")
    streams, names = layer(transformed(mixed, mixed.lists)), layer.columns()
    assert [one for one in names["invariant"] if "=" in one] == ["card=product", "card=shop"]
    for kind in (PRODUCT, SHOP):
        place = names["invariant"].index(f"card={kind}")
        np.testing.assert_array_equal(streams["invariant"][:, place], card == kind)
        assert layer.feature_of_columns()[f"card={kind}"] == "card"


def test_one_kind_alone_is_no_kind(tmp_path: Path, write_lists: Callable[..., str]) -> None:
    lists = [draw_list(number, (PRODUCT,)) for number in range(30)]
    own = [one for one in FEATURES if one["name"] not in ("fans", "image")]
    plain = [{name: value for name, value in one.items() if name != "kinds"} for one in own]
    split = FeatureSplit(country=("region",), dependent=("price", "brand", "card", "rating"))
    found: list[dict[str, np.ndarray]] = []
    for name, features, options in (("kinds", own, ASKED), ("plain", plain, {})):
        (tmp_path / name).mkdir()
        one = fitted(tmp_path / name, write_lists, features, lists)
        model = built(one, split=split, **options)
        batch = transformed(one, lists)
        streams = model.streams(batch)
        found.append({**streams, "score": model(batch).score})
    assert set(found[0]) == set(found[1])
    for name, values in found[0].items():
        np.testing.assert_array_equal(values, found[1][name], name)


def test_scores_of_a_start_with_importances_are_those_without(mixed: Mixed) -> None:
    batch = transformed(mixed, mixed.lists[:9])
    found = built(mixed, kind_alignment="importance")(batch)
    np.testing.assert_allclose(found.score, built(mixed)(batch).score, rtol=0, atol=1e-6)


@pytest.mark.parametrize("ranker", ["seq_md", "ple", "star"])
def test_any_ranker_reads_aligned_kinds(mixed: Mixed, ranker: str) -> None:
    reader = batch_reader(mixed.dataset, mixed.graph)
    batch = reader(tf.constant([one.serialized() for one in mixed.lists[:9]]))
    model = built(mixed, ranker=ranker, linear_path=True, **ASKED)
    with tf.GradientTape() as tape:
        predictions = model(batch, training=True)
        loss = model.objective.total(model.objective.of_tasks(batch, predictions)) + model.penalty()
    assert len(model.kind_streams.losses) == 1
    gradients = tape.gradient(loss, model.kind_streams.trainable_variables)
    assert all(gradient is not None for gradient in gradients)
    named = weight_axes(model)
    assert any("kinds/alignment" in name for name in named)
    assert any("kinds/knowledge" in name for name in named)
    assert set(named) <= set(named_weights(model))


def test_a_budget_holds_the_layers_of_kinds_too(mixed: Mixed) -> None:
    model = built(mixed, parameters=4000, **ASKED)
    model(transformed(mixed, mixed.lists[:2]))
    layers = (model.ranker, model.kind_streams)
    sizes = [one.shape.num_elements() for layer in layers for one in layer.trainable_weights]
    assert abs(sum(sizes) - 4000) < 0.05 * 4000


def test_kinds_without_kinds_are_refused(mixed: Mixed) -> None:
    plain = [{name: one[name] for name in one if name != "kinds"} for one in FEATURES]
    with pytest.raises(InputError, match=r"features with `kinds` .* kind_knowledge: "):
        built(mixed._replace(dataset=mixed_dataset(plain)), kind_knowledge=(4,))


def exported_model(
    mixed: Mixed, folder: Path, model: dict[str, Any], started: Path | None = None
) -> Path:
    """Trains for an epoch and exports."""
    SPLIT.save(folder / "region_split.json")
    training = TrainingConfig(epochs=1, lists_per_batch=16, warm_up=())
    config = {
        "dataset": mixed.dataset.model_dump(mode="json"),
        "model": {**SMALL_MODEL, **model},
        "training": training.model_dump(mode="json"),
        "region_split": str(folder / "region_split.json"),
        "warm_start": started and str(started),
    }
    run_fn(
        SimpleNamespace(
            train_files=[mixed.files],
            eval_files=[mixed.files],
            transform_graph_path=str(mixed.folder / "graph"),
            serving_model_dir=str(folder / "model"),
            model_run_dir=str(folder / "run"),
            custom_config=config,
        )
    )
    return folder / "model"


@pytest.fixture(scope="module")
def exported_mixed(mixed: Mixed, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return exported_model(mixed, tmp_path_factory.mktemp("exported"), ASKED)


def test_both_signatures_read_raw_values_and_agree(mixed: Mixed, exported_mixed: Path) -> None:
    model = tf.saved_model.load(str(exported_mixed))
    chosen = mixed.lists[:4]
    features = mixed.dataset.features
    examples = tf.constant([one.serialized() for one in chosen])
    together = model.signatures["serve_examples"](examples=examples)["score"].numpy()
    for one, row in zip(chosen, together, strict=True):
        raw = one.context | one.item
        plain = {feature.name: tf.constant(raw[feature.name]) for feature in features}
        plain["image"] = tf.reshape(plain["image"], [-1, 2])
        score = model.signatures["serving_default"](**plain)["score"].numpy()
        np.testing.assert_allclose(score, row[: len(score)], rtol=1e-5)
        # What a kind lacks is not read.
        plain["fans"] = tf.where(plain["card"] == SHOP, plain["fans"], 1e6)
        again = model.signatures["serving_default"](**plain)["score"].numpy()
        np.testing.assert_allclose(again, score, rtol=1e-6)


def test_onnx_answers_as_the_model_does(exported_mixed: Path, tmp_path: Path) -> None:
    """By ids, from which kinds are told as texts are."""
    assert export_onnx(exported_mixed, tmp_path / "onnx", everything_by_id=True).apart < 1e-5


def test_explanations_start_from_the_columns_and_the_kinds(exported_mixed: Path) -> None:
    model = tf.saved_model.load(str(exported_mixed))
    columns = model.columns_of_examples(
        tf.constant([draw_list(number).serialized() for number in range(5)])
    )
    of_columns = model.scores_of_columns(columns["columns"], columns["offsets"])
    examples = tf.constant([draw_list(number).serialized() for number in range(5)])
    scores = model.signatures["serve_examples"](examples=examples)["score"].numpy()
    np.testing.assert_allclose(of_columns["score"], scores[~np.isnan(scores)], rtol=1e-5)


def test_a_model_starts_from_one_with_kinds(mixed: Mixed, exported_mixed: Path) -> None:
    model = built(mixed, seed=2, **ASKED)
    model(transformed(mixed, mixed.lists[:2]))
    report = warm_start(model, mixed.graph.vocabularies(), PushedModel.load(str(exported_mixed)))
    assert not report.misfits
    assert not report.new
    assert not report.left
    # And answers as it does once it is saved and loaded.
    chosen = mixed.lists[:6]
    expected = answers_of_weights(model, transformed(mixed, chosen), mixed.graph, exported_mixed)
    served = tf.saved_model.load(str(exported_mixed)).signatures["serve_examples"]
    rows = served(examples=tf.constant([one.serialized() for one in chosen]))["score"].numpy()
    np.testing.assert_allclose(rows[~np.isnan(rows)], expected, atol=1e-5)


def test_kinds_in_another_order_are_found_by_name(mixed: Mixed, exported_mixed: Path) -> None:
    dataset = mixed_dataset([*FEATURES[:3], *FEATURES[5:], *FEATURES[3:5]])
    assert dataset.kinds == (SHOP, PRODUCT)
    model = built(mixed._replace(dataset=dataset), seed=2, **ASKED)
    build_inside(model, None)
    pushed = PushedModel.load(str(exported_mixed))
    report = warm_start(model, mixed.graph.vocabularies(), pushed)
    assert not {**report.misfits, **report.grown}
    assert not [*report.new, *report.left]
    name = "ranking_model/kinds/knowledge/private/dense_0/bias"
    found = named_weights(model)[name].numpy()
    np.testing.assert_array_equal(found, pushed.weights[name][::-1])


SHOPS = {**ASKED, "second_stage": SHOP}


def test_a_second_stage_starts_as_the_first(mixed: Mixed, exported_mixed: Path) -> None:
    pushed = PushedModel.load(str(exported_mixed))
    batch = transformed(mixed, mixed.lists[:9])
    found = []
    for options in (ASKED, SHOPS):
        model = built(mixed, seed=5, **options)
        model(batch)
        warm_start(model, mixed.graph.vocabularies(), pushed)
        found.append(model(batch).logits.numpy())
    np.testing.assert_allclose(found[1], found[0], rtol=1e-6)
    trained = [weight.name for weight in model.trainable_variables]
    assert any("kinds/gate" in name for name in trained)
    assert not any("embeddings" in name or "kinds/kn" in name for name in trained)
    assert not any("kinds/alignment" in name for name in trained)


def test_a_second_stage_of_the_same_budget_has_the_first_ones_ranker(mixed: Mixed) -> None:
    first, second = (built(mixed, parameters=4000, **asked).config for asked in (ASKED, SHOPS))
    assert second == first.model_copy(update={"second_stage": SHOP})


@pytest.mark.thorough
def test_a_second_stage_trains_on_its_kind_and_leaves_the_first_as_it_was(
    mixed: Mixed, exported_mixed: Path, tmp_path: Path
) -> None:
    second = PushedModel.load(str(exported_model(mixed, tmp_path, SHOPS, exported_mixed)))
    first = PushedModel.load(str(exported_mixed))
    frozen = [name for name in first.weights if name.startswith("embedding/") or "/kinds/" in name]
    assert len(frozen) > 10
    for name in frozen:
        np.testing.assert_array_equal(second.weights[name], first.weights[name], name)
    gates = [name for name in second.weights if "kinds/gate" in name and name.endswith("nt_kernel")]
    assert len(gates) == 2
    assert all(second.weights[name].any() for name in gates)


@pytest.mark.thorough
def test_labels_of_other_kinds_are_unknown_to_a_second_stage(mixed: Mixed) -> None:
    examples = tf.constant([one.serialized() for one in mixed.lists[:20]])
    batch = batch_reader(mixed.dataset, mixed.graph, kind=SHOP)(examples)
    shops = column(mixed.lists[:20], "card") == SHOP
    for task in ("click", "order"):
        given = column(mixed.lists[:20], f"label_{task}")
        expected = np.where(shops, given, math.nan)
        np.testing.assert_array_equal(batch[f"label_{task}"], expected)


def test_a_second_stage_without_a_first_is_refused(
    mixed: Mixed, exported_mixed: Path, tmp_path: Path
) -> None:
    with pytest.raises(InputError, match="second_stage: shop: expected --warm-start"):
        exported_model(mixed, tmp_path, SHOPS)
    other = {**SHOPS, "kind_knowledge": (5,)}
    with pytest.raises(InputError, match=r"the same features, .*none of kinds/knowledge/"):
        exported_model(mixed, tmp_path, other, exported_mixed)
    with pytest.raises(InputError, match=r"found 'shops' and the kinds .*'shop'"):
        built(mixed, **{**SHOPS, "second_stage": "shops"})
    with pytest.raises(ValueError, match="second_stage: expected kind_knowledge"):
        ModelConfig(second_stage=SHOP)
