"""DIN's attention as it is usually written, to compare with: an MLP for each pair."""

import tensorflow as tf

from models.layers.history_encoder import History


class DinLayer(tf.keras.layers.Layer):
    """o_n = sum over entries e of MLP([q_n, e, q_n - e, q_n * e]) e, padded, each item by itself.

    Candidate and entries are first brought to one width, as embeddings of one table have.

    Args:
        units: that width.
        hidden: width of the MLP's hidden layer.

    Source:
        Zhou et al., "Deep Interest Network for Click-Through Rate Prediction" (KDD 2018), Fig. 2.
    """

    def __init__(self, units: int, hidden: int = 36) -> None:
        super().__init__(name="din")
        self.width = units
        self.query = tf.keras.layers.Dense(units, name="query")
        self.entry = tf.keras.layers.Dense(units, name="entry")
        self.hidden = tf.keras.layers.Dense(hidden, "sigmoid", name="hidden")
        self.weight = tf.keras.layers.Dense(1, name="weight")

    def call(self, inputs: History) -> tf.Tensor:
        """What the history says to each item, float [N, units]."""
        entries = self.entry(inputs.entries)
        padded = tf.RaggedTensor.from_row_lengths(entries, inputs.lengths).to_tensor()
        own = tf.repeat(padded, inputs.row_lengths, axis=0)
        places = tf.range(tf.shape(own)[1], dtype=tf.int64)
        real = places < tf.repeat(inputs.lengths, inputs.row_lengths)[:, tf.newaxis]
        query = self.query(inputs.candidates)[:, tf.newaxis] + tf.zeros_like(own)
        pairs = tf.concat([query, own, query - own, query * own], axis=2)
        weights = self.weight(self.hidden(pairs))[..., 0]
        weights = tf.where(real, weights, 0.0)
        return tf.matmul(weights[:, tf.newaxis], own)[:, 0]
