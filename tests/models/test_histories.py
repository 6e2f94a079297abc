"""Lists with what was done before them, from raw values to scores."""

import json
import math
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NamedTuple

import numpy as np
import pytest
import tensorflow as tf

from data.artifacts.region_split import FeatureSplit
from data.artifacts.vocabulary_files import exported_vocabularies
from data.definition.dataset import Dataset
from data.errors import InputError
from data.explanation.explained_model import ExplainedModel
from data.lists.parsing import parse_lists
from models.config import HistoryConfig, ModelConfig, TrainingConfig
from models.features.feature_streams import FeatureStreams
from models.features.fitting import fit_transform_graph
from models.features.layout import HISTORY_LENGTHS, Layout
from models.features.transform_graph import TransformGraph
from models.layers.streams import LEARNT
from models.onnx_export.export import export_onnx
from models.onnx_export.onnx_ranker import OnnxRanker
from models.ranking_model import RankingModel
from models.training.pushed_model import PushedModel
from models.training.run_fn import run_fn
from models.training.warm_start import warm_start
from models.weights import named_weights, weight_axes
from tests.models.conftest import SMALL_MODEL, SMALL_TRAINING, List, answers_of_weights

ITEM_FEATURES = [
    {"name": "region", "scope": "context", "kind": "categorical"},
    {"name": "brand", "scope": "item", "kind": "categorical"},
    {"name": "price", "scope": "item", "kind": "numeric", "log": True, "within_list": []},
    {"name": "photos", "scope": "item", "kind": "bucketed", "buckets": 4},
    {"name": "image", "scope": "item", "kind": "vector", "length": 2},
]
HISTORY_FEATURES = [
    {"name": "viewed_brand", "scope": "history", "like": "brand"},
    {"name": "viewed_price", "scope": "history", "like": "price"},
    {"name": "viewed_photos", "scope": "history", "like": "photos"},
    {"name": "viewed_image", "scope": "history", "like": "image"},
    {"name": "viewed_how", "scope": "history", "kind": "categorical"},
    {"name": "hours_ago", "scope": "history", "kind": "numeric", "log": True},
]
HISTORY = {"newest": 5, "age": "hours_ago"}
NAMES = [str(feature["name"]) for feature in HISTORY_FEATURES]
SPLIT = FeatureSplit(
    country=("region",),
    dependent=("price", "image", "viewed_price"),
    invariant=("brand", "photos", *(name for name in NAMES if name != "viewed_price")),
)
SPLIT_WITHOUT = FeatureSplit(
    country=("region",), dependent=("price", "image"), invariant=("brand", "photos")
)
BRANDS = ("acme", "zeta", "")
ENCODER = {"units": 8, "heads": 2}


def dataset_of(history: bool = True, **options: Any) -> Dataset:
    return Dataset.model_validate(
        {
            "name": "told",
            "list_id": "id",
            "region": "region",
            "country_features": ["region"],
            "tasks": [{"name": "click", "grade": 1}, {"name": "order", "grade": 2}],
            "features": ITEM_FEATURES + (HISTORY_FEATURES if history else []),
            **({"history": {**HISTORY, **options}} if history else {}),
        }
    )


def draw_list(number: int) -> List:
    """A list whose user looks for one brand; every fourth list has no history."""
    generator = np.random.default_rng((23, number))
    items, entries = int(generator.integers(2, 9)), int(generator.integers(1, 6)) * (number % 4 > 0)
    brand = generator.choice(BRANDS, items)
    wanted = generator.choice(["acme", "zeta"])
    click = generator.random(items) < np.where(brand == wanted, 0.8, 0.2)
    history = {
        "viewed_brand": np.where(generator.random(entries) < 0.8, wanted, "never seen").tolist(),
        "viewed_price": generator.lognormal(4, 1, entries).tolist(),
        "viewed_photos": generator.exponential(10, entries).tolist(),
        "viewed_image": generator.normal(0, 3, 2 * entries).tolist(),
        "viewed_how": generator.choice(["click", "buy"], entries).tolist(),
        "hours_ago": np.sort(generator.exponential(48, entries)).tolist(),
    }
    price = generator.lognormal(3, 1, items)
    price[generator.random(items) < 0.2] = np.nan
    return List(
        {
            "list_weight": [1.0],
            "region": [str(generator.choice(["DE", "JP"]))],
            **(history if entries else {}),
        },
        {
            "brand": brand.tolist(),
            "price": price.tolist(),
            "photos": generator.exponential(10, items).tolist(),
            "image": generator.normal(0, 3, 2 * items).tolist(),
            "label_click": click.astype(float).tolist(),
            "label_order": (click & (generator.random(items) < 0.5)).astype(float).tolist(),
        },
    )


