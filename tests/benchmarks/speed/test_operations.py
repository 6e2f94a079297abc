from pathlib import Path

import numpy as np
import tensorflow as tf

from benchmarks.speed.operations import operations


def test_operations_that_compute_are_told_from_those_that_pass_on(tmp_path: Path) -> None:
    weight = tf.constant([[2.0], [3.0]])

    class Model(tf.Module):
        @tf.function(
            input_signature=[tf.TensorSpec([None, 2], tf.float32, name="x")], autograph=False
        )
        def answer(self, x: tf.Tensor) -> dict[str, tf.Tensor]:
            found = tf.cond(tf.size(x) > 4, lambda: tf.cumsum(x), lambda: tf.cumsum(tf.cumsum(x)))
            return {"y": tf.matmul(found, weight)}

    model = Model()
    tf.saved_model.save(model, str(tmp_path), signatures=model.answer)
    few, many = (
        operations(str(tmp_path), "serving_default", {"x": np.ones([rows, 2], np.float32)})
        for rows in (1, 5)
    )
    # The branch that is not taken is not counted: one sum, or two.
    assert few["operations"] == many["operations"] + 1
    # Size, >, the choice, the sum and the product; beside them x, the weight, 4 and the answer.
    assert 3 <= many["operations"] <= 12
    assert many["nodes"] >= many["operations"] + 4
