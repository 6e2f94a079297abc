"""The combination of Journey Ranker: what context makes count how much."""

from collections.abc import Iterator, Sequence
from typing import Any

import tensorflow as tf

from models.layers.axes import NamedAxes, Names, task_names, unit_names
from models.layers.building import build_inside
from models.layers.descending_probability import LARGEST_LOGIT, logit_of_minus_log
from models.layers.mlp import MultiLayerPerceptron
from models.layers.stopped_gradient import stopped_in_training

# The weight of the base starts at 1 + softplus(-3) = 1.05.
_START = -3.0


@tf.keras.utils.register_keras_serializable(package="seqmd")
class Combination(tf.keras.layers.Layer):
    """log p_k = a_0 y_0 + sum over t <= k of a_t y_t, for tasks k whose action is one taken back.

    y_0 is the log of the product of the factors before k that are no taking back, and y_t that of
    the factor of task t, which can be taken back: the log of the chance that it is not. Both pass
    no gradient. [a_0, a_1, ...] = MLP(context), with a_0 = 1 + softplus(. - 3), so that no action
    is more likely than what it is built on, and a_t = exp(.). With a = 1 it is the descending
    product.

    Args:
        tasks: number of tasks, T.
        taken_back: places of the tasks that can be taken back, from 0.
        units: hidden widths of the MLP.
        seed: seed of initial weights.

    Source:
        The combination module of Journey Ranker (arXiv 2305.18431), as second-hand notes on the
        paper tell it: y = y_base a_base + sum y_t a_t.
    """

    def __init__(
        self,
        tasks: int,
        taken_back: Sequence[int],
        units: Sequence[int] = (16,),
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.tasks = tasks
        self.taken_back = tuple(taken_back)
        self.units = tuple(units)
        self.seed = seed

    def build(self, input_shape: tf.TensorShape) -> None:
        """Makes the MLP of context, [N, width]."""
        weights = MultiLayerPerceptron(
            (*self.units, 1 + len(self.taken_back)),
            last_activation=None,
            zero_last=True,
            seed=self.seed,
            name="weights",
        )
        self.weights_of = build_inside(weights, input_shape)
        super().build(input_shape)

    def call(
        self,
        context: tf.Tensor,
        factors: tf.Tensor,
        product: tf.Tensor,
        training: bool | None = None,
    ) -> tf.Tensor:
        """Puts the combination in the place of the product, where an action can be taken back.

        Args:
            context: what is said of lists, for each item, float [N, width].
            factors: logits of the factors, float [N, T].
            product: logits of their product, float [N, T].
            training: whether no gradient flows back through the factors.

        Returns:
            Logits, float [N, T]; those of the other tasks are the product's.
        """
        (raw,) = self.weights_of(context)
        of_base, *of_taken_back = tf.unstack(raw, axis=1)
        fixed = stopped_in_training(factors, training)
        clipped = tf.clip_by_value(fixed, -LARGEST_LOGIT, LARGEST_LOGIT)
        minus_logs = tf.unstack(tf.math.softplus(-clipped), axis=1)
        base, added = tf.zeros_like(of_base), tf.zeros_like(of_base)
        logits = tf.unstack(product, axis=1)
        for place, minus_log in enumerate(minus_logs):
            if place not in self.taken_back:
                base += minus_log
                continue
            added += tf.exp(of_taken_back[self.taken_back.index(place)]) * minus_log
            whole = (1 + tf.math.softplus(of_base + _START)) * base + added
            logits[place] = logit_of_minus_log(whole)
        return tf.stack(logits, axis=1)

    def axes(self, context: Names, tasks: Sequence[str]) -> Iterator[NamedAxes]:
        """The weights with the names of context columns and of tasks."""
        own = task_names([tasks[place] for place in self.taken_back])
        yield from self.weights_of.axes(context, None, (*unit_names(self.name, 1), *own))

    def get_config(self) -> dict[str, Any]:
        """The arguments of the layer."""
        own = ("tasks", "taken_back", "units", "seed")
        return {**super().get_config(), **{name: getattr(self, name) for name in own}}
