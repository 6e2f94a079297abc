from pathlib import Path

import pyarrow as pa
import pytest
import tensorflow as tf
import tensorflow_data_validation as tfdv
from tensorflow_metadata.proto.v0 import schema_pb2, statistics_pb2
from tfx_bsl.coders.example_coder import RecordBatchToExamplesEncoder

from components.list_statistics import overall_options, region_options
from data.definition.dataset import Dataset

TRAINING_BRANDS, LATER_BRANDS = [[b"a", b"b"], [b"", b"b"]], [[b"a", b"new"], [b"", b"b"]]


@pytest.fixture(scope="module")
def dataset() -> Dataset:
    return Dataset.model_validate(
        {
            "name": "shop",
            "list_id": "search",
            "region": "country",
            "tasks": [{"name": "click", "grade": 1}],
            "features": [
                {"name": "price", "scope": "item", "kind": "numeric"},
                {"name": "brand", "scope": "item", "kind": "categorical"},
            ],
        }
    )


def _statistics(
    path: Path, options: tfdv.StatsOptions, brands: list[list[bytes]]
) -> statistics_pb2.DatasetFeatureStatisticsList:
    lists = 40
    columns = {
        "list_id": [[b"list %d" % place] for place in range(lists)],
        "list_user": [[b"user %d" % place] for place in range(lists)],
        "list_time": [[1_700_000_000 + place] for place in range(lists)],
        "list_region": [[b"US" if place % 4 else b"DE"] for place in range(lists)],
        "list_platform": [[b"all"]] * lists,
        "list_weight": [[1.0]] * lists,
        "price": [[float("nan"), 2.0], [3.0, 4.0]] * (lists // 2),
        "brand": brands * (lists // 2),
        "label_click": [[0.0, 1.0]] * lists,
    }
    batch = pa.RecordBatch.from_pydict(
        {
            key: pa.array(values, pa.list_(pa.float32()))
            if isinstance(values[0][0], float)
            else values
            for key, values in columns.items()
        }
    )
    with tf.io.TFRecordWriter(str(path)) as writer:
        for example in RecordBatchToExamplesEncoder().encode(batch):
            writer.write(example)
    return tfdv.generate_statistics_from_tfrecord(str(path), stats_options=options)


def _anomalies(schema: schema_pb2.Schema, statistics: object) -> dict[str, str]:
    found = tfdv.validate_statistics(statistics, schema).anomaly_info
    return {name: anomaly.short_description for name, anomaly in found.items()}


def test_the_schema_is_about_what_a_model_reads(dataset: Dataset, tmp_path: Path) -> None:
    # StatisticsGen hands its options over as JSON.
    options = tfdv.StatsOptions.from_json(overall_options(dataset).to_json())
    training = _statistics(tmp_path / "train", options, TRAINING_BRANDS)
    schema = tfdv.infer_schema(training, infer_feature_shape=False)
    assert {feature.name for feature in schema.feature} == {
        *("price", "brand", "label_click", "list_region", "list_platform", "list_weight")
    }
    # Other list ids, users and times are no anomaly; a new brand is, and a missing one is not.
    same = _statistics(tmp_path / "same", options, TRAINING_BRANDS)
    assert _anomalies(schema, same) == {}
    later = _statistics(tmp_path / "later", options, LATER_BRANDS)
    assert _anomalies(schema, later) == {"brand": "Unexpected string values"}


def test_statistics_by_region_also_hold_the_whole(dataset: Dataset, tmp_path: Path) -> None:
    sliced = _statistics(tmp_path / "train", region_options(dataset), TRAINING_BRANDS)
    lists = {part.name: part.num_examples for part in sliced.datasets}
    assert lists == {"All Examples": 40, "list_region_US": 30, "list_region_DE": 10}
    whole = _statistics(tmp_path / "train", overall_options(dataset), TRAINING_BRANDS)
    assert tfdv.infer_schema(sliced, False) == tfdv.infer_schema(whole, False)
