"""A trained retrieval model of attribute values, and its folder on disk."""

import json
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
import tensorflow as tf
from pydantic import ValidationError

from data.errors import InputError, describe
from data.files import whole_file, write_whole
from data.listings.listings import Listings
from models.attributes.config import AttributeConfig
from models.attributes.model_folder import CONFIG, WEIGHTS
from models.attributes.network import AttributeScorer, bag_spec, bag_tensors
from models.attributes.sentences import SentenceEncoder, sentence_encoder

_RARITY = "rarity"


@dataclass(frozen=True)
class AttributeModel:
    """What is needed to search values, whatever the taxonomy.

    Attributes:
        config: the encoder's.
        scorer: the network.
        rarity: float32 [buckets], weight of each word or n-gram.
        sentences: an encoder of sentences, where the config names one.
    """

    config: AttributeConfig
    scorer: AttributeScorer
    rarity: np.ndarray
    sentences: SentenceEncoder | None = None

    @classmethod
    def untrained(cls, config: AttributeConfig, rarity: np.ndarray) -> "AttributeModel":
        """A network with its first weights.

        Raises:
            InputError: the config names an encoder of sentences that is not there.
        """
        name = config.sentence_encoder
        sentences = sentence_encoder(name) if name else None
        scorer = AttributeScorer(config)
        one = bag_tensors(np.zeros(1), np.ones(1), np.zeros(1), 1)
        if sentences:
            one["sentences"] = tf.constant(sentences(["one"]))
        empty = tf.zeros([0, 1], tf.int32)
        scorer({"queries": one, "keys": one, "places": empty, "cells": tf.zeros([0], tf.int32)})
        return cls(config, scorer, rarity, sentences)

    def sentences_of(self, listings: Listings) -> np.ndarray | None:
        """float32 [N, S], vectors of what listings say; None without an encoder of sentences."""
        texts = zip(listings.titles, listings.descriptions, strict=True)
        return self.encoded(
            [f"title: {title or ''} description: {text or ''}" for title, text in texts]
        )

    def encoded(self, texts: Sequence[str]) -> np.ndarray | None:
        """float32 [N, S], vectors of texts; None without an encoder of sentences."""
        return self.sentences(texts) if self.sentences else None

    @property
    def bag_spec(self) -> dict[str, tf.TensorSpec]:
        """What the encoder takes."""
        width = self.scorer.encoder.projection.kernel.shape[0] if self.sentences else None
        return bag_spec(width)

    def save(self, folder: str) -> None:
        """Writes the model to a folder; what is there under the same names is replaced."""
        # NumPy 2's stubs take a named array for the argument `allow_pickle`.
        arrays: dict[str, Any] = {
            f"w{place}": one for place, one in enumerate(self.scorer.get_weights())
        }
        arrays[_RARITY] = self.rarity
        place = Path(folder)
        # Not compressed: that takes seconds, and vectors that began as random ones hardly shrink.
        with whole_file(place / WEIGHTS) as partial, Path(partial).open("wb") as file:
            np.savez(file, **arrays)
        write_whole(place / CONFIG, self.config.model_dump_json(indent=2) + "\n")

    @classmethod
    def load(cls, folder: str) -> "AttributeModel":
        """Reads a model from its folder.

        Raises:
            InputError: there is none, or it is damaged.
        """
        place = Path(folder)
        try:
            fields = json.loads((place / CONFIG).read_text())
            config = AttributeConfig.model_validate(fields)
            with (place / WEIGHTS).open("rb") as file, np.load(file) as arrays:
                rarity = arrays[_RARITY]
                weights = [arrays[f"w{at}"] for at in range(len(arrays.files) - 1)]
            model = cls.untrained(config, rarity)
            model.scorer.set_weights(weights)
        except ValidationError as error:
            raise InputError(describe(error, str(place / CONFIG), AttributeConfig)) from error
        except InputError:
            raise
        # A folder without them, JSON or arrays cut off, weights of another shape.
        except (OSError, ValueError, KeyError, EOFError, BadZipFile, zlib.error) as error:
            raise InputError(
                f"{folder}: expected a model that seqmd fill-attributes wrote, with {CONFIG} and "
                f"{WEIGHTS}: {getattr(error, 'strerror', None) or error}"
            ) from error
        return model