class Told(NamedTuple):
    dataset: Dataset
    lists: list[List]
    files: str
    folder: Path
    graph: TransformGraph


def fitted(folder: Path, write: Callable[..., str], dataset: Dataset) -> Told:
    lists = [draw_list(number) for number in range(60)]
    files = write(folder / "train-0", lists)
    fit_transform_graph(dataset, [files], str(folder / "graph"), str(folder / "scratch"))
    return Told(dataset, lists, files, folder, TransformGraph(dataset, str(folder / "graph")))


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory, write_lists: Callable[..., str]) -> Told:
    return fitted(tmp_path_factory.mktemp("told"), write_lists, dataset_of())


@pytest.fixture(scope="module")
def without(tmp_path_factory: pytest.TempPathFactory, write_lists: Callable[..., str]) -> Told:
    """The same lists, to a dataset without a history."""
    return fitted(tmp_path_factory.mktemp("without"), write_lists, dataset_of(history=False))


def transformed(told: Told, lists: list[List]) -> dict[str, tf.Tensor]:
    serialized = tf.constant([one.serialized() for one in lists])
    return told.graph(parse_lists(serialized, told.dataset, labels=False))


def entries_of(lists: list[List], name: str) -> np.ndarray:
    return np.concatenate([one.context.get(name, []) for one in lists])


def items_of(lists: list[List], name: str) -> np.ndarray:
    return np.concatenate([one.item[name] for one in lists])


def log(values: np.ndarray) -> np.ndarray:
    return np.sign(values) * np.log1p(np.abs(values))


def test_entries_are_read_as_the_items_that_they_are_like(told: Told) -> None:
    found = transformed(told, told.lists)
    named = Layout(told.dataset).named(found)
    lengths = [len(one.context.get("hours_ago", [])) for one in told.lists]
    np.testing.assert_array_equal(found[HISTORY_LENGTHS], lengths)
    assert 0 in lengths
    prices = items_of(told.lists, "price")
    known = log(prices[np.isfinite(prices)])
    expected = (log(entries_of(told.lists, "viewed_price")) - known.mean()) / known.std()
    np.testing.assert_allclose(named["viewed_price"], expected, atol=1e-5)
    ids = dict(zip(items_of(told.lists, "brand"), named["brand"].numpy(), strict=True))
    # Missing, two brands, and what the items' vocabulary lacks.
    ids["never seen"] = 3
    brands = entries_of(told.lists, "viewed_brand")
    np.testing.assert_array_equal(named["viewed_brand"], [ids[brand] for brand in brands])
    images = items_of(told.lists, "image").reshape(-1, 2)
    viewed = entries_of(told.lists, "viewed_image").reshape(-1, 2)
    for place in range(2):
        scaled = (viewed[:, place] - images[:, place].mean()) / images[:, place].std()
        np.testing.assert_allclose(named[f"viewed_image[{place}]"], scaled, atol=1e-5)
    photos, buckets = items_of(told.lists, "photos"), named["photos"].numpy()
    edges = [photos[buckets == bucket].min() for bucket in (2, 3, 4)]
    viewed = entries_of(told.lists, "viewed_photos")
    clear = np.abs(viewed[:, None] - edges).min(axis=1) > 2
    buckets = 1 + np.searchsorted(edges, viewed, side="right")
    np.testing.assert_array_equal(named["viewed_photos"][clear], buckets[clear])


def test_what_is_like_no_item_feature_is_fitted_on_the_entries(told: Told) -> None:
    named = Layout(told.dataset).named(transformed(told, told.lists))
    hours = log(entries_of(told.lists, "hours_ago"))
    np.testing.assert_allclose(named["hours_ago"], (hours - hours.mean()) / hours.std(), atol=1e-5)
    assert told.graph.sizes["viewed_how"] == 1 + 2 + 1
    assert set(told.graph.vocabularies()["viewed_how"]) == {b"click", b"buy"}


