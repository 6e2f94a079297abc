"""What TFDV counts of lists, overall and by region."""

import apache_beam as beam
import pyarrow as pa
import tensorflow_data_validation as tfdv
from tensorflow_data_validation.statistics.generators.basic_stats_generator import (
    BasicStatsGenerator,
)
from tensorflow_data_validation.statistics.stats_impl import get_generators
from tfx import types
from tfx.components.statistics_gen.executor import DEFAULT_FILE_NAME
from tfx.types import artifact_utils
from tfx_bsl.public.proto import slicing_spec_pb2

from components.number_histograms import ArrayStatsGenerator
from data.definition import keys
from data.definition.dataset import Dataset
from data.definition.roles import ROLES

# Of the curve of a number in a region; the ten of TFDV would be too few to see its form.
_CURVE_POINTS = 40


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
    """Statistics by region, for people to look at and to compare with other logs.

    They want a node of their own, for training lists only: every slice costs as much as the whole,
    in every batch. Slicing comes after the choice of columns, so the region must be among these.

    Args:
        dataset: the dataset.

    Returns:
        Options for `tfdv.GenerateStatistics`, whose generators no JSON can hold.
    """
    options = overall_options(dataset)
    options.generators = [
        ArrayStatsGenerator(_CURVE_POINTS) if isinstance(one, BasicStatsGenerator) else one
        for one in get_generators(options)
    ]
    options.add_default_generators = False
    slicing = slicing_spec_pb2.SlicingConfig()
    slicing.slicing_specs.add(feature_keys=[keys.LIST_REGION])
    options.slicing_config = slicing
    return options


class WriteRegionStatistics(beam.PTransform):
    """Record batches of lists -> the only split of an artifact of statistics, sliced by region.

    Args:
        dataset: the dataset.
        statistics: the artifact.
        split: the name of its split.
    """

    def __init__(self, dataset: Dataset, statistics: types.Artifact, split: str) -> None:
        super().__init__()
        self._options = region_options(dataset)
        self._path = f"{artifact_utils.get_split_uri([statistics], split)}/{DEFAULT_FILE_NAME}"

    def expand(self, lists: beam.PCollection[pa.RecordBatch]) -> beam.PCollection:
        """Counts and writes."""
        return (
            lists
            | "Count" >> tfdv.GenerateStatistics(self._options)
            | "Write" >> tfdv.WriteStatisticsToBinaryFile(self._path)
        )
