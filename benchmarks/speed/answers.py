"""Answers of a pushed model in process, beside a bare MLP's."""

import tempfile
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
import tensorflow as tf

from benchmarks.speed import bare_mlp
from benchmarks.speed.latency import Ask, one_at_a_time, several_clients
from benchmarks.speed.network_size import network_size
from benchmarks.speed.operations import operations
from data.artifacts.served_answer import EXAMPLES
from data.artifacts.signature_names import SERVE_EXAMPLES, SERVING_DEFAULT
from data.definition.dataset import Dataset
from data.lists.examples import plain_example
from data.lists.parsing import plain_spec
from models.onnx_export.conversion import convert
from models.onnx_export.id_inputs import TextIds, features_by_id
from models.onnx_export.onnx_ranker import OnnxRanker
from models.serving.drawn_lists import draw_list
from models.training.pushed_model import PushedModel

BARE_MLP = "bare_mlp"
# Takes what `serving_default` takes, and hands one input on: what a call costs by itself.
INPUTS_ALONE = "inputs_alone"
# `serving_default`, converted, by onnxruntime.
ONNX = "onnx"


def measure(model: str, candidates: Sequence[int], requests: int, clients: int) -> dict[str, Any]:
    """Asks for lists of several lengths, on one thread for all operations of a request.

    The inputs are tensors already, as they are in a server once a request has been read.

    Args:
        model: a version of a pushed model.
        candidates: items of the lists.
        requests: to each way, for each length.
        clients: that ask at the same time in the second part.

    Returns:
        `multiply_adds` of the network and of the bare MLP, `input_width`, and by length, for
        `serving_default`, `serve_examples`, `inputs_alone`, `onnx` and `bare_mlp`, the figures of
        `alone` and of `clients`; `times_bare_mlp`: medians of processor time, alone, over the bare
        MLP's; `operations` of both signatures and of the bare MLP, as
        `benchmarks.speed.operations` counts them.
    """
    tf.config.threading.set_intra_op_parallelism_threads(1)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    pushed = PushedModel.load(model)
    size = network_size(model, pushed)
    mlp = bare_mlp.BareMlp(size.width, size.tasks, size.multiply_adds)
    with tempfile.TemporaryDirectory() as folder:
        bare_mlp.export_bare_mlp(folder, mlp)
        bare = tf.saved_model.load(folder)
        counted = {
            str(items): {
                **_operations(model, pushed, items),
                BARE_MLP: operations(folder, SERVING_DEFAULT, _bare_inputs(size.width, items)),
            }
            for items in candidates
        }
    ranker = tf.saved_model.load(model)
    inputs_alone = _inputs_alone(pushed.dataset)
    by_onnx = _by_onnx(ranker, pushed)
    return {
        "input_width": size.width,
        "multiply_adds": {"network": size.multiply_adds, BARE_MLP: mlp.multiply_adds},
        "candidates": {
            str(items): _of_length(
                {
                    **_of_model(ranker.signatures, by_onnx, pushed, items),
                    INPUTS_ALONE: partial(inputs_alone, **_tensors(_values(pushed, items))),
                    BARE_MLP: _of_bare_mlp(bare.signatures[SERVING_DEFAULT], size.width, items),
                },
                requests,
                clients,
            )
            | {"operations": counted[str(items)]}
            for items in candidates
        },
    }


def _of_length(ways: Mapping[str, Ask], requests: int, clients: int) -> dict[str, Any]:
    alone = one_at_a_time(ways, requests)
    bare = alone[BARE_MLP]["cpu_ms"]
    return {
        "alone": alone,
        "clients": several_clients(ways, requests, clients),
        "times_bare_mlp": {
            name: round(figures["cpu_ms"] / bare, 2) for name, figures in alone.items()
        },
    }


def _by_onnx(ranker: Any, pushed: PushedModel) -> OnnxRanker:
    ids = {
        feature.name: TextIds.of(feature, pushed.vocabularies[feature.name])
        for feature in features_by_id(pushed.dataset, everything=False)
    }
    converted = convert(ranker.signatures, pushed.dataset, ids)
    return OnnxRanker(converted.SerializeToString(), ids, threads=1)


def _of_model(
    signatures: Mapping[str, Callable[..., Any]],
    by_onnx: OnnxRanker,
    pushed: PushedModel,
    items: int,
) -> dict[str, Ask]:
    values = _values(pushed, items)
    plain = _tensors(values)
    example = {EXAMPLES: tf.constant([plain_example(values)])}
    arrays = by_onnx.inputs(values)
    return {
        SERVING_DEFAULT: lambda: signatures[SERVING_DEFAULT](**plain),
        SERVE_EXAMPLES: lambda: signatures[SERVE_EXAMPLES](**example),
        ONNX: lambda: by_onnx.answer(arrays),
    }


def _of_bare_mlp(signature: Callable[..., Any], width: int, items: int) -> Ask:
    return partial(signature, **_tensors(_bare_inputs(width, items)))


def _inputs_alone(dataset: Dataset) -> Callable[..., Any]:
    """Called as a signature of a loaded model is."""
    specs = {feature.name: plain_spec(feature) for feature in dataset.features}
    first = dataset.item_features[0].name

    def answer(**features: tf.Tensor) -> dict[str, tf.Tensor]:
        return {first: tf.identity(features[first])}

    traced = tf.function(answer, autograph=False).get_concrete_function(**specs)
    with tempfile.TemporaryDirectory() as folder:
        tf.saved_model.save(tf.Module(), folder, signatures=traced)
        return tf.saved_model.load(folder).signatures[SERVING_DEFAULT]


def _tensors(values: Mapping[str, np.ndarray]) -> dict[str, tf.Tensor]:
    return {name: tf.constant(value) for name, value in values.items()}


def _bare_inputs(width: int, items: int) -> dict[str, np.ndarray]:
    drawn = np.random.default_rng(items).normal(size=(items, width))
    return {bare_mlp.INPUT: drawn.astype(np.float32)}


def _operations(model: str, pushed: PushedModel, items: int) -> dict[str, Any]:
    values = _values(pushed, items)
    example = {EXAMPLES: np.array([plain_example(values)], object)}
    return {
        SERVING_DEFAULT: operations(model, SERVING_DEFAULT, values),
        SERVE_EXAMPLES: operations(model, SERVE_EXAMPLES, example),
    }


def _values(pushed: PushedModel, items: int) -> dict[str, np.ndarray]:
    generator = np.random.default_rng(items)
    return draw_list(pushed.dataset, pushed.vocabularies, items, generator)
