"""The arithmetic of a model, counted from its kernels."""

from typing import NamedTuple

import tensorflow as tf

from models.ranking_model import RankingModel


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
    the tasks are a sequence, once for every task by the recurrent layers and the output unit.

    Args:
        model: the model; its weights are there.

    Returns:
        The counts.
    """
    once = _kernel_numbers(model.trainable_variables)
    sequence = getattr(model.ranker, "sequence", None)
    again = 0
    if sequence is not None:
        shared = [*sequence.recurrent, sequence.logit]
        weights = [weight for layer in shared for weight in layer.trainable_variables]
        again = (sequence.tasks - 1) * _kernel_numbers(weights)
    parameters = sum(weight.shape.num_elements() for weight in model.trainable_variables)
    return Arithmetic(parameters, once + again)


def _kernel_numbers(weights: list[tf.Variable]) -> int:
    return sum(weight.shape.num_elements() for weight in weights if "kernel" in weight.name)
