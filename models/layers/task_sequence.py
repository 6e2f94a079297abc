"""Tasks as a sequence (SEQ): a token a task, recurrent layers over tasks, one output unit."""

from collections.abc import Iterator, Sequence
from typing import Any

import tensorflow as tf

from models.layers.axes import NamedAxes, Names, name_axes
from models.layers.building import build_inside, one_shape
from models.layers.mlp import MultiLayerPerceptron
from models.layers.region import NOTHING, Region, RegionParts
from models.layers.seeds import derived_seed, seeded


@tf.keras.utils.register_keras_serializable(package="seqmd")
class TaskSequence(tf.keras.layers.Layer):
    """One logit a task from a sequence of task tokens.

    token_t = MLP_t(x_t) (Eq. 1); h_t = GRU(h_{t-1}, token_t), stacked (Eq. 2);
    logit_t = w h_t + b (Eq. 3), with a token path w h_t + v token_t + b, where v starts at 0. Only
    the token MLPs belong to a task: GRU, w, v and b are shared by all tasks, so a further task adds
    one token MLP and nothing else.

    Args:
        tasks: number of tasks, T.
        token_units: widths of a token MLP.
        recurrent_units: widths of the GRU layers.
        dropout: share of hidden units of the token MLPs dropped in training.
        seed: seed of initial weights and dropout.
        common_draw: whether all token MLPs start from the same draw.
        by_region: what the token MLPs have by region; see `HiddenAdaptor`.
        token_path: whether logits read tokens too: a state lies between -1 and 1, a token does not.

    Source:
        SEQ+MD (arXiv 2408.13357), section 3.2, Eq. 1-3.
    """

    def __init__(
        self,
        tasks: int,
        token_units: Sequence[int] = (64, 32),
        recurrent_units: Sequence[int] = (32,),
        dropout: float = 0.0,
        seed: int | None = None,
        common_draw: bool = True,
        by_region: RegionParts = NOTHING,
        token_path: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.tasks = tasks
        self.token_units = tuple(token_units)
        self.recurrent_units = tuple(recurrent_units)
        self.dropout = dropout
        self.seed = seed
        self.common_draw = common_draw
        self.by_region = RegionParts(*by_region)
        self.token_path = token_path

    def build(self, input_shape: tf.TensorShape | Sequence[tf.TensorShape]) -> None:
        """Makes the token MLPs, the GRU layers and the output unit."""
        shape = one_shape(input_shape)
        seed = derived_seed(self.seed, "token")
        token = MultiLayerPerceptron(
            self.token_units,
            self.tasks,
            common_draw=self.common_draw,
            dropout=self.dropout,
            seed=seed,
            by_region=self.by_region,
            name="token",
        )
        self.token_mlp = build_inside(token, shape)
        widths = [(self.token_units or shape)[-1], *self.recurrent_units]
        self.recurrent = []
        for number, units in enumerate(self.recurrent_units):
            states = tf.TensorShape((self.tasks, None, widths[number]))
            self.recurrent.append(build_inside(self._gru(number, units), states))
        initial = seeded("glorot_uniform", derived_seed(self.seed, "logit"))
        logit = tf.keras.layers.Dense(1, kernel_initializer=initial, name="logit")
        self.logit = build_inside(logit, tf.TensorShape((self.tasks, None, widths[-1])))
        self.path = None
        if self.token_path:
            path = tf.keras.layers.Dense(1, use_bias=False, kernel_initializer="zeros", name="path")
            self.path = build_inside(path, tf.TensorShape((self.tasks, None, widths[0])))
        super().build(input_shape)

    def _gru(self, number: int, units: int) -> tf.keras.layers.GRU:
        return tf.keras.layers.GRU(
            units,
            kernel_initializer=seeded("glorot_uniform", derived_seed(self.seed, "gru", number)),
            recurrent_initializer=seeded("orthogonal", derived_seed(self.seed, "state", number)),
            return_sequences=True,
            time_major=True,
            unroll=True,
            name=f"gru_{number}",
        )

    def call(
        self,
        inputs: tf.Tensor | Sequence[tf.Tensor],
        region: Region | None = None,
        training: bool | None = None,
    ) -> tf.Tensor:
        """Scores items for each task.

        Args:
            inputs: float [N, width], or a sequence of these, one for each task.
            region: of the items; None leaves out what the token MLPs have by region.
            training: whether units are dropped.

        Returns:
            Logits, float [N, T], before the descending probability.
        """
        states = tokens = self.token_mlp(inputs, region, training=training)
        for layer in self.recurrent:
            states = _recur(layer.cell, states, training)
        logits = [tf.matmul(state, self.logit.kernel) for state in states]
        if self.path is not None:
            direct = (tf.matmul(token, self.path.kernel) for token in tokens)
            logits = list(map(tf.add, logits, direct))
        return tf.concat(logits, axis=1) + self.logit.bias

    def axes(self, inputs: Names, tasks: Names) -> Iterator[NamedAxes]:
        """The weights with the names of inputs and of tasks."""
        yield from self.token_mlp.axes(inputs, tasks)
        tokens = self.token_mlp.output_names(inputs)
        first = self.recurrent[0].cell.kernel if self.recurrent else self.logit.kernel
        yield name_axes(first, tokens)
        if self.path is not None:
            yield name_axes(self.path.kernel, tokens)

    def get_config(self) -> dict[str, Any]:
        """The arguments of the layer."""
        own = ["tasks", "token_units", "recurrent_units", "dropout", "seed", "common_draw"]
        own += ["by_region", "token_path"]
        return {**super().get_config(), **{name: getattr(self, name) for name in own}}


def _recur(
    cell: tf.keras.layers.GRUCell, tokens: Sequence[tf.Tensor], training: bool | None
) -> list[tf.Tensor]:
    """The states of a GRU, T times float [N, units], from tokens, T times float [N, width].

    Written by hand: Keras multiplies the first state, which is zero, and cuts each product apart.
    """
    kernels, recurrent, biases = (_by_gate(weight, cell.units) for weight in _weights(cell))
    # Where nothing comes after the first state, a row of zeros before it gives the recurrent
    # weights a gradient, of 0.
    differentiated = training is not False
    before = [tf.zeros([1, cell.units])] if differentiated and len(tokens) == 1 else []
    states = list(before)
    gates = _both_gates if differentiated else _each_gate
    for token in tokens:
        given = [token, *states[-1:]]
        gate_kernels = [kernels[0], recurrent[0]][: len(given)]
        update, reset = gates(given, gate_kernels, tf.reduce_sum(biases[0], axis=0))
        candidate = tf.nn.bias_add(tf.matmul(token, kernels[1]), biases[1][0])
        if states:
            remembered = tf.nn.bias_add(tf.matmul(states[-1], recurrent[1]), biases[1][1])
        else:
            remembered = biases[1][1]
        candidate = tf.tanh(candidate + reset * remembered)
        if states:
            states.append(candidate + update * (states[-1] - candidate))
        else:
            states.append(candidate - update * candidate)
    return states[len(before) :]


def _both_gates(
    given: Sequence[tf.Tensor], kernels: Sequence[tf.Tensor], bias: tf.Tensor
) -> list[tf.Tensor]:
    """Update and reset gate from one product for each input, of which training has gradients."""
    gates = tf.nn.bias_add(tf.matmul(given[0], kernels[0]), bias)
    for one, kernel in zip(given[1:], kernels[1:], strict=True):
        gates += tf.matmul(one, kernel)
    return tf.split(tf.sigmoid(gates), 2, axis=1)


def _each_gate(
    given: Sequence[tf.Tensor], kernels: Sequence[tf.Tensor], bias: tf.Tensor
) -> list[tf.Tensor]:
    """Update and reset gate, each a product with bias and sigmoid, which is one operation."""
    joined = tf.concat(given, axis=1)
    of_gates = tf.split(tf.concat(kernels, axis=0), 2, axis=1)
    return [
        tf.sigmoid(tf.nn.bias_add(tf.matmul(joined, kernel), own))
        for kernel, own in zip(of_gates, tf.split(bias, 2), strict=True)
    ]


def _weights(cell: tf.keras.layers.GRUCell) -> tuple[tf.Tensor, ...]:
    return tuple(map(tf.convert_to_tensor, (cell.kernel, cell.recurrent_kernel, cell.bias)))


def _by_gate(weight: tf.Tensor, units: int) -> list[tf.Tensor]:
    """Update and reset gate, and candidate."""
    return tf.split(weight, (2 * units, units), axis=1)
