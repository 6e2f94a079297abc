"""What training consists of, each part by itself, and a bare chain of matrix products beside it."""

import itertools
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import tensorflow as tf

from benchmarks.speed.marketplace import definition_in
from benchmarks.speed.network_size import arithmetic, matrix_chain
from data.artifacts.region_split import FILE_NAME, FeatureSplit
from data.definition import keys
from models.features.layout import ROW_LENGTHS
from models.features.transform_graph import TransformGraph
from models.rankers.budget import count_parameters
from models.ranking_model import RankingModel
from models.training.averaged_weights import AveragedWeights
from models.training.input_pipeline import Batch, batch_reader, matching_files, training_batches
from models.training.train_step import Step, build_optimizer, build_train_step
from pipeline.config import RunConfig, load_config

# Batches that are held in memory to measure without the input.
_HELD = 32
# Those held come from files the first time.
_WARM_UP = _HELD + 8


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
    # Both are the same batches: the order is that of the seed.
    items = [_items(batch) for batch in data.take(_WARM_UP + batches)]
    in_memory = data.take(_HELD).cache()
    held = [_items(batch) for batch in in_memory]
    network(next(iter(data)))
    step = _step(config, network)
    counted = arithmetic(network)
    chain = matrix_chain(round(sum(held) / len(held)), counted.multiply_adds)
    again = list(itertools.islice(itertools.cycle(held), _WARM_UP + batches))

    @tf.function(autograph=False)
    def forward(stream: Iterator[Batch]) -> tf.Tensor:
        return network.compute_loss(next(stream), training=True)

    def rate(work: Callable[[Any], Any], data: tf.data.Dataset, items: list[int]) -> float:
        stream = iter(data)
        return _rate(lambda: work(stream), items)

    return {
        "parameters": counted.parameters,
        **_sizes(network),
        "multiply_adds_per_item": counted.multiply_adds,
        "items_per_second": {
            "input": rate(next, data, items),
            "forward": rate(forward, in_memory.repeat(), again),
            "step": rate(step, in_memory.repeat(), again),
            "input_and_step": rate(step, data, items),
            "matrix_chain": _rate(chain, again),
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


def _step(config: RunConfig, model: RankingModel) -> Step:
    """A whole step of training, of a built model."""
    weights = model.trainable_variables
    optimizer = build_optimizer(config.training)
    optimizer.build(weights)
    averages = AveragedWeights(weights, config.training.averaged_weights)
    return build_train_step(model, optimizer, averages, config.training.gradient_clip)


def _rate(work: Callable[[], Any], items: list[int]) -> float:
    """Items a second, after some batches to warm up.

    Args:
        work: takes the next batch.
        items: items of each batch.
    """
    for _ in items[:_WARM_UP]:
        work()
    result = None
    started = time.perf_counter()
    for _ in items[_WARM_UP:]:
        result = work()
    # What is computed last is waited for.
    tf.nest.map_structure(lambda tensor: tensor.numpy(), result)
    return round(sum(items[_WARM_UP:]) / (time.perf_counter() - started), 1)


def _items(batch: Batch) -> int:
    return int(tf.reduce_sum(batch[ROW_LENGTHS]))
