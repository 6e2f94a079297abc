"""A chain of matrix products: the same multiply-adds as a model, and nothing else."""

from collections.abc import Callable

import tensorflow as tf

_WIDTH = 64


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
