"""Histories with an encoder of their own for single pieces, from raw values to scores.

Shops stand among the pieces: they have no price, which past actions are like.
"""

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import tensorflow as tf

from data.artifacts.region_split import FeatureSplit
from data.definition.dataset import Dataset
from models.config import ModelConfig, TrainingConfig
from models.features.fitting import fit_transform_graph
from models.features.layout import SINGLE_PIECES
from models.features.transform_graph import TransformGraph
from models.onnx_export.export import export_onnx
from models.past_actions.past_actions import PastActions
from models.ranking_model import RankingModel
from models.training.averaged_weights import AveragedWeights
from models.training.input_pipeline import Batch, batch_reader
from models.training.run_fn import run_fn
from models.training.train_step import build_optimizer, build_train_step
from models.weights import named_weights, weight_axes
from tests.models.conftest import SMALL_MODEL, SMALL_TRAINING, List, answers_of_weights

ENCODER = {"units": 8, "heads": 2}
SPLIT_BY = {"feature": "viewed_stock", "id": "viewed_item", "action": "viewed_action"}
SPLIT = FeatureSplit(
    country=(),
    dependent=("price", "viewed_price"),
    invariant=("item_code", "card", "fans", "viewed_item", "viewed_stock", "viewed_action"),
)
DATASET = Dataset.model_validate(
    {
        "name": "single",
        "list_id": "id",
        "tasks": [{"name": "click", "grade": 1}],
        "features": [
            {
                "name": "item_code",
                "scope": "item",
                "kind": "categorical",
                "vocabulary_size": 4,
                "out_of_vocabulary_buckets": 50,
            },
            {"name": "price", "scope": "item", "kind": "numeric", "log": True, "kinds": ["piece"]},
            {"name": "card", "scope": "item", "kind": "categorical"},
            {"name": "fans", "scope": "item", "kind": "numeric", "kinds": ["shop"]},
            {"name": "viewed_item", "scope": "history", "like": "item_code"},
            {"name": "viewed_price", "scope": "history", "like": "price"},
            {"name": "viewed_stock", "scope": "history", "kind": "numeric", "log": True},
            {"name": "viewed_action", "scope": "history", "kind": "categorical"},
        ],
        "kind_of_item": "card",
        "history": {"split_by": SPLIT_BY},
    }
)
KINDS = {"kind_alignment": "joined", "kind_units": 3, "kind_knowledge": (4,)}
STOCKS = (1.0, 0.0, 2.0, 40.0, float("nan"))


def draw_list(number: int) -> List:
    """A list with up to five past actions, none in every fourth one."""
    generator = np.random.default_rng((29, number))
    items, entries = int(generator.integers(2, 7)), number % 4 + number % 3
    stock = generator.choice(STOCKS, entries).astype(np.float32) * (number % 4 > 0)
    codes = [
        f"piece {number} {place}" if pieces <= 1 else str(generator.choice(["a", "b"]))
        for place, pieces in enumerate(stock)
    ]
    code = generator.choice(["a", "b", "c"], items)
    history = {
        "viewed_item": codes,
        "viewed_price": generator.lognormal(4, 1, entries).tolist(),
        "viewed_stock": stock.tolist(),
        "viewed_action": generator.choice(["look", "buy", ""], entries, p=[0.6, 0.3, 0.1]).tolist(),
    }
    return List(
        {"list_id": [f"list {number}"], "list_weight": [1.0], **(history if entries else {})},
        {
            "item_code": code.tolist(),
            "price": generator.lognormal(4, 1, items).tolist(),
            "card": generator.choice(["piece", "shop"], items).tolist(),
            "fans": generator.normal(size=items).tolist(),
            "label_click": (generator.random(items) < 0.4).astype(float).tolist(),
        },
    )


LISTS = [draw_list(number) for number in range(48)]


def in_deep_stock(one: List) -> List:
    stock = {"viewed_stock": [40.0] * len(one.context.get("viewed_stock", []))}
    return one._replace(context=one.context | stock) if stock["viewed_stock"] else one


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, write_lists: Callable[..., str]) -> Path:
    found = tmp_path_factory.mktemp("single")
    write_lists(found / "lists", LISTS)
    fit_transform_graph(DATASET, [str(found / "lists")], str(found / "graph"), str(found / "tmp"))
    SPLIT.save(found / "region_split.json")
    return found


