"""What training consists of, each part by itself, and a bare chain of matrix products beside it."""

import itertools
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import tensorflow as tf

from benchmarks.speed.marketplace import definition_in
from benchmarks.speed.matrix_chain import matrix_chain
from benchmarks.speed.multiply_adds import arithmetic
from data import keys
from data.region_split import FILE_NAME, FeatureSplit
from models import transformed
from models.averaged_weights import AveragedWeights
from models.input_pipeline import Batch, batch_reader, matching_files, training_batches
from models.rankers.budget import count_parameters
from models.ranking_model import RankingModel
from models.train_step import build_optimizer, build_train_step
from models.transform_graph import TransformGraph
from pipeline.config import RunConfig, load_config

_WARM_UP = 20
# Batches that are held in memory to measure without the input.
_HELD = 32


def measure(
    folder: str,
    outputs: Mapping[str, str],
    batches: int,
    model: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Measures the parts of training on the training lists of a marketplace.

    Args:
        folder: of the marketplace.
        outputs: folders of the artifacts `examples`, `transform_graph` and `region_split`.
        batches: how many batches each part takes.
        model: fields of the `ModelConfig` that differ from the marketplace's.

    Returns:
        `parameters`, `network_parameters` (without embeddings), `growth_with_the_last_task` (of
        these, at fixed widths; where there are several tasks), `multiply_adds_per_item` (of a
        forward pass), and items a second of `input` (files to model inputs), `forward` (inputs to
        losses), `step` (a whole training step on inputs in memory), `input_and_step` (both, as in
        training) and `matrix_chain`.
    """
    config = _config(folder, model or {})
    transform = TransformGraph(config.dataset, outputs["transform_graph"])
    split = FeatureSplit.load(f"{outputs['region_split']}/{FILE_NAME}")
    network = RankingModel(config.dataset, config.model, config.training, split, transform.sizes)
    data = _batches(config, transform, outputs["examples"])
    stream = iter(data)
    held = list(itertools.islice(stream, _HELD))
    forward, step = _steps(config, network, held[0], data.element_spec)
    counted = arithmetic(network)
    items = sum(map(_items, held)) / len(held)
    chain = matrix_chain(round(items), counted.multiply_adds)
    again = itertools.cycle(held)
    return {
        "parameters": counted.parameters,
        **_sizes(network),
        "multiply_adds_per_item": counted.multiply_adds,
        "items_per_second": {
            "input": _rate(lambda batch: None, stream, batches),
            "forward": _rate(forward, again, batches),
            "step": _rate(step, again, batches),
            "input_and_step": _rate(step, stream, batches),
            "matrix_chain": _rate(lambda batch: chain(), again, batches),
        },
    }


def _sizes(model: RankingModel) -> dict[str, float]:
    tasks, widths = [task.name for task in model.dataset.tasks], model.streams.widths()
    whole = count_parameters(model.config, tasks, widths)
    sizes: dict[str, float] = {"network_parameters": whole}
    if len(tasks) > 1:
        with_a_task_less = count_parameters(model.config, tasks[:-1], widths)
        sizes["growth_with_the_last_task"] = round(whole / with_a_task_less - 1, 4)
    return sizes


def _config(folder: str, model: Mapping[str, Any]) -> RunConfig:
    config = load_config(str(definition_in(folder)))
    changed = {**config.model_dump(), "model": {**config.model.model_dump(), **model}}
    return RunConfig.model_validate(changed)


def _batches(config: RunConfig, transform: TransformGraph, examples: str) -> tf.data.Dataset:
    files = matching_files([str(Path(examples) / f"Split-{keys.TRAIN}" / "*")])
    reader = batch_reader(config.dataset, transform)
    return training_batches(files, reader, config.training.lists_per_batch, 1, 1)


def _steps(
    config: RunConfig, model: RankingModel, batch: Batch, signature: Mapping[str, tf.TensorSpec]
) -> tuple[Callable[[Batch], Any], Callable[[Batch], Any]]:
    """The forward pass with its losses, and a whole step of training."""
    model(batch)
    optimizer = build_optimizer(config.training)
    optimizer.build(model.trainable_variables)
    averages = AveragedWeights(model.trainable_variables, config.training.averaged_weights)
    clip = config.training.gradient_clip

    @tf.function(input_signature=[dict(signature)], autograph=False)
    def forward(inputs: Batch) -> tf.Tensor:
        return model.compute_loss(inputs, training=True)

    return forward, build_train_step(model, optimizer, averages, clip, signature)


def _rate(work: Callable[[Batch], Any], stream: Any, batches: int) -> float:
    """Items a second, after some batches to warm up."""
    for batch in itertools.islice(stream, _WARM_UP):
        work(batch)
    items, result = 0, None
    started = time.perf_counter()
    for batch in itertools.islice(stream, batches):
        result = work(batch)
        items += _items(batch)
    if result is not None:
        result.numpy()
    return round(items / (time.perf_counter() - started), 1)


def _items(batch: Batch) -> int:
    return int(tf.reduce_sum(batch[transformed.ROW_LENGTHS]))
