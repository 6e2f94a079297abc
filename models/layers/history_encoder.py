"""What was done before a list, as each candidate sees it: attention over past actions."""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import tensorflow as tf

from models.layers.axes import NamedAxes, Names, name_axes
from models.layers.seeds import derived_seed, seeded

# Added to a logit, this leaves a weight of 0.
_NEVER = -1e9
# The mean logit, at the start, of an entry that says of all what the candidate says.
_SIMILARITY = 4.0


class History(NamedTuple):
    """The candidates of B lists, and what was done before each list.

    Attributes:
        candidates: float [N, K], what all lists' candidates are compared by, list after list.
        row_lengths: int64 [B], candidates of each list.
        entries: float [H, E], what all lists' past actions are, list after list.
        ages: int64 [H], the bucket of each entry's age.
        lengths: int64 [B], entries of each list.
    """

    candidates: tf.Tensor
    row_lengths: tf.Tensor
    entries: tf.Tensor
    ages: tf.Tensor
    lengths: tf.Tensor


@tf.keras.utils.register_keras_serializable(package="seqmd")
class HistoryEncoder(tf.keras.layers.Layer):
    """o_n = [sum over entries e of the list's history of a_ne v_e, s_n], for each head.

    q_n = candidate_n Q + b_q, k_e = entry_e K + b_k, v_e = entry_e V + b_v,
    l_ne = <q_n, k_e> / sqrt(units / heads) + bias of e's age,
    s_n = log(1 + sum over e of exp(l_ne)), a_ne = exp(l_ne - s_n).

    The 1 is an entry that is always there and says nothing: a candidate to which no past action
    matters gets little, and without a history all get exactly 0. s_n says how much there is that is
    like the candidate, which the sums alone would say after many steps only. A candidate's output
    depends on no other candidate, and without ages on no order of the entries. What follows from
    the entries alone is computed once a list.

    Args:
        units: width of the weighed sums, over all heads.
        heads: number of heads; `units` must be a multiple of it.
        ages: number of buckets of ages, each with a bias a head that starts at 0.
        seed: seed of initial kernels.
        alike: for each column of an entry, the candidate's column that says the same of it, -1
            where there is none. Keys start as queries there, and so the products as similarity:
            from draws of their own, what is equal would take long to be found.

    Raises:
        ValueError: `units` is no multiple of `heads`.

    Source:
        Zhou et al., "Deep Interest Network for Click-Through Rate Prediction" (KDD 2018): the
        candidate asks, and what is similar to it counts without being brought to a sum of 1.
        Vaswani et al., "Attention is All You Need" (2017), section 3.2: scaled products and heads.
    """

    def __init__(
        self,
        units: int = 32,
        heads: int = 2,
        ages: int = 1,
        seed: int | None = None,
        alike: Sequence[int] = (),
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        if units % heads:
            raise ValueError(f"units: expected a multiple of the {heads} heads, found {units}")
        self.units = units
        self.heads = heads
        self.ages = ages
        self.alike = tuple(alike)
        self.seed = seed

    def build(self, input_shape: History) -> None:
        """Makes kernels and biases of queries, keys and values, and the biases of ages."""
        candidates, entries = input_shape.candidates[-1], input_shape.entries[-1]
        query = self._initial_query(candidates)
        key, value = (self._draw(name, entries) for name in ("key", "value"))
        rows = [
            query[of_candidate] if of_candidate >= 0 else key[place]
            for place, of_candidate in enumerate(self.alike)
        ]
        self.query = self._kernel("query", query)
        self.key = self._kernel("key", tf.stack(rows) if rows else key)
        self.value = self._kernel("value", value)
        self.biases = self.add_weight("bias", (3, self.units), initializer="zeros")
        self.age = self.add_weight("age_bias", (self.ages, self.heads), initializer="zeros")
        super().build(input_shape)

    def _initial_query(self, width: int) -> tf.Tensor:
        """Such that columns of a mean square of 1 that are alike start with `_SIMILARITY`."""
        variance = _SIMILARITY / (max(1, width) * (self.units / self.heads) ** 0.5)
        limit, seed = (3 * variance) ** 0.5, derived_seed(self.seed, "query")
        draw = tf.keras.initializers.RandomUniform(-limit, limit, seed)
        return draw((width, self.units))

    def _draw(self, name: str, width: int) -> tf.Tensor:
        draw = seeded("glorot_uniform", derived_seed(self.seed, name))
        return draw((width, self.units))

    def _kernel(self, name: str, start: tf.Tensor) -> tf.Variable:
        return self.add_weight(f"{name}_kernel", start.shape, initializer=lambda *_, **__: start)

    def call(self, inputs: History) -> tf.Tensor:
        """Encodes the histories.

        Args:
            inputs: candidates and entries.

        Returns:
            float [N, width].
        """
        of_query, of_key, of_value = tf.unstack(self.biases)
        queries = tf.nn.bias_add(tf.matmul(inputs.candidates, self.query), of_query)
        keys = tf.nn.bias_add(tf.matmul(inputs.entries, self.key), of_key)
        values = tf.nn.bias_add(tf.matmul(inputs.entries, self.value), of_value)
        ages = tf.gather(self.age, inputs.ages)
        entries = _by_list(tf.concat([keys, values, ages], axis=1), inputs.lengths)
        # One more, whose key, value and bias are 0.
        entries = tf.pad(entries, [[0, 0], [0, 1], [0, 0]])
        keys, values, ages = tf.split(entries, [self.units, self.units, self.heads], axis=2)
        ages += _absent(inputs.lengths, tf.shape(entries)[1])
        answers = self._attended(_by_list(queries, inputs.row_lengths), keys, values, ages)
        return _flat(answers, inputs.row_lengths)

    def _attended(
        self, queries: tf.Tensor, keys: tf.Tensor, values: tf.Tensor, ages: tf.Tensor
    ) -> tf.Tensor:
        """Float [B, L, width] from queries [B, L, units], keys and values [B, P, units]."""
        scale = (self.units / self.heads) ** -0.5
        answers, alike = [], []
        # Heads are few: a product each takes less than the transposes that bring them together.
        for query, key, value, age in zip(
            *(tf.split(part, self.heads, axis=2) for part in (queries, keys, values, ages)),
            strict=True,
        ):
            logits = tf.matmul(query * scale, key, transpose_b=True)
            logits += tf.transpose(age, (0, 2, 1))
            most = tf.stop_gradient(tf.reduce_max(logits, axis=2, keepdims=True))
            exponents = tf.exp(logits - most)
            total = tf.reduce_sum(exponents, axis=2, keepdims=True)
            answers.append(tf.matmul(exponents / total, value))
            alike.append(tf.math.log(total) + most)
        return tf.concat([*answers, *alike], axis=2)

    @property
    def width(self) -> int:
        """Width of the output."""
        return self.units + self.heads

    def parameters(self, candidates: int, entries: int) -> int:
        """Trainable numbers, with candidates and entries of some widths."""
        return self.units * (candidates + 2 * entries + 3) + self.ages * self.heads

    def axes(
        self, candidates: Names | None = None, entries: Names | None = None
    ) -> Iterator[NamedAxes]:
        """The weights with the names of the candidates' and the entries' columns."""
        yield name_axes(self.query, candidates)
        yield name_axes(self.key, entries)
        yield name_axes(self.value, entries)

    def get_config(self) -> dict[str, Any]:
        """The arguments of the layer."""
        own = ("units", "heads", "ages", "seed", "alike")
        return {**super().get_config(), **{name: getattr(self, name) for name in own}}


def _is_one(lengths: tf.Tensor) -> bool:
    """Whether it is known that there is one list alone."""
    return lengths.shape.rank == 1 and lengths.shape[0] == 1


def _by_list(rows: tf.Tensor, lengths: tf.Tensor) -> tf.Tensor:
    """Rows [rows of all lists, width] as [B, longest, width], filled up with 0."""
    if _is_one(lengths):
        return rows[tf.newaxis]
    return tf.RaggedTensor.from_row_lengths(rows, lengths, validate=False).to_tensor()


def _flat(padded: tf.Tensor, lengths: tf.Tensor) -> tf.Tensor:
    """The reverse of `_by_list`."""
    if _is_one(lengths):
        return padded[0]
    return tf.RaggedTensor.from_tensor(padded, lengths=lengths).flat_values


def _absent(lengths: tf.Tensor, places: tf.Tensor) -> tf.Tensor:
    """What keeps attention from places [B, P] without an entry, but for the last one."""
    if _is_one(lengths):
        return tf.zeros([1, 1, 1])
    place = tf.range(tf.cast(places, lengths.dtype))
    real = (place < lengths[:, tf.newaxis]) | (place == place[-1])
    return tf.where(real, 0.0, _NEVER)[:, :, tf.newaxis]
