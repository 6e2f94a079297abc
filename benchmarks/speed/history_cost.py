"""What histories cost: the same lists to networks with and without, and to one with DIN's layer."""

import statistics
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import tensorflow as tf

from benchmarks.speed.din_layer import DinLayer
from benchmarks.speed.latency import one_at_a_time
from data.artifacts.region_split import FeatureSplit
from data.artifacts.signature_names import SERVING_DEFAULT
from data.definition import keys
from data.definition.dataset import Dataset
from data.definition.feature import Feature
from data.lists.examples import plain_example
from models.config import ModelConfig, TrainingConfig
from models.features.fitting import fit_transform_graph
from models.features.transform_graph import TransformGraph
from models.ranking_model import RankingModel
from models.serving.drawn_lists import draw_list
from models.serving.signatures import Signatures
from models.training.averaged_weights import AveragedWeights
from models.training.input_pipeline import batch_reader, training_batches
from models.training.train_step import Batch, Step, build_optimizer, build_train_step

WITH, WITHOUT, DIN = "with", "without", "din"
_NUMBERS = 15
_TASKS = ("click", "add_to_cart", "purchase")
_WORDS: Mapping[str, int] = {"country": 10, "query": 100, "category": 100, "brand": 1_000, "how": 3}
# Lists that are drawn; a batch is some of them.
_BATCHES = 8


class Measured(NamedTuple):
    """A network and lists for it.

    Attributes:
        model: the network.
        signatures: it, as it is exported.
        batches: batches in memory, without end.
        files: batches from files, without end.
        items: items of a batch.
    """

    model: RankingModel
    signatures: Signatures
    batches: Iterator[Batch]
    files: Iterator[Batch]
    items: int


def measure(lists: int, items: int, entries: int, steps: int, requests: int) -> dict[str, Any]:
    """Measures training and answers, on one thread, of the networks in turn.

    Args:
        lists: of a batch.
        items: of each list.
        entries: of each history.
        steps: of training that are timed.
        requests: of 1,000 candidates that are timed.

    Returns:
        `items_per_second` of training steps, from memory (`step`) and from files
        (`input_and_step`), and `answer_ms`, by processor time, for networks `with` and `without`
        histories and with the layer of `din_layer` instead; `times`: how many times as long as
        without they take; `parameters` of each.
    """
    tf.config.threading.set_intra_op_parallelism_threads(1)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    with tempfile.TemporaryDirectory() as folder:
        measured = {
            name: _measured(name, entries, lists, items, Path(folder))
            for name in (WITH, WITHOUT, DIN)
        }
        ways = {name: _step(one.model) for name, one in measured.items()}
        seconds = {
            part: _seconds_of_steps(ways, {n: getattr(m, part) for n, m in measured.items()}, steps)
            for part in ("batches", "files")
        }
        answers = _answers(measured, requests, Path(folder))
    per_item = {"step": seconds["batches"], "input_and_step": seconds["files"]}
    return {
        "parameters": {
            name: int(sum(np.prod(weight.shape) for weight in one.model.trainable_weights))
            for name, one in measured.items()
        },
        "items_per_second": {
            part: {name: round(measured[name].items / one, 1) for name, one in found.items()}
            for part, found in per_item.items()
        },
        "answer_ms": answers,
        "times": {
            part: {name: round(found[name] / found[WITHOUT], 3) for name in (WITH, DIN)}
            for part, found in {**per_item, "answer": answers}.items()
        },
    }


def _dataset(history: bool, entries: int) -> Dataset:
    numbers = [f"number_{place}" for place in range(_NUMBERS)]
    features = [
        *(
            {"name": name, "scope": "context", "kind": "categorical"}
            for name in ("country", "query")
        ),
        *({"name": name, "scope": "item", "kind": "categorical"} for name in ("category", "brand")),
        *({"name": name, "scope": "item", "kind": "numeric"} for name in ("price", *numbers)),
    ]
    past = [
        {"name": "past_category", "scope": "history", "like": "category"},
        {"name": "past_brand", "scope": "history", "like": "brand"},
        {"name": "past_price", "scope": "history", "like": "price"},
        {"name": "how", "scope": "history", "kind": "categorical"},
        {"name": "hours_ago", "scope": "history", "kind": "numeric"},
    ]
    return Dataset.model_validate(
        {
            "name": "drawn",
            "list_id": "id",
            "region": "country",
            "country_features": ["country"],
            "tasks": [{"name": name, "grade": grade} for grade, name in enumerate(_TASKS, 1)],
            "features": [*features, *(past if history else [])],
            **({"history": {"newest": entries, "age": "hours_ago"}} if history else {}),
        }
    )


