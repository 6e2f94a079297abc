from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

from models.serving.frozen import frozen


def test_weights_are_constants_and_tables_stay() -> None:
    weight = tf.Variable([[2.0], [3.0]])
    words = tf.lookup.KeyValueTensorInitializer(["a", "b"], tf.constant([5, 6], tf.int64))
    table = tf.lookup.StaticHashTable(words, -1)

    def answer(x: tf.Tensor, word: tf.Tensor) -> dict[str, tf.Tensor]:
        return {"y": tf.matmul(x, weight), "place": table.lookup(word)}

    function = frozen(
        answer,
        word=tf.TensorSpec([None], tf.string, name="word"),
        x=tf.TensorSpec([None, 2], tf.float32, name="x"),
    )
    weight.assign([[0.0], [0.0]])
    found = function(x=tf.constant([[1.0, 10.0]]), word=tf.constant(["b", "c"]))
    np.testing.assert_array_equal(found["y"], [[1 * 2 + 10 * 3]])
    np.testing.assert_array_equal(found["place"], [6, -1])
    graph = function.graph.as_graph_def()
    bodies = [graph.node, *(one.node_def for one in graph.library.function)]
    operations = {node.op for body in bodies for node in body}
    assert "LookupTableFindV2" in operations
    assert "ReadVariableOp" not in operations


@pytest.mark.parametrize("name", ["function", "name", "inputs", "args", "kwargs", "score"])
def test_inputs_have_any_name(name: str) -> None:
    given = tf.TensorSpec([None], tf.float32, name=name)
    function = frozen(lambda **inputs: {"score": 2 * inputs[name]}, **{name: given})
    np.testing.assert_array_equal(function(**{name: tf.constant([3.0])})["score"], [2 * 3])


def test_branches_stay_and_what_follows_from_weights_is_computed_once(tmp_path: Path) -> None:
    weight = tf.Variable([1.0, 2.0])

    def answer(x: tf.Tensor) -> dict[str, tf.Tensor]:
        doubled = tf.cond(tf.size(x) > 2, lambda: x + tf.exp(weight)[0], lambda: x * weight[1])
        return {"y": doubled + tf.sin(weight[0] + weight[1])}

    function = frozen(answer, x=tf.TensorSpec([None], tf.float32, name="x"))
    assert "Sin" not in {node.op for node in function.graph.as_graph_def().node}
    tf.saved_model.save(tf.Module(), str(tmp_path), signatures=function)
    loaded = tf.saved_model.load(str(tmp_path)).signatures["serving_default"]
    np.testing.assert_allclose(loaded(x=tf.constant([3.0]))["y"], [3 * 2 + np.sin(3)], rtol=1e-6)
    many = loaded(x=tf.constant([0.0, 1.0, 2.0]))["y"]
    np.testing.assert_allclose(many, np.arange(3) + np.exp(1) + np.sin(3), rtol=1e-6)
