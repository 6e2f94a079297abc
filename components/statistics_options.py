"""Options of StatisticsGen, overall and by region."""

import tensorflow_data_validation as tfdv
from tfx_bsl.public.proto import slicing_spec_pb2

from data.definition import keys
from data.definition.dataset import Dataset
from data.definition.roles import ROLES


def statistics_columns(dataset: Dataset) -> list[str]:
    """Keys that statistics and the inferred schema cover.

    True probabilities are left out, since they are no input of a model, and roles that are not
    `counted`.

    Args:
        dataset: the dataset.

    Returns:
        Features, labels, and what slices and weighs lists; those that Examples lack are ignored.
    """
    return [
        *(feature.name for feature in dataset.features),
        *(keys.label(task.name) for task in dataset.tasks),
        *dict.fromkeys(role.key for role in ROLES if role.counted),
    ]


def overall_options(dataset: Dataset) -> tfdv.StatsOptions:
    """Statistics over all lists of a split, from which the schema is inferred.

    Args:
        dataset: the dataset.

    Returns:
        Options for a StatisticsGen.
    """
    return tfdv.StatsOptions(
        feature_allowlist=statistics_columns(dataset), use_sketch_based_topk_uniques=True
    )


def region_options(dataset: Dataset) -> tfdv.StatsOptions:
    """Statistics by region, for people to look at.

    They want a StatisticsGen of their own, for training lists only: every slice costs about as much
    as the whole, in every batch. Slicing comes after the choice of columns, so the region must be
    among these.

    Args:
        dataset: the dataset.

    Returns:
        Options for a StatisticsGen.
    """
    options = overall_options(dataset)
    # As many points has the curve of a feature in a region; the ten of TFDV would be too few to see
    # its form.
    options.num_quantiles_histogram_buckets = 40
    slicing = slicing_spec_pb2.SlicingConfig()
    slicing.slicing_specs.add(feature_keys=[keys.LIST_REGION])
    options.slicing_config = slicing
    return options