def _measured(name: str, entries: int, lists: int, items: int, folder: Path) -> Measured:
    dataset = _dataset(name != WITHOUT, entries)
    place = folder / ("history" if dataset.history else "none")
    file, graph = str(place / "lists"), str(place / "graph")
    if not place.exists():
        place.mkdir()
        _write(dataset, lists * _BATCHES, items, file)
        fit_transform_graph(dataset, [file], graph, str(place / "scratch"))
    transform = TransformGraph(dataset, graph)
    names = {feature.name for feature in dataset.features}
    past = tuple(feature.name for feature in dataset.history_features)
    split = FeatureSplit(
        country=("country",),
        dependent=("price", "brand", *past),
        invariant=tuple(sorted(names - {"country", "price", "brand", *past})),
    )
    model = RankingModel(dataset, ModelConfig(), TrainingConfig(), split, transform.sizes)
    if name == DIN:
        assert model.streams.history is not None
        model.streams.history.encoder = DinLayer(model.streams.history.encoder.width)
    from_files = training_batches([file], batch_reader(dataset, transform), lists, 1, 1)
    model(next(iter(from_files)))
    held = from_files.take(_BATCHES).cache().repeat()
    signatures = Signatures(dataset, model, transform)
    return Measured(model, signatures, iter(held), iter(from_files), lists * items)


def _write(dataset: Dataset, lists: int, items: int, file: str) -> None:
    generator = np.random.default_rng(1)
    with tf.io.TFRecordWriter(file) as writer:
        for _ in range(lists):
            values = draw_list(dataset, _vocabularies(dataset), items, generator)
            acted = np.cumprod(generator.random((len(_TASKS), items)) < 0.3, axis=0)
            labels = {keys.label(name): one for name, one in zip(_TASKS, acted, strict=True)}
            writer.write(plain_example({**values, **labels}))


def _vocabularies(dataset: Dataset) -> dict[str, list[bytes]]:
    def words(feature: Feature) -> list[bytes]:
        learnt = dataset.learnt_as(feature).name
        return [b"%s %d" % (learnt.encode(), place) for place in range(_WORDS[learnt])]

    return {feature.name: words(feature) for feature in dataset.categorical_features}


def _step(model: RankingModel) -> Step:
    weights = model.trainable_variables
    optimizer = build_optimizer(TrainingConfig())
    optimizer.build(weights)
    return build_train_step(model, optimizer, AveragedWeights(weights, None), None)


def _seconds_of_steps(
    ways: Mapping[str, Step], batches: Mapping[str, Iterator[Batch]], steps: int
) -> dict[str, float]:
    """Processor time of a median step, by network; they take turns."""
    taken: dict[str, list[float]] = {name: [] for name in ways}
    for number in range(-_BATCHES, steps):
        for name, step in ways.items():
            started = time.process_time()
            step(batches[name])[0].numpy()
            if number >= 0:
                taken[name].append(time.process_time() - started)
    return {name: statistics.median(seconds) for name, seconds in taken.items()}


def _answers(measured: Mapping[str, Measured], requests: int, folder: Path) -> dict[str, float]:
    """Processor time of an answer for 1,000 candidates in milliseconds, by network."""
    ways = {}
    for name, one in measured.items():
        exported = str(folder / f"model_{name}")
        served = {SERVING_DEFAULT: one.signatures.functions()[SERVING_DEFAULT]}
        tf.saved_model.save(one.signatures, exported, signatures=served)
        function = tf.saved_model.load(exported).signatures[SERVING_DEFAULT]
        dataset = one.model.dataset
        values = draw_list(dataset, _vocabularies(dataset), 1_000, np.random.default_rng(2))
        inputs = {key: tf.constant(value) for key, value in values.items()}
        ways[name] = lambda function=function, inputs=inputs: function(**inputs)
    return {name: found["cpu_ms"] for name, found in one_at_a_time(ways, requests).items()}
