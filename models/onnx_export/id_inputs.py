"""Categorical features as numbers, for engines that have no texts, or where ONNX has no hash."""

import itertools
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import tensorflow as tf
from onnx import AttributeProto, GraphProto, ModelProto, TensorProto, helper

from data.definition.dataset import Dataset
from data.definition.feature import Feature

_ML = "ai.onnx.ml"
_MISSING = b""


@dataclass(frozen=True)
class TextIds:
    """The ids that stand for the texts of a categorical feature.

    Attributes:
        texts: by id: the missing one, which is empty, the vocabulary, and for each bucket of
            unknown values a text that falls into it.
        buckets: number of these.
    """

    texts: tuple[bytes, ...]
    buckets: int

    @classmethod
    def of(cls, feature: Feature, vocabulary: Sequence[bytes]) -> "TextIds":
        """The ids of a feature.

        Args:
            feature: the feature.
            vocabulary: its values.

        Returns:
            The ids.
        """
        buckets = feature.out_of_vocabulary_buckets
        return cls((_MISSING, *vocabulary, *_unknown(vocabulary, buckets)), buckets)

    @property
    def first_unknown(self) -> int:
        """The id of the first bucket of unknown values."""
        return len(self.texts) - self.buckets

    def id(self, text: bytes) -> int:
        """The id of a text, as the model itself would hash it where it is unknown."""
        found = self._known.get(text)
        return self.first_unknown + bucket(text, self.buckets) if found is None else found

    @cached_property
    def _known(self) -> dict[bytes, int]:
        return {text: number for number, text in enumerate(self.texts[: self.first_unknown])}


def bucket(text: bytes, buckets: int) -> int:
    """The bucket that TensorFlow's hash has for a text: Fingerprint64 modulo the buckets."""
    return int(tf.strings.to_hash_bucket_fast([text], buckets)[0])


def _unknown(vocabulary: Sequence[bytes], buckets: int) -> Iterator[bytes]:
    """A text that the vocabulary lacks for each bucket, in their order."""
    known = set(vocabulary)
    found: dict[int, bytes] = {}
    for number in itertools.count():
        text = b"unknown %d" % number
        if text not in known:
            found.setdefault(bucket(text, buckets), text)
        if len(found) == buckets:
            return iter(found[place] for place in range(buckets))
    raise AssertionError("there is always another number")


def features_by_id(dataset: Dataset, everything: bool) -> list[Feature]:
    """The categorical features that ONNX takes as ids.

    Args:
        dataset: the dataset.
        everything: whether all do; else those whose unknown values share several buckets.

    Returns:
        The features.
    """
    return [
        feature
        for feature in dataset.categorical_features
        if everything or feature.out_of_vocabulary_buckets > 1
    ]


def take_ids(model: ModelProto, ids: Mapping[str, TextIds]) -> None:
    """Makes inputs of texts into inputs of ids, in place.

    An id becomes its text at the start of the graph; any other number is an unknown value.

    Args:
        model: the model.
        ids: by name of the input.
    """
    nodes = []
    for given in model.graph.input:
        if given.name not in ids:
            continue
        one = ids[given.name]
        given.type.tensor_type.elem_type = TensorProto.INT64
        nodes.append(
            helper.make_node(
                "LabelEncoder",
                [given.name],
                [_text(given.name)],
                domain=_ML,
                keys_int64s=range(len(one.texts)),
                values_strings=one.texts,
                default_string=one.texts[one.first_unknown],
            )
        )
    _read_texts(model.graph, ids)
    kept = list(model.graph.node)
    del model.graph.node[:]
    model.graph.node.extend([*nodes, *kept])


def _read_texts(graph: GraphProto, names: Collection[str]) -> None:
    for node in graph.node:
        for place, name in enumerate(node.input):
            if name in names:
                node.input[place] = _text(name)
        for attribute in node.attribute:
            if attribute.type == AttributeProto.GRAPH:
                _read_texts(attribute.g, names)


def _text(name: str) -> str:
    return f"{name}::text"
