"""Searches the values of a taxonomy for listings."""

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np
import tensorflow as tf

from data.listings.listings import Listings
from data.listings.taxonomy import Taxonomy
from models.attributes.inputs import ListingInputs
from models.attributes.keys import Keys
from models.attributes.model import AttributeModel
from models.attributes.network import Inputs, bag_tensors

_KEYS_AT_ONCE = 8192
# Scores that are held at once.
_CELLS = 1 << 23


@dataclass(frozen=True)
class Answers:
    """The best value of one attribute for N listings.

    Attributes:
        values: object [N], the value; None where the null key has a higher score, or the category
            lacks the attribute.
        scores: float64 [N], the probability of the best value among the null key and all values;
            NaN where the category lacks the attribute.
    """

    values: np.ndarray
    scores: np.ndarray


@dataclass(frozen=True)
class ValueSearch:
    """Answers what the values of listings' attributes are.

    Attributes:
        model: the model.
        taxonomy: the values, also such as the model was not trained with.
    """

    model: AttributeModel
    taxonomy: Taxonomy

    @cached_property
    def keys(self) -> Keys:
        """The taxonomy's keys."""
        return Keys(self.taxonomy, self.model.config.buckets)

    @cached_property
    def _vectors(self) -> np.ndarray:
        """float32 [P + V, D], the vectors of all keys."""
        bags, count = self.keys.bags, len(self.keys.pairs)
        parts = []
        for start in range(0, count, _KEYS_AT_ONCE):
            rows = np.arange(start, min(start + _KEYS_AT_ONCE, count))
            entries, of_row = bags.take(rows)
            bag = bag_tensors(bags.ids[entries], bags.weights[entries], of_row, len(rows))
            encoded = self.model.encoded(self.keys.sentences[start : start + len(rows)])
            parts.append(self._encoder(_with(bag, encoded)).numpy())
        return np.concatenate(parts)

    def vectors(self, listings: Listings) -> np.ndarray:
        """float32 [N, D], the vectors of listings."""
        inputs = ListingInputs.of(listings, self.keys, self.model.config.match_buckets)
        return self._queries(listings, inputs)

    def answers(self, listings: Listings) -> dict[str, Answers]:
        """Searches the values of all attributes.

        Args:
            listings: N listings.

        Returns:
            By attribute, the answers.
        """
        count = len(listings)
        found = {
            name: Answers(np.full(count, None, object), np.full(count, np.nan))
            for name in self.taxonomy.attributes
        }
        if not count:
            return found
        inputs = ListingInputs.of(listings, self.keys, self.model.config.match_buckets)
        queries = self._queries(listings, inputs)
        categories = np.array(listings.categories, object)
        for pair, columns in self._columns_by_pair:
            category, name = self.taxonomy.pairs[pair]
            of_category = np.flatnonzero(categories == category)
            size = max(_CELLS // len(columns), 1)
            for start in range(0, len(of_category), size):
                rows = of_category[start : start + size]
                scores = self._scores(inputs, queries, rows, columns)
                found[name].values[rows], found[name].scores[rows] = self._best(scores, columns)
        return found

    @cached_property
    def _columns_by_pair(self) -> list[tuple[int, np.ndarray]]:
        """The keys of each pair that has values, its null key first."""
        order = np.argsort(self.keys.pairs, kind="stable")
        starts = np.searchsorted(self.keys.pairs[order], np.arange(self.keys.nulls + 1))
        parts = [order[a:b] for a, b in pairwise(starts)]
        return [(pair, columns) for pair, columns in enumerate(parts) if len(columns) > 1]

    def _scores(
        self, inputs: ListingInputs, queries: np.ndarray, rows: np.ndarray, columns: np.ndarray
    ) -> np.ndarray:
        """[B, C], one matrix product and what places of values add."""
        places, cells = inputs.places_of(rows, columns)
        return self._score(
            tf.constant(queries[rows]),
            tf.constant(self._vectors[columns]),
            tf.constant(places, tf.int32),
            tf.constant(cells, tf.int32),
        ).numpy()

    def _best(self, scores: np.ndarray, columns: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The best value of each row, None where the null key beats it; and its probability."""
        best = scores[:, 1:].argmax(1) + 1
        rows = np.arange(len(scores))
        odds = np.exp(scores.astype(np.float64) - scores.max(1, keepdims=True))
        values = np.array([self.taxonomy.texts[at - self.keys.nulls] for at in columns[1:]], object)
        beaten = scores[rows, best] > scores[:, 0]
        found = values[best - 1]
        found[~beaten] = None
        return found, odds[rows, best] / odds.sum(1)

    def _queries(self, listings: Listings, inputs: ListingInputs) -> np.ndarray:
        rows = np.arange(len(listings))
        ids, weights, of_row = inputs.weighted(rows, self.model.rarity)
        bag = bag_tensors(ids, weights, of_row, len(rows))
        return self._encoder(_with(bag, self.model.sentences_of(listings))).numpy()

    @cached_property
    def _encoder(self) -> "tf.types.experimental.PolymorphicFunction":
        return tf.function(
            self.model.scorer.encoder, input_signature=[self.model.bag_spec], autograph=False
        )

    @cached_property
    def _score(self) -> "tf.types.experimental.PolymorphicFunction":
        return tf.function(
            self.model.scorer.scores,
            input_signature=[
                tf.TensorSpec([None, None], tf.float32),
                tf.TensorSpec([None, None], tf.float32),
                tf.TensorSpec([None, None], tf.int32),
                tf.TensorSpec([None], tf.int32),
            ],
            autograph=False,
        )


def _with(bag: Inputs, sentences: np.ndarray | None) -> Inputs:
    return bag if sentences is None else bag | {"sentences": tf.constant(sentences)}