@pytest.fixture(scope="module")
def graph(folder: Path) -> TransformGraph:
    return TransformGraph(DATASET, str(folder / "graph"))


def read(graph: TransformGraph, lists: list[List]) -> Batch:
    return batch_reader(DATASET, graph)(tf.constant([one.serialized() for one in lists]))


def network(graph: TransformGraph, split: bool = True, **training: Any) -> RankingModel:
    history = {**ENCODER, "split": split}
    chosen = ModelConfig.model_validate({**SMALL_MODEL, **KINDS, "history": history})
    settings = TrainingConfig.model_validate({**SMALL_TRAINING, **training})
    return RankingModel(DATASET, chosen, settings, SPLIT, graph.sizes)


def taught(model: RankingModel, batch: Batch, past_actions: float) -> RankingModel:
    """The model after three steps of training on a batch."""
    config = TrainingConfig.model_validate(
        {**SMALL_TRAINING, "learning_rate": 0.01, "past_actions": past_actions}
    )
    model(batch)
    past = PastActions.of(model, config)
    optimizer, weights = build_optimizer(config), list(model.trainable_variables)
    optimizer.build([*weights, *(past.trainable_variables if past else ())])
    averages = AveragedWeights(weights, None)
    step = build_train_step(model, optimizer, averages, None, past_actions=past)
    batches = iter(tf.data.Dataset.from_tensors(batch).repeat())
    for _ in range(3):
        losses, _ = step(batches)
        assert np.isfinite(losses).all()
    return model


def test_single_pieces_are_told_by_their_stock_as_the_logs_have_it(graph: TransformGraph) -> None:
    stock = np.concatenate([one.context.get("viewed_stock", []) for one in LISTS])
    found = read(graph, LISTS)[SINGLE_PIECES].numpy()
    np.testing.assert_array_equal(found, stock <= 1)
    assert {*stock[found]} == {0, 1}
    assert np.isnan(stock[~found]).any()


@pytest.mark.thorough
def test_where_all_stock_is_deep_nothing_changes(graph: TransformGraph) -> None:
    """Not by training either: neither by the second encoder nor by the loss of past actions."""
    batch = read(graph, [in_deep_stock(one) for one in LISTS])
    whole, split = (taught(network(graph, split), batch, 0.5) for split in (False, True))
    np.testing.assert_allclose(split(batch).logits, whole(batch).logits, atol=1e-6)
    of_split = named_weights(split)
    for name, weight in named_weights(whole).items():
        np.testing.assert_allclose(of_split[name].numpy(), weight.numpy(), atol=1e-6)
    # Of single pieces they say different things.
    mixed = read(graph, LISTS)
    assert np.abs(split(mixed).logits - whole(mixed).logits).max() > 1e-3


def test_past_actions_teach_the_ids_of_single_pieces_alone(graph: TransformGraph) -> None:
    batch, model = read(graph, LISTS), network(graph)
    model(batch)
    past = PastActions.of(model, TrainingConfig())
    assert past is not None
    generator = np.random.default_rng(1)
    for variable in past.trainable_variables:
        variable.assign(generator.normal(size=variable.shape))
    rows = model.streams.embeddings.rows["item_code"]
    table = model.streams.embeddings.tables[f"{rows.width}"]
    with tf.GradientTape() as tape:
        loss = past.loss(model.streams.single_pieces(batch), batch["list_weight"])
    gradient = tf.convert_to_tensor(tape.gradient(loss, table)).numpy()[rows.first : rows.after]
    ids = batch["history__ids"].numpy()
    item, action = (
        ids[:, [one.name for one in model.streams.layout.embedded["history"]].index(name)]
        for name in ("viewed_item", "viewed_action")
    )
    told = batch[SINGLE_PIECES].numpy() & (action > 0)
    moved = np.flatnonzero(np.abs(gradient).sum(axis=1))
    np.testing.assert_array_equal(moved, np.unique(item[told]))
    assert not set(item[~batch[SINGLE_PIECES].numpy()]) & set(moved)


