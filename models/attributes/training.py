"""Trains the retrieval of attribute values."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import tensorflow as tf

from data.errors import InputError
from data.listings.listings import Listings
from data.listings.taxonomy import Taxonomy
from models.attributes.config import AttributeConfig
from models.attributes.inputs import ListingInputs, rarity_of
from models.attributes.keys import Keys
from models.attributes.model import AttributeModel
from models.attributes.network import Inputs, bag_tensors, retrieval_loss
from models.attributes.targets import Targets, targets_of

# How far training is, from 0 to 1.
Progress = Callable[[float], None]


def train(
    listings: Listings,
    taxonomy: Taxonomy,
    config: AttributeConfig,
    progress: Progress = lambda share: None,
    start: AttributeModel | None = None,
) -> AttributeModel:
    """Trains a model.

    Args:
        listings: listings that state attributes.
        taxonomy: the values.
        config: the encoder and its training.
        progress: is told how far it is.
        start: a model that is trained further, in place; None makes a new one.

    Returns:
        The model.

    Raises:
        InputError: no listing states a value of the taxonomy.
    """
    keys = Keys(taxonomy, config.buckets)
    targets = targets_of(listings, keys, config.left_out)
    if not (targets.keys.ids >= keys.nulls).any():
        raise InputError(
            "--listings: expected listings that state values of the taxonomy for their category, "
            f"found none among {len(listings):,} that state something"
        )
    inputs = ListingInputs.of(listings, keys, config.match_buckets)
    model = start or AttributeModel.untrained(config, rarity_of(inputs, keys))
    drawing = np.random.default_rng(config.seed)
    feed = _Feed(listings, keys, inputs, targets, model, drawing)
    step = _Step(model)
    batches = [batch for _ in range(config.epochs) for batch in feed.batches()]
    steps = min(len(batches), config.most_steps)
    for number, (category, rows) in enumerate(batches[:steps]):
        step(feed.batch(category, rows))
        progress((number + 1) / steps)
    return model


class _Step:
    """One step of gradient descent."""

    def __init__(self, model: AttributeModel) -> None:
        self._scorer = scorer = model.scorer
        config = scorer.config
        self._parts = [
            (tf.keras.optimizers.Adagrad(config.rate), scorer.encoder.trainable_variables),
            (
                tf.keras.optimizers.Adagrad(config.match_rate),
                scorer.place_score.trainable_variables,
            ),
        ]
        for optimizer, variables in self._parts:
            optimizer.build(variables)
        self._traced = tf.function(
            self._take, input_signature=[_batch_spec(model)], autograph=False
        )

    def __call__(self, batch: Inputs) -> tf.Tensor:
        """Takes the step; returns the loss."""
        return self._traced(batch)

    def _take(self, batch: Inputs) -> tf.Tensor:
        with tf.GradientTape() as tape:
            scores = self._scorer(batch)
            loss = retrieval_loss(
                scores, batch["pairs"], batch["true"], batch["known"], batch["left_out"]
            )
        gradients = tape.gradient(loss, [variables for _, variables in self._parts])
        for (optimizer, variables), of_part in zip(self._parts, gradients, strict=True):
            given = [pair for pair in zip(of_part, variables, strict=True) if pair[0] is not None]
            optimizer.apply_gradients(given)
        return loss


def _batch_spec(model: AttributeModel) -> Inputs:
    table = tf.TensorSpec([None, None], tf.float32)
    row = tf.TensorSpec([None], tf.int32)
    return {
        "queries": model.bag_spec,
        "keys": model.bag_spec,
        "places": tf.TensorSpec([None, None], tf.int32),
        "cells": row,
        "pairs": row,
        "true": tf.TensorSpec([None, None], tf.bool),
        "known": table,
        "left_out": table,
    }


@dataclass(frozen=True)
class _Feed:
    """Batches of listings of one category, with keys that are near in the taxonomy."""

    listings: Listings
    keys: Keys
    inputs: ListingInputs
    targets: Targets
    model: AttributeModel
    drawing: np.random.Generator

    def batches(self) -> Iterator[tuple[str, np.ndarray]]:
        """Categories and listings of an epoch, in random order."""
        categories = np.array(self.listings.categories, object)
        taught, size = self.targets.taught, self.model.config.batch
        found = []
        for category in self.keys.taxonomy.categories:
            rows = self.drawing.permutation(taught[categories[taught] == category])
            found += [(category, rows[at : at + size]) for at in range(0, len(rows), size)]
        for place in self.drawing.permutation(len(found)):
            yield found[place]

    def batch(self, category: str, rows: np.ndarray) -> Inputs:
        """Tensors of a batch."""
        config = self.model.config
        true, of_true = self.targets.keys.take(rows)
        columns = self._columns(category, rows, self.targets.keys.ids[true])
        words = self.inputs.weighted(rows, self.model.rarity, self.drawing, config.dropout)
        queries = bag_tensors(*words, len(rows))
        places, cells = self.inputs.places_of(rows, columns)
        entries, of_entry = self.keys.bags.take(columns)
        bags = self.keys.bags
        named = bag_tensors(bags.ids[entries], bags.weights[entries], of_entry, len(columns))
        self._add_sentences(queries, named, rows, columns)
        pairs = self.keys.pairs[columns]
        first = np.flatnonzero(np.diff(pairs, prepend=-1))
        local = np.repeat(np.arange(len(first)), np.diff(np.r_[first, len(pairs)]))
        return {
            "queries": queries,
            "keys": named,
            "places": tf.constant(places, tf.int32),
            "cells": tf.constant(cells, tf.int32),
            "pairs": tf.constant(local, tf.int32),
            **self._truth(rows, columns, local, true, of_true),
        }

    def _truth(
        self,
        rows: np.ndarray,
        columns: np.ndarray,
        local: np.ndarray,
        true: np.ndarray,
        of_true: np.ndarray,
    ) -> Inputs:
        order = np.argsort(columns)
        column = order[np.searchsorted(columns, self.targets.keys.ids[true], sorter=order)]
        is_true = np.zeros((len(rows), len(columns)), bool)
        is_true[of_true, column] = True
        known = np.zeros((len(rows), local[-1] + 1), np.float32)
        left_out = np.zeros_like(known)
        known[of_true, local[column]] = 1
        left_out[of_true, local[column]] = self.targets.keys.weights[true]
        return {
            "true": tf.constant(is_true),
            "known": tf.constant(known),
            "left_out": tf.constant(left_out),
        }

    def _columns(self, category: str, rows: np.ndarray, true: np.ndarray) -> np.ndarray:
        """The keys of a batch: all of a pair, or a draw of them with those that it must have."""
        columns = self.keys.by_category[category]
        most = self.model.config.negatives
        pairs = self.keys.pairs[columns]
        large = np.bincount(pairs)[pairs] > most
        if not large.any():
            return columns
        found, _ = self.inputs.keys.take(rows)
        needed = np.r_[true, self.inputs.keys.ids[found]]
        needed = np.isin(columns, needed) | (columns < self.keys.nulls)
        order = np.lexsort((self.drawing.random(len(columns)), ~needed, pairs))
        place = np.empty(len(columns), np.int64)
        first = np.searchsorted(pairs, pairs)
        place[order] = np.arange(len(columns)) - first[order]
        return columns[~large | needed | (place < most)]

    def _add_sentences(
        self, queries: Inputs, keys: Inputs, rows: np.ndarray, columns: np.ndarray
    ) -> None:
        of_listings, of_keys = self._sentences["listings"], self._sentences["keys"]
        if of_listings is not None and of_keys is not None:
            queries["sentences"] = tf.constant(of_listings[rows])
            keys["sentences"] = tf.constant(of_keys[columns])

    @cached_property
    def _sentences(self) -> dict[str, np.ndarray | None]:
        """Vectors of all listings and keys, encoded once."""
        return {
            "listings": self.model.sentences_of(self.listings),
            "keys": self.model.encoded(self.keys.sentences),
        }