def streams_of(told: Told, split: FeatureSplit = SPLIT) -> FeatureStreams:
    config = HistoryConfig(**ENCODER)
    return FeatureStreams(told.dataset, split, told.graph.sizes, seed=1, history=config)


def test_what_the_history_says_is_one_feature_of_one_stream(told: Told) -> None:
    streams = streams_of(told)
    # The units, and how much is alike for each head.
    said = tuple(f"history[{place}]" for place in range(8 + 2))
    assert streams.columns()["dependent"][-10:] == said
    assert {streams.feature_of_columns()[name] for name in said} == {"history"}
    found = streams(transformed(told, told.lists[:5]))
    assert {name: found[name].shape[1] for name in ("dependent", "invariant")} == {
        name: streams.widths()[name] for name in ("dependent", "invariant")
    }
    alike = FeatureSplit(
        country=("region",), invariant=("brand", "price", "photos", "image", *NAMES)
    )
    assert streams_of(told, alike).columns()["invariant"][-10:] == said


def test_embeddings_are_those_of_the_items(told: Told) -> None:
    tables = streams_of(told).embeddings
    assert set(tables.rows) == {"region", "brand", "photos", "viewed_how"}
    brand, viewed = (told.dataset.feature(name) for name in ("brand", "viewed_brand"))
    assert tables.rows_of(viewed) == tables.rows_of(brand)


def test_a_dataset_without_a_history_is_what_it_was(without: Told) -> None:
    found = transformed(without, without.lists[:3])
    assert HISTORY_LENGTHS not in found
    streams = FeatureStreams(without.dataset, SPLIT_WITHOUT, without.graph.sizes)
    assert not any("history" in weight.name for weight in streams(found) and streams.weights)


def test_an_encoder_needs_a_history(without: Told) -> None:
    with pytest.raises(InputError, match="history: expected features of scope history"):
        network(without, SPLIT_WITHOUT, history=ENCODER)


def network(told: Told, split: FeatureSplit, **options: Any) -> RankingModel:
    config = ModelConfig.model_validate({**SMALL_MODEL, **options})
    return RankingModel(told.dataset, config, TrainingConfig(), split, told.graph.sizes)


def moved(model: RankingModel) -> RankingModel:
    """Gives all weights values that no draw starts with."""
    generator = np.random.default_rng(3)
    for weight in named_weights(model).values():
        if weight.trainable:
            weight.assign(generator.normal(0, 0.3, weight.shape))
    return model


def test_gradients_reach_the_encoder(told: Told) -> None:
    model = network(told, SPLIT, history=ENCODER, ranker="seq")
    batch = transformed(told, [draw_list(number) for number in range(6)])
    model(batch)
    moved(model)

    def gradients(left_out: set[str]) -> list[tf.Tensor]:
        with tf.GradientTape() as tape:
            streams = model.streams(batch, training=True)
            streams = {name: streams[name] for name in set(streams) - left_out}
            logits = model.of_streams(streams, training=True).logits
        return [tf.convert_to_tensor(one) for one in tape.gradient(logits, model.trainable_weights)]

    for found, expected in zip(gradients(set()), gradients({*LEARNT.values()}), strict=True):
        np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("ranker", ["seq_md", "star"])
def test_an_empty_history_equals_no_history(told: Told, without: Told, ranker: str) -> None:
    """Weights that both have, and lists without an entry: the same scores."""
    model = network(told, SPLIT, history=ENCODER, ranker=ranker)
    empty = told.lists[::4]
    model(transformed(told, empty))
    plain = network(without, SPLIT_WITHOUT, ranker=ranker)
    plain(transformed(without, empty))
    report = warm_start(
        plain, without.graph.vocabularies(), PushedModel.of(moved(model), told.graph.vocabularies())
    )
    assert set(report.left_columns) >= {f"history[{place}]" for place in range(8)}
    expected = plain(transformed(without, empty)).logits
    # Products of other widths: how sums of float32 are rounded depends on where tensors lie, too.
    np.testing.assert_allclose(model(transformed(told, empty)).logits, expected, atol=1e-5)
    some = told.lists[1:2]
    assert (
        np.abs(
            model(transformed(told, some)).logits - plain(transformed(without, some)).logits
        ).max()
        > 1e-3
    )


