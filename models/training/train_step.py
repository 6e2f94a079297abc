"""One step of training."""

import math
from collections.abc import Callable, Iterator

import tensorflow as tf

from data.definition import keys
from models.config import TrainingConfig
from models.feedback.late_feedback import LateFeedback
from models.past_actions.past_actions import PastActions
from models.position_bias.position_bias import PositionBias
from models.ranking_model import RankingModel
from models.replicas import summed
from models.training.adam import FusedAdam
from models.training.averaged_weights import AveragedWeights

Batch = dict[str, tf.Tensor]
Step = Callable[[Iterator[Batch]], tuple[tf.Tensor, tf.Tensor]]


def build_optimizer(config: TrainingConfig) -> tf.keras.optimizers.Optimizer:
    """Adam, which spares biases where `Training` sets its `weight_decay`.

    Source:
        Kingma and Ba 2015; Loshchilov and Hutter 2019, "Decoupled Weight Decay Regularization".
    """
    optimizer = FusedAdam(config.learning_rate, jit_compile=False)
    optimizer.exclude_from_weight_decay(var_names=["bias"])
    return optimizer


def weight_decay_of(config: TrainingConfig, batches: int) -> float | None:
    """What is chosen, or 1 / the sum of the learning rates of all steps, at most 1.

    It goes by the epochs at most, not by those after which patience ends a training. In a training
    of a few steps 1 / sum would make weights forget faster than they learn.

    Args:
        config: the training.
        batches: steps of an epoch.

    Returns:
        The optimizer's `weight_decay`; None where nothing decays.

    Source:
        Wang and Aitchison 2024, "How to set AdamW's weight decay as you scale model and dataset
        size" (arXiv 2405.13698): the time in which weights decay is best counted in epochs. That it
        is the whole training, and 1 at most, is ours.
    """
    if config.weight_decay != "by_steps":
        return config.weight_decay or None
    if not config.epochs:
        return None
    rates = (learning_rate_of(config, epoch) for epoch in range(1, config.epochs + 1))
    return min(1.0, 1 / (batches * sum(rates)))


def learning_rate_of(config: TrainingConfig, epoch: int) -> float:
    """learning_rate * (1 + cos(pi (epoch - 1) / epochs)) / 2, or the same in all epochs.

    Args:
        config: the training.
        epoch: from 1 to its `epochs`.

    Returns:
        The step size of Adam in the epoch.

    Source:
        Loshchilov and Hutter 2017, "SGDR: Stochastic Gradient Descent with Warm Restarts", equation
        5, by whole epochs and without a restart.
    """
    if config.learning_rate_decay == "none":
        return config.learning_rate
    return config.learning_rate * (1 + math.cos(math.pi * (epoch - 1) / config.epochs)) / 2


def build_train_step(
    model: RankingModel,
    optimizer: tf.keras.optimizers.Optimizer,
    averages: AveragedWeights,
    gradient_clip: float | None,
    strategy: tf.distribute.Strategy | None = None,
    feedback: LateFeedback | None = None,
    position_bias: PositionBias | None = None,
    past_actions: PastActions | None = None,
) -> Step:
    """Makes the function that learns from the next batch.

    It takes batches by itself, since handing over a hundred tensors takes Python longer than the
    optimizer its update.

    Args:
        model: a built model.
        optimizer: built for the weights of the model and of all parts beside it.
        averages: of the same weights.
        gradient_clip: largest global norm of a gradient; None clips nothing.
        strategy: of the workers that train together, each with a part of the batch; None where
            one trains alone.
        feedback: learns from labels that are not in yet; None takes labels as they are.
        position_bias: what is done about it; None does nothing.
        past_actions: teaches the ids of single pieces; None does not.

    Returns:
        A function of an iterator over an endless dataset of batches. It returns, float [T + 2],
        the loss of each task, their weighted sum with the penalties, and the global norm
        of the gradient before it was clipped, those of the whole batch; and the ids of its own
        lists, string [B].
    """
    weights = model.trainable_variables
    for part in (feedback, position_bias, past_actions):
        if part is not None:
            weights = [*weights, *part.trainable_variables]
    tasks = [task.name for task in model.dataset.tasks]

    def learn(batch: Batch) -> tf.Tensor:
        with tf.GradientTape() as tape:
            seen = position_bias.seen(batch) if position_bias else batch
            predictions = model(seen, training=True)
            if feedback is None:
                losses = model.objective.of_tasks(seen, predictions)
                total = model.objective.total(losses) + model.penalty()
            else:
                losses, delays = feedback.taught(seen, predictions)
                total = model.objective.total(losses) + model.penalty() + delays
            total += model.objective.rises(seen, predictions)
            if position_bias:
                total += position_bias.loss(seen, predictions, tasks)
            if past_actions:
                past = model.streams.single_pieces(batch)
                total += past_actions.loss(past, batch[keys.LIST_WEIGHT])
        pairs = zip(tape.gradient(total, weights), weights, strict=True)
        used = [(gradient, weight) for gradient, weight in pairs if gradient is not None]
        gradients = [gradient for gradient, _ in used]
        losses, gradients = summed([tf.concat([losses, [total]], axis=0), gradients])
        # Those of embeddings come row by row; their norm is that of the sums, a row's once.
        gradients = list(map(tf.convert_to_tensor, gradients))
        norm = tf.linalg.global_norm(gradients)
        if gradient_clip is not None:
            gradients, _ = tf.clip_by_global_norm(gradients, gradient_clip, norm)
        optimizer.apply_gradients(
            zip(gradients, [weight for _, weight in used], strict=True),
            skip_gradients_aggregation=True,
        )
        return tf.concat([losses, [norm]], axis=0)

    @tf.function(autograph=False)
    def step(batches: Iterator[Batch]) -> tuple[tf.Tensor, tf.Tensor]:
        batch = next(batches)
        losses = strategy.run(learn, args=(batch,)) if strategy else learn(batch)
        model.step.assign_add(1)
        averages.update()
        return losses, batch[keys.LIST_ID]

    return step
