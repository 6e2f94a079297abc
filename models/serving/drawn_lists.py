"""Random lists to send to a model, for warming up and for measuring its speed."""

from collections.abc import Mapping, Sequence

import numpy as np
import tensorflow as tf

from data.definition.dataset import Dataset
from data.definition.feature import Feature
from data.lists.parsing import plain_spec

_MISSING_SHARE = 0.1


def draw_list(
    dataset: Dataset,
    vocabularies: Mapping[str, Sequence[bytes]],
    items: int,
    generator: np.random.Generator,
    entries: int | None = None,
) -> dict[str, np.ndarray]:
    """Draws the features of one list.

    Args:
        dataset: the features.
        vocabularies: values of each categorical feature.
        items: items of the list.
        generator: makes the draws.
        entries: past actions before it; as many as are kept at most by default.

    Returns:
        By feature, in the shape that `serving_default` takes: float32 from a standard normal
        distribution, or texts of the vocabulary; a tenth is missing.
    """
    if entries is None:
        entries = dataset.history.newest if dataset.history else 0
    return {
        feature.name: _draw(
            generator,
            feature,
            vocabularies.get(feature.name, ()),
            feature.belongs_to.rows(items, entries),
        )
        for feature in dataset.features
    }


def _draw(
    generator: np.random.Generator, feature: Feature, vocabulary: Sequence[bytes], rows: int
) -> np.ndarray:
    spec = plain_spec(feature)
    shape = (rows, *spec.shape[1:])
    missing = generator.random(shape) < _MISSING_SHARE
    if spec.dtype == tf.string:
        texts = np.array([*vocabulary, b""], object)
        return np.where(missing, b"", generator.choice(texts, shape))
    return np.where(missing, np.nan, generator.normal(size=shape)).astype(np.float32)
