"""Names and sizes of what the transform graph puts out."""

import tensorflow_transform as tft

from data.artifacts.vocabulary_files import vocabulary_file
from data.definition.dataset import Dataset
from data.definition.feature import Feature
from data.definition.keys import ROW_LENGTHS as ROW_LENGTHS
from data.definition.keys import missing as missing
from data.definition.keys import within_list as within_list

# The id of a missing value of a categorical or bucketed feature; see `has_missing_id`.
MISSING_ID = 0


def has_missing_id(dataset: Dataset, feature: Feature) -> bool:
    """Whether a missing value of a categorical or bucketed feature has an id of its own, 0.

    Not so for categorical country features: a missing region is an unknown one, and meets a mask
    that was learnt.
    """
    return feature.kind == "bucketed" or feature.name not in dataset.country_features


def unknown_ids(feature: Feature) -> int:
    """Ids, the last ones of a feature, that values share which its vocabulary lacks."""
    return feature.out_of_vocabulary_buckets if feature.kind == "categorical" else 0


def embedding_sizes(dataset: Dataset, output: tft.TFTransformOutput) -> dict[str, int]:
    """Number of ids of each categorical and bucketed feature, by name."""
    return {
        feature.name: _size(dataset, feature, output)
        for feature in dataset.features
        if feature.kind in ("categorical", "bucketed")
    }


def _size(dataset: Dataset, feature: Feature, output: tft.TFTransformOutput) -> int:
    if feature.kind == "categorical":
        words = output.vocabulary_size_by_name(vocabulary_file(dataset, feature))
        return has_missing_id(dataset, feature) + words + unknown_ids(feature)
    inner = feature.buckets - 1 if feature.boundaries is None else len(feature.boundaries)
    return MISSING_ID + 1 + inner + 1