def test_shuffling_a_history_without_ages_changes_nothing(told: Told) -> None:
    definition = told.dataset.model_dump(mode="json", exclude_none=True)
    definition["history"] = {"newest": 5}
    model = network(
        told._replace(dataset=Dataset.model_validate(definition)), SPLIT, history=ENCODER
    )
    batch = transformed(told, told.lists)
    model(batch)
    expected = moved(model)(batch).logits
    generator = np.random.default_rng(4)
    lists = []
    for one in told.lists:
        order = generator.permutation(len(one.context.get("hours_ago", [])))
        past = {
            name: np.reshape(np.array(one.context[name], object), (len(order), -1))[order]
            for name in NAMES
            if len(order)
        }
        turned = {name: values.ravel().tolist() for name, values in past.items()}
        lists.append(one._replace(context=one.context | turned))
    assert lists != told.lists
    found = model(transformed(told, lists)).logits
    np.testing.assert_allclose(found, expected, atol=1e-5)


def test_a_model_without_a_history_is_a_start(told: Told, without: Told) -> None:
    """What histories say is new: its columns start at 0, and no score changes."""
    plain = network(without, SPLIT_WITHOUT)
    plain(transformed(without, without.lists))
    model = network(told, SPLIT, history=ENCODER)
    model(transformed(told, told.lists))
    start = PushedModel.of(moved(plain), without.graph.vocabularies())
    report = warm_start(model, told.graph.vocabularies(), start)
    assert set(report.new_columns) >= {"history[0]", "viewed_brand[0]", "log(viewed_price)"}
    assert not report.misfits
    expected = plain(transformed(without, without.lists)).logits
    np.testing.assert_allclose(model(transformed(told, told.lists)).logits, expected, atol=1e-6)


def test_a_history_that_changed_sides_is_no_start(told: Told) -> None:
    pushed = network(told, SPLIT, history=ENCODER)
    pushed(transformed(told, told.lists[:2]))
    alike = SPLIT.model_copy(
        update={"dependent": ("price", "image"), "invariant": ("brand", "photos", *NAMES)}
    )
    model = network(told, alike, history=ENCODER)
    model(transformed(told, told.lists[:2]))
    words = told.graph.vocabularies()
    with pytest.raises(InputError, match=r"history \(dependent, now invariant\)"):
        warm_start(model, words, PushedModel.of(pushed, words))


def test_weights_of_the_encoder_follow_their_features(told: Told) -> None:
    model = network(told, SPLIT, history=ENCODER)
    model(transformed(told, told.lists[:2]))
    axes = {name.rpartition("encoder/")[2]: axes for name, axes in weight_axes(model).items()}
    candidates = "log(price) price__missing image[0] image[1] image__missing brand[0] brand[1]"
    assert " ".join(axes["query_kernel"][0]).startswith(candidates)
    entries = (
        "log(viewed_price) viewed_price__missing viewed_image[0] viewed_image[1]"
        " viewed_image__missing log(hours_ago) hours_ago__missing viewed_brand[0]"
    )
    assert " ".join(axes["key_kernel"][0]).startswith(entries)
    assert axes["key_kernel"] == axes["value_kernel"]


def test_what_is_alike_starts_as_similar(told: Told) -> None:
    """A candidate's columns are those of the entries that say the same, wherever they stand."""
    stream = streams_of(told).history
    candidates = [
        "price",
        "price__missing",
        "image[0]",
        "image[1]",
        "image__missing",
        "brand[0]",
        "brand[1]",
    ]
    entries = [*candidates[:5], "hours_ago", "hours_ago__missing", *candidates[5:]]
    assert stream._said_by(stream.candidates)[:7] == candidates
    assert stream._said_by(stream.entries)[:9] == entries
    assert stream.encoder.alike[:9] == (0, 1, 2, 3, 4, -1, -1, 5, 6)


def test_the_budget_counts_the_encoder(told: Told) -> None:
    model = network(told, SPLIT, ranker="shared_bottom", parameters=4_000, history=ENCODER)
    model(transformed(told, told.lists[:2]))
    encoder = model.streams.history.encoder.trainable_weights
    own, ranker = (
        sum(weight.shape.num_elements() for weight in weights)
        for weights in (encoder, model.ranker.trainable_weights)
    )
    assert model.streams.history.parameters() == own
    assert abs(own + ranker - 4_000) < 0.06 * 4_000


