"""Lists of the tests as an exported model takes them, and what it answers."""

from typing import Any

import numpy as np
import tensorflow as tf

from data.artifacts.served_answer import ExportedModel
from data.definition.codecs import codec
from data.definition.dataset import Dataset

OUTPUTS = ("probability_click", "probability_order", "score")


def plain(one: Any, dataset: Dataset) -> dict[str, tf.Tensor]:
    """A list as the inputs of `serving_default`."""
    values = one.context | one.item
    inputs = {}
    for feature in dataset.features:
        value = tf.constant(values[feature.name], codec(feature).dtype)
        inputs[feature.name] = tf.reshape(value, [-1, feature.length]) if feature.length else value
    return inputs


def by_plain_tensors(exported: Any, one: Any, dataset: Dataset) -> dict[str, np.ndarray]:
    outputs = exported.signatures["serving_default"](**plain(one, dataset))
    return {name: values.numpy() for name, values in outputs.items()}


def ranked(ranker: ExportedModel, lists: list[Any]) -> dict[str, np.ndarray]:
    return ranker([one.serialized() for one in lists], lengths_of(lists))


def lengths_of(lists: list[Any]) -> np.ndarray:
    return np.array([len(one.item["rating"]) for one in lists], np.int64)


def with_items(one: Any, **item: Any) -> Any:
    return one._replace(item={**one.item, **item})


def longest(lists: list[Any]) -> Any:
    return max(lists, key=lambda one: len(one.item["rating"]))
