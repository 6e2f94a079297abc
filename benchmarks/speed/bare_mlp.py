"""A bare MLP as a SavedModel: as many multiply-adds as a model, and nothing else."""

import itertools
import math

import tensorflow as tf

INPUT = "inputs"


class BareMlp(tf.Module):
    """Two hidden layers of one width with ReLU, and a sigmoid for each task.

    Args:
        width: of the dense input.
        tasks: outputs.
        multiply_adds: wanted for an item.
    """

    def __init__(self, width: int, tasks: int, multiply_adds: int) -> None:
        super().__init__(name="bare_mlp")
        hidden = hidden_width(width, tasks, multiply_adds)
        generator = tf.random.Generator.from_seed(1)
        sizes = [width, hidden, hidden, tasks]
        shapes = list(itertools.pairwise(sizes))
        self.multiply_adds = sum(rows * columns for rows, columns in shapes)
        self.kernels = [
            tf.Variable(generator.normal([rows, columns], stddev=rows**-0.5))
            for rows, columns in shapes
        ]
        self.biases = [tf.Variable(tf.zeros([columns])) for columns in sizes[1:]]
        spec = tf.TensorSpec([None, width], tf.float32, name=INPUT)
        self.serve = tf.function(self._scores, input_signature=[spec], autograph=False)

    def _scores(self, inputs: tf.Tensor) -> dict[str, tf.Tensor]:
        """Scores items, float [N, width] to float [N, tasks]."""
        last = len(self.kernels) - 1
        for number, (kernel, bias) in enumerate(zip(self.kernels, self.biases, strict=True)):
            inputs = tf.nn.bias_add(tf.matmul(inputs, kernel), bias)
            inputs = tf.sigmoid(inputs) if number == last else tf.nn.relu(inputs)
        return {"scores": inputs}


def hidden_width(width: int, tasks: int, multiply_adds: int) -> int:
    """The h with width h + h^2 + h tasks nearest to so many multiply-adds, at least 1."""
    linear = width + tasks
    return max(1, round((math.sqrt(linear**2 + 4 * multiply_adds) - linear) / 2))


def export_bare_mlp(folder: str, mlp: BareMlp) -> None:
    """Writes the SavedModel, with `serving_default`."""
    tf.saved_model.save(mlp, folder, signatures=mlp.serve)