AGES = {
    "none": ([0, 0, 0], 1),
    # Missing, and between the tenths of a normal distribution.
    "numeric": ([1, 6, 0], 1 + 10),
    # Missing, and its own buckets.
    "bucketed": ([2, 3, 0], 1 + 3),
}


@pytest.mark.parametrize("age", AGES)
def test_ages_are_buckets(age: str, told: Told) -> None:
    own = {"name": "hours_ago", "scope": "history", "kind": "numeric"}
    if age == "bucketed":
        own |= {"kind": "bucketed", "buckets": 3}
    definition = told.dataset.model_dump(mode="json", exclude_none=True)
    definition["features"] = [*ITEM_FEATURES, *HISTORY_FEATURES[:-1], own]
    definition["history"] = {} if age == "none" else {"age": "hours_ago"}
    dataset = Dataset.model_validate(definition)
    streams = FeatureStreams(dataset, SPLIT, {**told.graph.sizes, "hours_ago": 4})
    assert streams.history is not None
    layout = Layout(dataset)
    numbers = dict.fromkeys((column.key for column in layout.columns["history"]), [0.0] * 3)
    numbers |= {"hours_ago": [-9.0, 0.1, 0.1], "hours_ago__missing": [0.0, 0.0, 1.0]}
    ids = {**{name: [1, 1, 1] for name in NAMES}, "hours_ago": [2, 3, 0]}
    inputs = {
        "history__numbers": tf.constant(
            [numbers[column.key] for column in layout.columns["history"]]
        ),
        "history__ids": tf.constant([ids[one.name] for one in layout.embedded["history"]]),
        HISTORY_LENGTHS: tf.constant([3], tf.int64),
    }
    turned = {
        name: tf.transpose(values) if values.shape.rank == 2 else values
        for name, values in inputs.items()
    }
    expected, buckets = AGES[age]
    np.testing.assert_array_equal(streams.history.age_buckets(turned), expected)
    assert streams.history.encoder.ages == buckets


@pytest.fixture(scope="module")
def exported(told: Told) -> Path:
    """The folder of a model that run_fn trained on the lists."""
    SPLIT.save(told.folder / "region_split.json")
    definitions = {
        "dataset": told.dataset,
        "model": ModelConfig.model_validate({**SMALL_MODEL, "history": ENCODER}),
        "training": TrainingConfig.model_validate({**SMALL_TRAINING, "learning_rate": 0.01}),
    }
    config = {name: value.model_dump(mode="json") for name, value in definitions.items()}
    config["region_split"] = str(told.folder / "region_split.json")
    run_fn(
        SimpleNamespace(
            train_files=[told.files],
            eval_files=[told.files],
            transform_graph_path=str(told.folder / "graph"),
            serving_model_dir=str(told.folder / "model"),
            model_run_dir=str(told.folder / "run"),
            custom_config=config,
        )
    )
    return told.folder / "model"


@pytest.fixture(scope="module")
def loaded(exported: Path) -> Any:
    return tf.saved_model.load(str(exported))


def plain_inputs(one: List, dataset: Dataset) -> dict[str, tf.Tensor]:
    values = {**{name: [] for name in NAMES}, **one.context, **one.item}
    return {
        feature.name: tf.reshape(
            tf.constant(
                values[feature.name], tf.string if feature.kind == "categorical" else tf.float32
            ),
            [-1, feature.length] if feature.length else [-1],
        )
        for feature in dataset.features
    }


def answer(loaded: Any, one: List, dataset: Dataset) -> np.ndarray:
    return loaded.signatures["serving_default"](**plain_inputs(one, dataset))["score"].numpy()


def test_both_signatures_answer_alike(told: Told, loaded: Any) -> None:
    chosen = told.lists[:8]
    examples = tf.constant([one.serialized() for one in chosen])
    together = loaded.signatures["serve_examples"](examples=examples)["score"].numpy()
    for row, one in zip(together, chosen, strict=True):
        alone = answer(loaded, one, told.dataset)
        np.testing.assert_allclose(row[: len(alone)], alone, atol=1e-5)