@pytest.mark.thorough
def test_ids_follow_what_was_done_when_they_are_taught(graph: TransformGraph) -> None:
    batch = read(graph, LISTS)
    with_loss, without = (taught(network(graph), batch, weight) for weight in (1.0, 0.0))
    name = "embedding/item_code"
    found, plain = (named_weights(model)[name].numpy() for model in (with_loss, without))
    assert np.abs(found - plain).max() > 1e-4
    assert PastActions.of(without, TrainingConfig(past_actions=0)) is None
    assert PastActions.of(network(graph, split=False), TrainingConfig()) is None
    # A second stage freezes all that it would teach.
    without.config = without.config.model_copy(update={"second_stage": "shop"})
    assert PastActions.of(without, TrainingConfig()) is None


def test_parameters_and_axes_are_those_of_the_built_encoder(graph: TransformGraph) -> None:
    for split in (False, True):
        model = network(graph, split)
        model(read(graph, LISTS[:2]))
        history = model.streams.history
        assert history is not None
        weights = history.encoder.trainable_weights
        assert history.parameters() == sum(int(np.prod(weight.shape)) for weight in weights)
    axes = weight_axes(model)
    (name,) = (one for one in axes if "meta/scale/dense_0/kernel" in one)
    assert axes[name][1] == ("log(viewed_price)", "viewed_price__missing")


@pytest.fixture(scope="module")
def exported(folder: Path) -> Path:
    """The folder of a model that run_fn trained on the lists."""
    definitions = {
        "dataset": DATASET,
        "model": ModelConfig.model_validate({**SMALL_MODEL, **KINDS, "history": ENCODER}),
        "training": TrainingConfig.model_validate(
            {**SMALL_TRAINING, "epochs": 1, "learning_rate": 0.03}
        ),
    }
    config = {name: value.model_dump(mode="json") for name, value in definitions.items()}
    config["region_split"] = str(folder / "region_split.json")
    run_fn(
        SimpleNamespace(
            train_files=[str(folder / "lists")],
            eval_files=[str(folder / "lists")],
            transform_graph_path=str(folder / "graph"),
            serving_model_dir=str(folder / "model"),
            model_run_dir=str(folder / "run"),
            custom_config=config,
        )
    )
    return folder / "model"


def answer(loaded: Any, one: List) -> np.ndarray:
    values = {**{feature.name: [] for feature in DATASET.features}, **one.context, **one.item}
    types = {"categorical": tf.string, "numeric": tf.float32}
    given = {
        feature.name: tf.constant(values[feature.name], types[feature.kind])
        for feature in DATASET.features
    }
    return loaded.signatures["serving_default"](**given)["score"].numpy()


@pytest.mark.thorough
def test_both_signatures_answer_alike_and_by_stock(exported: Path) -> None:
    loaded = tf.saved_model.load(str(exported))
    chosen = LISTS[:12]
    examples = tf.constant([one.serialized() for one in chosen])
    together = loaded.signatures["serve_examples"](examples=examples)["score"].numpy()
    by_stock = 0.0
    for row, one in zip(together, chosen, strict=True):
        alone = answer(loaded, one)
        np.testing.assert_allclose(row[: len(alone)], alone, atol=1e-5)
        by_stock = max(by_stock, float(np.abs(answer(loaded, in_deep_stock(one)) - alone).max()))
    assert by_stock > 1e-3


@pytest.mark.thorough
def test_a_saved_model_answers_as_its_weights_do(exported: Path, graph: TransformGraph) -> None:
    batch = read(graph, LISTS)
    expected = answers_of_weights(network(graph), batch, graph, exported)
    loaded = tf.saved_model.load(str(exported))
    found = np.concatenate([answer(loaded, one) for one in LISTS])
    np.testing.assert_allclose(found, expected, atol=1e-5)
    examples = tf.constant([one.serialized() for one in LISTS])
    rows = loaded.signatures["serve_examples"](examples=examples)["score"].numpy()
    np.testing.assert_allclose(rows[~np.isnan(rows)], expected, atol=1e-5)


@pytest.mark.thorough
def test_the_loss_of_past_actions_is_not_exported(exported: Path, graph: TransformGraph) -> None:
    variables = tf.train.list_variables(str(exported / "variables" / "variables"))
    model = network(graph)
    model(read(graph, LISTS[:2]))
    shapes = sorted(weight.shape for weight in named_weights(model).values())
    found = sorted(tuple(shape) for name, shape in variables if name.startswith("weights/"))
    assert found == shapes


@pytest.mark.thorough
def test_onnx_answers_as_the_model_does(exported: Path, tmp_path: Path) -> None:
    assert export_onnx(exported, tmp_path / "onnx", everything_by_id=False).apart < 1e-5
