"""AITM: each task attends to what the task before has made of the item."""

from collections.abc import Iterator, Sequence
from typing import Any

import tensorflow as tf

from models.layers.axes import NamedAxes, Names, name_axes, task_names
from models.layers.building import build_inside
from models.layers.dropout import StatelessDropout
from models.layers.region import Region
from models.layers.seeds import derived_seed
from models.rankers.own_networks import OwnNetworks

# W1, W2 and W3.
_MAPS = 3


@tf.keras.utils.register_keras_serializable(package="seqmd")
class InformationTransfer(tf.keras.layers.Layer):
    """z_1 = q_1; z_t = sum over u in {q_t, p_t} of a_u W3 u, with d the width of all of them.

    p_t = dropout(relu(z_(t-1) kernel_t + bias_t)) is what the task before passes on, and
    a = softmax over u of <W1 u, W2 u> / sqrt(d). W1, W2 and W3 have no bias, and all tasks share
    them. All weights start U(+-1/sqrt(d)).

    Args:
        tasks: number of tasks, T.
        dropout: share of p's units dropped in training.
        seed: seed of initial weights and dropout.

    Source:
        Xi et al. (arXiv 2105.08489), Eq. 1-6; their code (xidongbo/AITM) shares W1 to W3.
    """

    def __init__(
        self, tasks: int, dropout: float = 0.0, seed: int | None = None, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.tasks = tasks
        self.dropout = dropout
        self.seed = seed

    def build(self, input_shape: tf.TensorShape) -> None:
        """Makes the weights; a single task has none."""
        width, passed = input_shape[-1], self.tasks - 1
        if passed:
            self.kernel = self._add("kernel", (passed, width, width))
            self.bias = self._add("bias", (passed, width))
            self.maps = self._add("maps_kernel", (_MAPS, width, width))
            seed = derived_seed(self.seed, "dropout")
            dropped = StatelessDropout(self.dropout, seed, name="dropout")
            self.dropped = build_inside(dropped, tf.TensorShape((None, width)))
        super().build(input_shape)

    def _add(self, name: str, shape: tuple[int, ...]) -> tf.Variable:
        limit = shape[-1] ** -0.5
        initial = tf.keras.initializers.RandomUniform(-limit, limit, derived_seed(self.seed, name))
        return self.add_weight(name, shape, initializer=initial)

    def call(self, inputs: tf.Tensor, training: bool | None = None) -> tf.Tensor:
        """Passes information from task to task.

        Args:
            inputs: q, float [N, T, d].
            training: whether units are dropped.

        Returns:
            z, float [N, T, d].
        """
        first, *others = tf.unstack(inputs, axis=1)
        found = [first]
        for number, own in enumerate(others):
            passed = tf.nn.relu(
                tf.nn.bias_add(tf.matmul(found[-1], self.kernel[number]), self.bias[number])
            )
            found.append(self._attended(own, self.dropped(passed, training=training)))
        return tf.stack(found, axis=1)

    def _attended(self, own: tf.Tensor, passed: tf.Tensor) -> tf.Tensor:
        """z_t of q_t and p_t, float [N, d] each."""
        width = own.shape[-1]
        side_by_side = tf.reshape(tf.transpose(self.maps, (1, 0, 2)), (width, _MAPS * width))
        both = tf.concat([own, passed], axis=0)
        query, key, value = tf.split(tf.matmul(both, side_by_side), _MAPS, axis=-1)
        scores = tf.reduce_sum(query * key, axis=-1, keepdims=True) * width**-0.5
        # Softmax over two: the share of q_t against p_t.
        of_own, of_passed = tf.split(scores, 2)
        share = tf.sigmoid(of_own - of_passed)
        own_value, passed_value = tf.split(value, 2)
        return share * own_value + (1 - share) * passed_value

    def axes(self, tasks: Sequence[str]) -> Iterator[NamedAxes]:
        """The weights with the names of tasks; the first is passed nothing."""
        if self.tasks > 1:
            yield name_axes(self.kernel, task_names(tasks[1:]))
            yield name_axes(self.bias, task_names(tasks[1:]))

    def get_config(self) -> dict[str, Any]:
        """The arguments of the layer."""
        own = ("tasks", "dropout", "seed")
        return {**super().get_config(), **{name: getattr(self, name) for name in own}}


@tf.keras.utils.register_keras_serializable(package="seqmd")
class Aitm(OwnNetworks):
    """z = information transfer(q), with q_t the tower of task t on the common input.

    The logit of a task is linear in z_t; see `InformationTransfer`.

    Args:
        tasks: number of tasks, T.
        level_units: widths of a tower.
        dropout: share of hidden units dropped in training.
        seed: seed of initial weights and dropout.
        by_region: what the towers have by region; see `HiddenAdaptor`.

    Source:
        Xi et al., "Modeling the Sequential Dependence among Audience Multi-step Conversions with
        Multi-task Learning in Targeted Display Advertising" (arXiv 2105.08489).
    """

    def build(self, input_shape: tf.TensorShape) -> None:
        """Makes the towers and what passes information between them."""
        super().build(input_shape)
        seed = derived_seed(self.seed, "transfer")
        transfer = InformationTransfer(self.tasks, self.dropout, seed, name="transfer")
        self.transfer = build_inside(transfer, self.compute_output_shape(input_shape))

    def call(
        self, inputs: tf.Tensor, region: Region | None = None, training: bool | None = None
    ) -> tf.Tensor:
        """Makes a representation for each task.

        Args:
            inputs: float [N, width].
            region: of the items; None leaves out what the towers have by region.
            training: whether units are dropped.

        Returns:
            float [N, T, level_units[-1]].
        """
        towers = super().call(inputs, region, training=training)
        return self.transfer(towers, training=training)

    def axes(self, inputs: Names, tasks: Sequence[str]) -> Iterator[NamedAxes]:
        """The weights with the names of inputs and of tasks."""
        yield from super().axes(inputs, tasks)
        yield from self.transfer.axes(tasks)
