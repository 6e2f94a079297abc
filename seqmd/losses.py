"""The losses of a task, for models of one's own."""

from collections.abc import Callable, Mapping
from typing import Any, Literal

import tensorflow as tf
from pydantic import ValidationError

from data.errors import InputError, describe
from models.config import CHAIN, TaskLoss
from models.losses import WeightedLosses, build_loss

DEFAULT = {"softmax": 1.0, "sigmoid_cross_entropy": 0.1}


def loss(
    losses: str | Mapping[str, float] = DEFAULT,
    temperature: float | None = None,
    step: Callable[[], tf.Tensor] | None = None,
    seed: int = 0,
    mean_over: Literal["all_lists", "relevant_lists"] = "relevant_lists",
) -> WeightedLosses:
    """The loss of a task: loss = sum over names of weight * loss.

    Listwise losses (`softmax`, `approx_ndcg`, `gumbel_approx_ndcg`, `lambda`) are averaged over all
    lists or over those that have something relevant, `sigmoid_cross_entropy` (`entire_space`, where
    the logits are those of `descending_logits`) over all labelled items.

    Args:
        losses: name of a loss, or weights by name.
        temperature: of the losses that have one; the configuration's by default.
        step: number of the step, such as `lambda: optimizer.iterations`, which losses that draw
            random numbers need.
        seed: seed of those losses.
        mean_over: the lists that listwise losses are averaged over; `all_lists`, the default of a
            definition, lets one of several tasks count by the lists in which it was done.

    Returns:
        A function of labels and logits, ragged float [B, None] each, and of list weights, float
        [B] or none. Its value is a scalar.

    Raises:
        InputError: there is no such loss, a weight is negative, `step` is missing, or the loss is
            `chain`, which takes more than labels and logits of one task.

    >>> import tensorflow as tf
    >>> labels = tf.ragged.constant([[1.0, 0.0]])
    >>> logits = tf.ragged.constant([[0.0, 0.0]])
    >>> print(round(float(loss("softmax")(labels, logits)), 4))    # -log(1/2)
    0.6931
    """
    weights = {losses: 1.0} if isinstance(losses, str) else dict(losses)
    if CHAIN in weights:
        raise InputError(
            f"loss: {CHAIN!r} also takes the label of the task before: give it to a definition's"
            " `task_losses`"
        )
    fields: dict[str, Any] = {"losses": weights, "mean_over": mean_over}
    if temperature is not None:
        fields["temperature"] = temperature
    try:
        return build_loss(TaskLoss.model_validate(fields), seed, step)
    except ValidationError as error:
        raise InputError(describe(error, "loss", TaskLoss)) from None
    except ValueError as error:
        raise InputError(str(error)) from None
