"""Fitting the transform graph on training lists, as the Transform component does."""

from collections.abc import Sequence

import tensorflow_transform as tft
import tensorflow_transform.beam as tft_beam
from tensorflow_transform.tf_metadata import metadata_io, schema_utils
from tfx_bsl.public.tfxio import TFExampleRecord

from data.definition.dataset import Dataset
from data.files import below
from data.lists.parsing import raw_feature_spec
from data.local_beam import local_pipeline
from models.features.preprocessing import preprocessing_fn


def fit_transform_graph(dataset: Dataset, files: Sequence[str], output: str, scratch: str) -> None:
    """Fits the transform graph on lists.

    Args:
        dataset: the dataset.
        files: patterns of TFRecord files of serialized lists.
        output: folder that the graph is written to.
        scratch: folder for temporary files.
    """
    schema = schema_utils.schema_from_feature_spec(raw_feature_spec(dataset, labels=True))
    reader = TFExampleRecord(list(files), schema=schema, telemetry_descriptors=["seqmd"])
    config = {"dataset": dataset.model_dump(mode="json")}
    with local_pipeline() as pipeline, tft_beam.Context(temp_dir=scratch):
        lists = pipeline | reader.BeamSource()
        graph = (lists, reader.TensorAdapterConfig()) | tft_beam.AnalyzeDataset(
            lambda inputs: preprocessing_fn(inputs, config)
        )
        _ = graph | tft_beam.WriteTransformFn(output)
    raw_metadata = below(output, tft.TFTransformOutput.RAW_METADATA_DIR)
    metadata_io.write_metadata(tft.DatasetMetadata(schema), raw_metadata)
