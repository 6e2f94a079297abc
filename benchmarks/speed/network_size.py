"""The size of a network, counted from its kernels, and bare products of as many multiply-adds."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import tensorflow as tf

from data.artifacts.model_folder import ExtraFiles
from data.artifacts.region_split import FeatureSplit
from models.ranking_model import RankingModel
from models.training.pushed_model import PushedModel, untrained_network

# Of each product in a chain.
_WIDTH = 64


class Arithmetic(NamedTuple):
    """The size of a model.

    Attributes:
        parameters: trainable numbers, embeddings included.
        multiply_adds: of the matrix products that score one item for all tasks; a training step
            takes three times as many, for the gradients of inputs and of kernels.
    """

    parameters: int
    multiply_adds: int


def arithmetic(model: RankingModel) -> Arithmetic:
    """Counts a built model.

    A kernel of n numbers costs n multiply-adds an item, each time that it is used: once, or, where
    the tasks are a sequence, once for every task by the recurrent layers and what reads logits off.

    Args:
        model: the model; its weights are there.

    Returns:
        The counts.
    """
    once = _kernel_numbers(model.trainable_variables)
    sequence = getattr(model.ranker, "sequence", None)
    again = 0
    if sequence is not None:
        path = [] if sequence.path is None else [sequence.path]
        shared = [*sequence.recurrent, sequence.logit, *path]
        weights = [weight for layer in shared for weight in layer.trainable_variables]
        again = (sequence.tasks - 1) * _kernel_numbers(weights)
    parameters = sum(weight.shape.num_elements() for weight in model.trainable_variables)
    return Arithmetic(parameters, once + again)


def _kernel_numbers(weights: list[tf.Variable]) -> int:
    return sum(weight.shape.num_elements() for weight in weights if "kernel" in weight.name)


@dataclass(frozen=True)
class NetworkSize:
    """What a bare MLP must have to be as large.

    Attributes:
        width: of the network's input, an item: numbers, indicators and embeddings.
        tasks: number of outputs.
        multiply_adds: an item.
    """

    width: int
    tasks: int
    multiply_adds: int


def network_size(folder: str, pushed: PushedModel) -> NetworkSize:
    """Counts the network of a pushed model, from the definitions that travel with it.

    Args:
        folder: a version of the pushed model.
        pushed: the same, loaded.

    Returns:
        Its size.
    """
    extra = ExtraFiles(folder)
    split = FeatureSplit.load(extra.region_split)
    model = untrained_network(extra, pushed.dataset, split, pushed.weights)
    width = sum(model.streams.widths().values())
    return NetworkSize(width, len(pushed.tasks), arithmetic(model).multiply_adds)


def matrix_chain(items: int, multiply_adds: int) -> Callable[[], tf.Tensor]:
    """Makes the products of a training step: forward, and the gradients of inputs and kernels.

    Args:
        items: items of a batch, N.
        multiply_adds: of the forward products, an item.

    Returns:
        A function that computes them, and returns a scalar that depends on all of them.
    """
    layers = chain_layers(multiply_adds)
    generator = tf.random.Generator.from_seed(1)
    inputs = generator.normal([items, _WIDTH])
    kernels = [generator.normal([_WIDTH, _WIDTH], stddev=_WIDTH**-0.5) for _ in range(layers)]

    @tf.function(autograph=False)
    def products() -> tf.Tensor:
        with tf.GradientTape() as tape:
            tape.watch([inputs, *kernels])
            outputs = inputs
            for kernel in kernels:
                outputs = tf.matmul(outputs, kernel)
            loss = tf.reduce_sum(outputs)
        return tf.add_n([gradient[0, 0] for gradient in tape.gradient(loss, [inputs, *kernels])])

    return products


def chain_layers(multiply_adds: int) -> int:
    """Square products of width 64 that have about so many multiply-adds an item."""
    return max(1, round(multiply_adds / _WIDTH**2))
