"""ExampleValidator on statistics of two runs: what stops the second one, and what is only told."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import tensorflow_data_validation as tfdv
from google.protobuf import text_format
from tensorflow_metadata.proto.v0 import schema_pb2
from tfx.types import artifact_utils
from tfx.types.standard_artifacts import ExampleAnomalies, ExampleStatistics, Schema

from components.example_validator.config import ValidationConfig
from components.example_validator.executor import Executor
from components.example_validator.validation import Validation
from components.last_run import made_from
from data.definition.dataset import Dataset
from data.errors import InputError
from tests.components.example_validator.conftest import MakeStatistics, Statistics

SHOP = {"DE": 400, "FR": 300, "FI": 50}
Record = Callable[[str, object], None]


@pytest.fixture(scope="module")
def last(make_statistics: MakeStatistics) -> Statistics:
    return make_statistics(SHOP)


def artifact(folder: Path, split: str, statistics: Statistics, number: int) -> ExampleStatistics:
    found = ExampleStatistics()
    found.uri, found.id = str(folder), number
    found.split_names = artifact_utils.encode_split_names([split])
    (folder / f"Split-{split}").mkdir(parents=True)
    path = folder / f"Split-{split}" / "FeatureStats.pb"
    path.write_bytes(statistics.SerializeToString())
    return found


class Validator:
    """One execution in a folder of its own."""

    def __init__(self, folder: Path, dataset: Dataset) -> None:
        self._folder, self._dataset = folder, dataset
        self.anomalies = ExampleAnomalies()
        self.anomalies.uri = str(folder / "anomalies")

    def do(
        self,
        now: Statistics,
        last: Statistics | None = None,
        served: Statistics | None = None,
        schema: schema_pb2.Schema | None = None,
        **config: Any,
    ) -> Validation:
        current = artifact(self._folder / "now", "train", now, 7)
        inputs = {"statistics": [current], "region_statistics": [current]}
        inputs["schema"] = [self._schema(schema or tfdv.infer_schema(now, False))]
        if last is not None:
            inputs["last_statistics"] = [artifact(self._folder / "last", "train", last, 3)]
        if served is not None:
            inputs["serving_statistics"] = [artifact(self._folder / "served", "serving", served, 5)]
        properties = {
            "dataset": self._dataset.model_dump_json(),
            "config": ValidationConfig.model_validate(config).model_dump_json(),
            "serving_logs": "served.csv" if served is not None else "",
        }
        Executor().Do(inputs, {"anomalies": [self.anomalies]}, properties)
        return Validation.load(self.anomalies.uri)

    def _schema(self, schema: schema_pb2.Schema) -> Schema:
        found = Schema()
        found.uri = str(self._folder / "schema")
        (self._folder / "schema").mkdir()
        (self._folder / "schema" / "schema.pbtxt").write_text(text_format.MessageToString(schema))
        return found


@pytest.fixture
def validator(tmp_path: Path, dataset: Dataset) -> Validator:
    return Validator(tmp_path, dataset)


def stopped(validator: Validator, *words: str, **of: Any) -> str:
    with pytest.raises(InputError) as error:
        validator.do(**of)
    message = str(error.value)
    for word in words:
        assert word in message, message
    assert made_from(validator.anomalies) in (0, 7)
    return message


def test_a_first_run_says_so_and_goes_on(validator: Validator, last: Statistics) -> None:
    found = validator.do(last)
    assert found.findings == found.distances == ()
    assert found.notes[0].startswith("no earlier run was accepted")
    assert made_from(validator.anomalies) == 7


def test_another_draw_of_the_same_shop_is_no_anomaly(
    validator: Validator, last: Statistics, make_statistics: MakeStatistics
) -> None:
    found = validator.do(make_statistics(SHOP, seed=2), last)
    assert found.findings == ()
    assert {(one.feature, one.region) for one in found.distances} == {
        (name, region) for name in ("price", "brand", "adults") for region in (None, "DE", "FR")
    }
    assert all(one.value < one.threshold for one in found.distances)
    measures = {one.feature: one.measure for one in found.distances}
    assert measures == {
        "price": "jensen_shannon",
        "brand": "infinity_norm",
        "adults": "jensen_shannon",
    }


@pytest.mark.parametrize("side", ["last", "served"])
def test_missing_numbers_are_no_distance_between_equal_lists(
    validator: Validator, make_statistics: MakeStatistics, side: str
) -> None:
    gaps = make_statistics(SHOP, missing={"": 0.3})
    found = validator.do(gaps, **{side: gaps})
    assert found.findings == ()
    assert {one.value for one in found.distances} == {0.0}


def test_numbers_that_move_beside_missing_ones_are_told(
    validator: Validator, make_statistics: MakeStatistics
) -> None:
    gaps = make_statistics(SHOP, missing={"": 0.3})
    found = validator.do(make_statistics(SHOP, price=10_000.0, missing={"": 0.3}), gaps)
    values = [one.value for one in found.distances if one.feature == "price"]
    assert values == pytest.approx([1.0, 1.0, 1.0])  # Overall, DE and FR.


ANOMALIES = {
    "a feature gone": ({"missing": {"": 1.0}}, "feature price: 100% of its values are missing, 0%"),
    "a feature gone in one region": (
        {"missing": {"FR": 1.0}},
        "region FR, feature brand: 100% of its values are missing, 0% in the last run",
    ),
    "a vocabulary exploded": ({"brands": 5000}, "feature brand: 2,277 values, 20 in the last run"),
    "a category written otherwise": (
        {"brand": "BRAND %d"},
        "feature brand: expected values of the last run for 50% of the items or more, found others"
        " such as 'BRAND ",
    ),
    "a region's share collapsed": (
        {"lists": {"DE": 700, "FR": 30, "FI": 50}},
        "region FR: 3.85% of the training lists (30), 40.00% in the last run",
    ),
    "a region gone": ({"lists": {"DE": 700}}, "region FR: 0.00% of the training lists (0), 40.00%"),
}


@pytest.mark.reliability("drift")
@pytest.mark.parametrize("kind", list(ANOMALIES))
def test_anomalies_that_matter_stop_the_run(
    kind: str,
    validator: Validator,
    last: Statistics,
    make_statistics: MakeStatistics,
    record_property: Record,
) -> None:
    changes, words = ANOMALIES[kind]
    now = make_statistics(**{"lists": SHOP, "seed": 3, **changes})
    message = stopped(validator, "stop the run", words, "on_anomalies: warn", now=now, last=last)
    record_property("what", kind)
    told(record_property, (message, words))


def told(record_property: Record, *stops: tuple[str, str]) -> None:
    """Records the line of each message that has the words."""
    lines = [
        next(line for line in message.splitlines() if words in line) for message, words in stops
    ]
    record_property("tried", len(lines))
    record_property("outcome", f"the run stops: {'; '.join(map(str.strip, lines))}")


def test_every_anomaly_is_in_the_one_message(
    validator: Validator, last: Statistics, make_statistics: MakeStatistics
) -> None:
    now = make_statistics({"DE": 700, "FR": 30}, missing={"": 1.0})
    stopped(validator, "region FR:", "feature price:", "feature brand:", now=now, last=last)


def test_warn_lists_anomalies_and_accepts_the_data(
    validator: Validator, last: Statistics, make_statistics: MakeStatistics
) -> None:
    now = make_statistics({"DE": 700})
    found = validator.do(now, last, on_anomalies="warn")
    assert [one.check for one in found.stopping] == ["region_share"]
    assert made_from(validator.anomalies) == 7


def test_drift_is_told_by_region_and_stops_where_that_is_asked_for(
    tmp_path: Path, dataset: Dataset, last: Statistics, make_statistics: MakeStatistics
) -> None:
    now = make_statistics(SHOP, price=150.0)
    found = Validator(tmp_path / "told", dataset).do(now, last)
    drifted = {(one.feature, one.region) for one in found.findings}
    assert drifted == {("price", None), ("price", "DE"), ("price", "FR")}
    assert found.stopping == []
    assert found.distances[0].feature == "price"
    words = ("region FR, feature price: jensen_shannon of 0.", "expected at most 0.1")
    stopped(Validator(tmp_path / "b", dataset), *words, now=now, last=last, drift={"stop": True})
    off = {"stop": True, "features": {"price": None}}
    assert Validator(tmp_path / "c", dataset).do(now, last, drift=off).findings == ()


@pytest.mark.parametrize(
    ("changes", "config"),
    [
        ({"lists": {"DE": 700}}, {"region_share": None}),
        ({"lists": {"DE": 700}}, {"region_share": 0}),
        ({"missing": {"": 1.0}}, {"most_missing": None, "known_values": None}),
        ({"brand": "BRAND %d"}, {"known_values": None}),
        ({"brand": "BRAND %d"}, {"not_compared": ["brand"]}),
        ({"brands": 5000}, {"vocabulary_growth": 1e300, "known_values": None}),
    ],
)
def test_each_check_can_be_switched_off(
    changes: dict,
    config: dict,
    validator: Validator,
    last: Statistics,
    make_statistics: MakeStatistics,
) -> None:
    now = make_statistics(**{"lists": SHOP, **changes})
    assert validator.do(now, last, **config).stopping == []


@pytest.mark.reliability("drift")
def test_skew_between_training_and_serving_stops_the_run_by_region(
    tmp_path: Path,
    dataset: Dataset,
    last: Statistics,
    make_statistics: MakeStatistics,
    record_property: Record,
) -> None:
    alike = Validator(tmp_path / "a", dataset).do(last, served=make_statistics(SHOP, seed=8))
    assert alike.findings == ()
    assert {one.check for one in alike.distances} == {"skew"}
    served = make_statistics(SHOP, price=10_000.0)
    far = "region DE, feature price: jensen_shannon of 1.000 from the serving logs"
    other = stopped(Validator(tmp_path / "b", dataset), far, now=last, served=served)
    served = make_statistics(SHOP, missing={"DE": 1.0})
    none = "region DE, feature brand: 0% of its values are missing, 100% in the serving logs"
    gone = stopped(Validator(tmp_path / "c", dataset), none, now=last, served=served)
    told(record_property, (other, far), (gone, none))


@pytest.mark.reliability("drift")
def test_a_column_that_is_not_there_or_of_another_type_stops_the_run(
    tmp_path: Path, dataset: Dataset, last: Statistics, record_property: Record
) -> None:
    schema = tfdv.infer_schema(last, False)
    schema.feature.add(name="stars", type=schema_pb2.FLOAT).presence.min_fraction = 1
    none = "feature stars: Column"
    gone = stopped(Validator(tmp_path / "a", dataset), none, now=last, schema=schema)
    schema = tfdv.infer_schema(last, False)
    tfdv.get_feature(schema, "price").type = schema_pb2.BYTES
    words = ("feature price: ", "BYTES", "FLOAT")
    other = stopped(Validator(tmp_path / "b", dataset), *words, now=last, schema=schema)
    told(record_property, (gone, none), (other, words[0]))
