import numpy as np
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
    operations = {
        node.op for one in function.graph.as_graph_def().library.function for node in one.node_def
    }
    assert "LookupTableFindV2" in operations
    assert "ReadVariableOp" not in operations
