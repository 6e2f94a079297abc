import numpy as np
import tensorflow as tf

from data.metrics import relevance as numpy_relevance
from models.losses.task_loss import graded_relevance


def test_tensors_have_the_relevance_that_arrays_have() -> None:
    values = np.array([0, 1, np.nan], dtype=np.float32)
    labels = np.stack(np.meshgrid(values, values, values), axis=-1).reshape(-1, 3)
    expected = numpy_relevance.relevance(labels, [1, 2, 2])
    np.testing.assert_array_equal(graded_relevance(tf.constant(labels), [1, 2, 2]), expected)
