"""Statistics of histories: empty ones are no fault, lost ones are."""

import pyarrow as pa
import tensorflow_data_validation as tfdv
from tensorflow_data_validation.statistics.stats_impl import generate_statistics_in_memory
from tensorflow_metadata.proto.v0 import statistics_pb2

from components.example_validator import checks
from components.example_validator.config import ValidationConfig
from components.example_validator.distances import Sides, compare
from components.example_validator.statistics_by_region import by_region
from components.list_statistics import overall_options
from data.definition.dataset import Dataset

DATASET = Dataset.model_validate(
    {
        "name": "shop",
        "list_id": "search",
        "tasks": [{"name": "click", "grade": 1}],
        "features": [
            {"name": "price", "scope": "item", "kind": "numeric"},
            {"name": "seen_price", "scope": "history", "like": "price"},
            {"name": "seen_brand", "scope": "history", "kind": "categorical"},
        ],
    }
)


def _statistics(lengths: list[int]) -> statistics_pb2.DatasetFeatureStatisticsList:
    numbers, texts = pa.list_(pa.float32()), pa.list_(pa.binary())
    batch = pa.RecordBatch.from_pydict(
        {
            "price": pa.array([[1.0, 2.0]] * len(lengths), numbers),
            "seen_price": pa.array([[5.0, 6.0, 7.0][:length] for length in lengths], numbers),
            "seen_brand": pa.array([[b"a", b"b", b""][:length] for length in lengths], texts),
        }
    )
    return generate_statistics_in_memory(batch, overall_options(DATASET))


def test_histories_of_any_length_fit_the_inferred_schema() -> None:
    schema = tfdv.infer_schema(_statistics([0, 1, 3, 2]), infer_feature_shape=False)
    other = {"eval": _statistics([0, 0]), "train": _statistics([3, 3])}
    assert checks.against_schema(other, schema)[1] == []


def test_histories_that_lose_most_of_their_entries_stop_a_run() -> None:
    config = ValidationConfig(drift={"infinity_norm": None, "jensen_shannon": None})
    whole = by_region(_statistics([2, 2, 2, 2]))
    few, half = by_region(_statistics([3, 0, 0, 0])), by_region(_statistics([1, 1, 2, 0]))
    for now, found in ((few, ["0.8 past actions a list, 2.0 in the last run"]), (half, [])):
        findings, _ = compare(DATASET, config, Sides("drift", now, whole, "the last run"))
        assert [one.message for one in findings] == found
    # More than before is no fault, but served lists should have as many as those of training.
    assert compare(DATASET, config, Sides("drift", whole, few, "the last run"))[0] == []
    skew = ValidationConfig(skew={"infinity_norm": None, "jensen_shannon": None})
    findings, _ = compare(DATASET, skew, Sides("skew", whole, few, "the serving logs"))
    assert [one.feature for one in findings] == ["seen_price"]


def test_no_past_action_at_all_is_compared_without_fault() -> None:
    none = by_region(_statistics([0, 0]))
    findings, distances = compare(
        DATASET, ValidationConfig(), Sides("drift", none, none, "the last run")
    )
    assert findings == []
    assert {one.feature for one in distances} <= {"price"}