def test_candidates_one_by_one_equal_candidates_together(told: Told, loaded: Any) -> None:
    one = told.lists[1]
    whole = answer(loaded, one, told.dataset)
    for place, expected in enumerate(whole):
        item = {n: v[place : place + 1] for n, v in one.item.items() if n != "image"}
        item["image"] = one.item["image"][2 * place : 2 * place + 2]
        found = answer(loaded, one._replace(item=item), told.dataset)
        np.testing.assert_allclose(found, [expected], atol=1e-6)


def test_the_order_of_entries_says_nothing_but_their_ages_do(told: Told, loaded: Any) -> None:
    one = next(each for each in told.lists if len(each.context.get("hours_ago", ())) == 4)
    turned = dict(one.context)
    for name in NAMES:
        values = np.asarray(turned[name], object).reshape(4, -1)[::-1]
        turned[name] = values.ravel().tolist()
    expected = answer(loaded, one, told.dataset)
    np.testing.assert_allclose(
        answer(loaded, one._replace(context=turned), told.dataset), expected, atol=1e-6
    )
    older = {**one.context, "hours_ago": [1e4] * 4}
    assert np.abs(answer(loaded, one._replace(context=older), told.dataset) - expected).max() > 1e-5


def test_what_was_done_moves_the_score(told: Told, loaded: Any) -> None:
    one = told.lists[1]
    other = {**one.context, "viewed_brand": ["acme"] * len(one.context["viewed_brand"])}
    asked = {**other, "viewed_brand": ["zeta"] * len(one.context["viewed_brand"])}
    first, second = (
        answer(loaded, one._replace(context=context), told.dataset) for context in (other, asked)
    )
    assert np.abs(first - second).max() > 1e-4


def test_the_history_has_one_share_of_a_difference(told: Told, exported: Path, loaded: Any) -> None:
    model = ExplainedModel(str(exported), loaded)
    found = model.explain(model.columns(told.lists[1].serialized()), 0, 1, "score")
    assert set(found.shares) == {"region", "brand", "price", "photos", "image", "history"}
    total = sum(found.shares.values()) + found.residual
    assert math.isclose(total, found.difference, rel_tol=1e-6, abs_tol=1e-9)


def test_a_pushed_model_is_a_start_as_it_is(told: Told, exported: Path) -> None:
    model = network(told, SPLIT, history=ENCODER)
    batch = transformed(told, told.lists)
    model(batch)
    pushed = PushedModel.load(str(exported))
    report = warm_start(model, exported_vocabularies(told.dataset, str(exported)), pushed)
    parts = ("misfits", "grown", "new", "left", "new_columns", "left_columns")
    assert {part: getattr(report, part) for part in parts if getattr(report, part)} == {}


def test_a_saved_model_answers_as_its_weights_do(told: Told, exported: Path, loaded: Any) -> None:
    batch = transformed(told, told.lists)
    expected = answers_of_weights(
        network(told, SPLIT, history=ENCODER), batch, told.graph, exported
    )
    found = np.concatenate([answer(loaded, one, told.dataset) for one in told.lists])
    np.testing.assert_allclose(found, expected, atol=1e-5)
    examples = tf.constant([one.serialized() for one in told.lists])
    rows = loaded.signatures["serve_examples"](examples=examples)["score"].numpy()
    np.testing.assert_allclose(rows[~np.isnan(rows)], expected, atol=1e-5)


def test_onnx_answers_as_the_model_does(
    told: Told, exported: Path, loaded: Any, tmp_path: Path
) -> None:
    """With many, few and no past actions."""
    written = export_onnx(exported, tmp_path / "onnx", everything_by_id=False)
    assert written.apart < 1e-5
    described = json.loads((written.folder / "inputs.json").read_text())["inputs"]
    assert described["viewed_image"]["shape"] == ["entries", 2]
    assert "an empty history" in (written.folder / "README.md").read_text()
    ranker = OnnxRanker(str(written.folder / "ranker.onnx"), {})
    for one in told.lists[:5]:
        given = {name: value.numpy() for name, value in plain_inputs(one, told.dataset).items()}
        found = ranker.answer(ranker.inputs(given))["score"]
        np.testing.assert_allclose(found, answer(loaded, one, told.dataset), atol=1e-5)
