"""A training step of a ranker alone, on a dense matrix: what other libraries can be compared on."""

import statistics
import time
from typing import Any

import tensorflow as tf

from models.config import ModelConfig, TrainingConfig
from models.layers.streams import COUNTRY, DEPENDENT, INVARIANT
from models.rankers import build_ranker
from models.training.train_step import build_optimizer

_RANKERS: dict[str, dict[str, Any]] = {
    "mmoe": {"ranker": "mlmmoe", "experts": 4},
    "ple": {"ranker": "ple", "experts_per_task": 1, "shared_experts": 1},
}
_LEVELS = {"mmoe": 1, "ple": 2}
_WARM_UP = 20


def measure(
    model: str,
    steps: int,
    threads: int,
    items: int,
    width: int,
    tasks: int,
    units: int,
    tower_units: int,
) -> dict[str, Any]:
    """Times forward pass, sigmoid cross entropy of each task, backward pass and Adam.

    Args:
        model: `mmoe`, of four experts; or `ple`, of two levels with one shared expert and one of
            each task's own.
        steps: that are timed.
        threads: of the processor.
        items: items of a batch.
        width: width of the inputs.
        tasks: number of tasks.
        units: width of an expert.
        tower_units: width of a tower's hidden layer.

    Returns:
        `items_per_second`, of the median step; `parameters`; `version` of TensorFlow.
    """
    tf.config.threading.set_intra_op_parallelism_threads(threads)
    tf.config.threading.set_inter_op_parallelism_threads(threads)
    levels = (units,) * _LEVELS[model]
    options = {**_RANKERS[model], "dropout": 0.0}
    config = ModelConfig(**options, level_units=levels, tower_units=(tower_units,))
    ranker = build_ranker(config, [f"task_{number}" for number in range(tasks)], seed=1)
    generator = tf.random.Generator.from_seed(1)
    empty = tf.zeros([items, 0])
    streams = {COUNTRY: empty, DEPENDENT: empty, INVARIANT: generator.normal([items, width])}
    labels = tf.cast(generator.uniform([items, tasks]) < 0.5, tf.float32)
    ranker(streams)
    weights = ranker.trainable_variables
    optimizer = build_optimizer(TrainingConfig())
    optimizer.build(weights)

    @tf.function(autograph=False)
    def step() -> tf.Tensor:
        with tf.GradientTape() as tape:
            logits = ranker(streams, training=True)
            losses = tf.nn.sigmoid_cross_entropy_with_logits(labels, logits)
            loss = tf.reduce_sum(tf.reduce_mean(losses, axis=0))
        optimizer.apply_gradients(zip(tape.gradient(loss, weights), weights, strict=True))
        return loss

    seconds = []
    for _ in range(_WARM_UP + steps):
        started = time.perf_counter()
        step().numpy()
        seconds.append(time.perf_counter() - started)
    return {
        "items_per_second": round(items / statistics.median(seconds[_WARM_UP:]), 1),
        "parameters": sum(weight.shape.num_elements() for weight in weights),
        "version": tf.__version__,
    }
