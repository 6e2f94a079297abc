"""Vocabulary files: the values of a categorical feature that a model knows, one a line."""

import re
from collections.abc import Collection, Mapping

import pyarrow as pa
import pyarrow.compute as pc
import tensorflow as tf

from data.definition.base import Definition
from data.definition.dataset import Dataset
from data.definition.feature import Feature

# The only line of a vocabulary without values, since TensorFlow reads no empty one.
NO_VALUES = b"(no values in training)"

# What a line cannot hold, and the mark itself: character, and what the line holds instead.
ESCAPES = ((b"\\", b"\\\\"), (b"\n", b"\\n"), (b"\r", b"\\r"))

_ESCAPED = re.compile(rb"\\(.)", re.DOTALL)
_PLAIN = {line[1:]: value for value, line in ESCAPES}


# Share of unknown values from which on people are told.
_TOLD = 0.01


class UnknownValues(Definition):
    """Values of a categorical feature that are not in a model's vocabulary.

    Attributes:
        share: of all values that are not missing.
        distinct: how many different ones there are.
        example: the most frequent one.
    """

    share: float
    distinct: int
    example: str


def told_unknown(unknown: Mapping[str, UnknownValues], place: str) -> list[str]:
    """Lines for people about features of which many values are unknown.

    Args:
        unknown: by feature.
        place: where the values are, such as `evaluation lists`.

    Returns:
        A line for each feature of which 1% of the values or more are unknown.
    """
    return [
        f"{name}: {values.share:.1%} of its values in {place} are not in the model's vocabulary"
        f" ({values.distinct:,} different, such as {values.example!r:.60})"
        for name, values in unknown.items()
        if values.share >= _TOLD
    ]


def vocabulary_file(dataset: Dataset, feature: Feature) -> str:
    """Name of a categorical feature's vocabulary file: a valid one, and its own.

    A feature that is like another one has that feature's file.
    """
    own = dataset.learnt_as(feature)
    name = re.sub(r"[^0-9A-Za-z-]", "_", own.name)[:100]
    return f"vocabulary_{dataset.features.index(own):03d}_{name}"


def unescaped(line: bytes) -> bytes:
    """The value that a line of a vocabulary file holds."""
    return _ESCAPED.sub(lambda found: _PLAIN.get(found[1], found[0]), line)


def read_vocabulary(path: str) -> list[bytes]:
    """The values of a vocabulary file in the order of their ids."""
    with tf.io.gfile.GFile(path, "rb") as file:
        lines = file.read().removesuffix(b"\n").split(b"\n")
    return [unescaped(line) for line in lines]


def exported_vocabularies(dataset: Dataset, model: str) -> dict[str, list[bytes]]:
    """The vocabularies that an exported model carries.

    Args:
        dataset: the definition that it was trained with.
        model: folder of the SavedModel.

    Returns:
        The values of each categorical feature, by id; nothing where the model has no such file.
    """
    paths = {
        feature.name: f"{model}/assets/{vocabulary_file(dataset, feature)}"
        for feature in dataset.categorical_features
    }
    return {name: read_vocabulary(path) for name, path in paths.items() if tf.io.gfile.exists(path)}


def unknown_values(
    values: pa.Array | pa.ChunkedArray, vocabulary: Collection[bytes]
) -> UnknownValues | None:
    """Which values a vocabulary lacks.

    Args:
        values: string or binary [N], or lists of them; a missing one is empty.
        vocabulary: the known values.

    Returns:
        The unknown ones; None where there are none.
    """
    values = pc.list_flatten(values) if pa.types.is_list(values.type) else values
    counts = pc.value_counts(values.cast(pa.binary()))
    found = dict(zip(counts.field(0).to_pylist(), counts.field(1).to_pylist(), strict=True))
    found.pop(b"", None)
    unknown = {value: found[value] for value in found.keys() - set(vocabulary)}
    if not unknown:
        return None
    commonest = max(unknown, key=lambda value: (unknown[value], value))
    return UnknownValues(
        share=sum(unknown.values()) / sum(found.values()),
        distinct=len(unknown),
        example=commonest.decode(errors="replace"),
    )
