"""Scores of attribute values: similarity of texts, and what a value's place in them says."""

from typing import Any

import numpy as np
import tensorflow as tf

from models.attributes.config import AttributeConfig

Inputs = dict[str, Any]

# Below all scores.
_NEVER = -1e9


@tf.keras.utils.register_keras_serializable("seqmd")
class TextEncoder(tf.keras.layers.Layer):
    """One encoder for listings and keys: e(x) = normalise(sum_f w_f E_f + P s).

    E_f is the vector of a hashed word or n-gram, w_f its weight, s the vector of a frozen encoder
    of sentences, where there is one.

    Args:
        buckets: number of hashed features.
        units: width D of the vectors.
        seed: seed of the first vectors: random ones, so that texts that share words are similar
            before anything is learnt.
    """

    def __init__(self, buckets: int, units: int, seed: int | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.buckets, self.units, self.seed = buckets, units, seed

    def build(self, shape: Any) -> None:
        """Makes the table of vectors."""
        draw = tf.keras.initializers.RandomNormal(stddev=self.units**-0.5, seed=self.seed)
        self.table = self.add_weight("table", (self.buckets, self.units), initializer=draw)
        self.projection = tf.keras.layers.Dense(
            self.units, use_bias=False, kernel_initializer="zeros", name="sentences"
        )
        super().build(shape)

    def call(self, bags: Inputs) -> tf.Tensor:
        """Encodes texts.

        Args:
            bags: `ids` int [K], `weights` [K], `rows` int [K] ascending; `size`, the number N of
                texts; `sentences` [N, S] where there are any.

        Returns:
            Unit vectors [N, D]; zeros for a text without words.
        """
        vectors = tf.gather(self.table, bags["ids"]) * bags["weights"][:, tf.newaxis]
        summed = tf.math.unsorted_segment_sum(vectors, bags["rows"], bags["size"])
        if "sentences" in bags:
            summed += self.projection(bags["sentences"])
        return tf.math.l2_normalize(summed, axis=-1)

    def get_config(self) -> dict[str, Any]:
        """The arguments."""
        own = {"buckets": self.buckets, "units": self.units, "seed": self.seed}
        return super().get_config() | own


@tf.keras.utils.register_keras_serializable("seqmd")
class PlaceScore(tf.keras.layers.Layer):
    """What a place at which a value stands adds to its score: MLP(sum_f E_f).

    Args:
        buckets: number of hashed features of places.
        units: width of the vectors and of the hidden layer.
        seed: seed of the first weights.
    """

    def __init__(self, buckets: int, units: int, seed: int | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.buckets, self.units, self.seed = buckets, units, seed

    def build(self, shape: Any) -> None:
        """Makes the vectors and the layer."""
        draw = tf.keras.initializers.RandomNormal(stddev=0.1, seed=self.seed)
        self.table = self.add_weight("table", (self.buckets, self.units), initializer=draw)
        self.bias = self.add_weight("bias", (self.units,), initializer="zeros")
        last = tf.keras.initializers.RandomNormal(stddev=0.5 * self.units**-0.5, seed=self.seed)
        # A value that stands in the text is likelier than others before anything is learnt.
        self.output_bias = self.add_weight(
            "output_bias", (), initializer=tf.keras.initializers.Constant(2.0)
        )
        self.kernel = self.add_weight("kernel", (self.units, 1), initializer=last)
        super().build(shape)

    def call(self, places: tf.Tensor) -> tf.Tensor:
        """Scores places.

        Args:
            places: int [K, F].

        Returns:
            Scores [K].
        """
        hidden = tf.nn.relu(tf.reduce_sum(tf.gather(self.table, places), 1) + self.bias)
        return (hidden @ self.kernel)[:, 0] + self.output_bias

    def get_config(self) -> dict[str, Any]:
        """The arguments."""
        own = {"buckets": self.buckets, "units": self.units, "seed": self.seed}
        return super().get_config() | own


@tf.keras.utils.register_keras_serializable("seqmd")
class AttributeScorer(tf.keras.Model):
    """score(x, k) = e(x) . e(k) / temperature + the best of the places at which k's value stands.

    The first part is TACLR's (arXiv 2501.03835, section 4); the second is ours. A null key has the
    first part alone: whatever value it does not beat is found.

    Args:
        config: its widths and its temperature.
    """

    def __init__(self, config: AttributeConfig, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.config = config
        self.encoder = TextEncoder(config.buckets, config.units, config.seed, name="encoder")
        self.place_score = PlaceScore(
            config.match_buckets, config.match_units, config.seed + 1, name="places"
        )

    def call(self, inputs: Inputs) -> tf.Tensor:
        """Scores of all keys for all listings.

        Args:
            inputs: `queries` and `keys`, bags (see `TextEncoder`); `places` int [K, F], `cells`
                int [K], their place in [B, C].

        Returns:
            Scores [B, C].
        """
        queries, keys = self.encoder(inputs["queries"]), self.encoder(inputs["keys"])
        return self.scores(queries, keys, inputs["places"], inputs["cells"])

    def scores(
        self, queries: tf.Tensor, keys: tf.Tensor, places: tf.Tensor, cells: tf.Tensor
    ) -> tf.Tensor:
        """Scores from vectors.

        Args:
            queries: vectors of listings [B, D].
            keys: vectors of keys [C, D].
            places: int [K, F], features of places.
            cells: int [K], the place in [B, C] of each.

        Returns:
            Scores [B, C].
        """
        similar = tf.matmul(queries, keys, transpose_b=True) / self.config.temperature
        found = self.place_score(places)
        best = tf.math.unsorted_segment_max(found, cells, tf.size(similar))
        best = tf.where(best < _NEVER, 0.0, best)
        return similar + tf.reshape(best, tf.shape(similar))


def retrieval_loss(
    scores: tf.Tensor, pairs: tf.Tensor, true: tf.Tensor, known: tf.Tensor, left_out: tf.Tensor
) -> tf.Tensor:
    """Cross entropy over the keys of each listing and pair, TACLR's loss.

    -log p(true keys), p the softmax over the pair's null key and values. Where nothing is stated,
    and no listing says outright that it has none, -log(p_null + m (1 - p_null)): either there is
    none, or it was left out, as a share m of them is (ours).

    Args:
        scores: [B, C], keys pair by pair, each pair's null key first.
        pairs: int [C], the pair of each key, from 0, ascending.
        true: bool [B, C], the keys that are true.
        known: [B, P], weight of each listing's pair; 0 for one of which nothing is known.
        left_out: [B, P], the share m; 0 where it is known that there is none.

    Returns:
        The mean over what is known, 0 where nothing is.
    """
    columns = tf.transpose(scores)
    total = _log_sum_exp(columns, pairs)
    reached = _log_sum_exp(tf.where(tf.transpose(true), columns, _NEVER), pairs)
    probability = tf.exp(reached - total)
    share = tf.transpose(left_out)
    soft = -tf.math.log(probability + share * (1 - probability) + 1e-12)
    loss = tf.where(share > 0, soft, total - reached) * tf.transpose(known)
    return tf.math.divide_no_nan(tf.reduce_sum(loss), tf.reduce_sum(known))


def _log_sum_exp(columns: tf.Tensor, pairs: tf.Tensor) -> tf.Tensor:
    """[P, B], of columns [C, B] by pair."""
    largest = tf.stop_gradient(tf.math.segment_max(columns, pairs))
    summed = tf.math.segment_sum(tf.exp(columns - tf.gather(largest, pairs)), pairs)
    return tf.math.log(summed + 1e-30) + largest


def bag_spec(sentences: int | None) -> dict[str, tf.TensorSpec]:
    """What `bag_tensors` makes, so that a function is traced once.

    Args:
        sentences: width of the vectors of sentences, None without them.
    """
    spec = {
        "ids": tf.TensorSpec([None], tf.int32),
        "weights": tf.TensorSpec([None], tf.float32),
        "rows": tf.TensorSpec([None], tf.int32),
        "size": tf.TensorSpec([], tf.int32),
    }
    if sentences is not None:
        spec["sentences"] = tf.TensorSpec([None, sentences], tf.float32)
    return spec


def bag_tensors(
    ids: np.ndarray, weights: np.ndarray, rows: np.ndarray, size: int
) -> dict[str, tf.Tensor]:
    """Bags as `TextEncoder` takes them."""
    return {
        "ids": tf.constant(ids, tf.int32),
        "weights": tf.constant(weights, tf.float32),
        "rows": tf.constant(rows, tf.int32),
        "size": tf.constant(size, tf.int32),
    }
