"""Training lists are counted by region."""

from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf
from tfx.components.statistics_gen.stats_artifact_utils import load_statistics
from tfx.types import artifact_utils
from tfx.types.channel_utils import as_channel
from tfx.types.standard_artifacts import Examples, ExampleStatistics

from components.example_validator.statistics_by_region import by_region, features_of
from components.region_statistics.component import RegionStatistics
from components.region_statistics.executor import Executor
from data.definition import keys
from data.definition.dataset import Dataset
from data.lists.examples import plain_example

DATASET = Dataset.model_validate(
    {
        "name": "shop",
        "list_id": "search",
        "region": "country",
        "tasks": [{"name": "click", "grade": 1}],
        "features": [{"name": "price", "scope": "item", "kind": "numeric"}],
    }
)
# By split: prices of the lists of each region.
LISTS = {
    keys.TRAIN: {b"DE": [[1, 2], [3, 4]], b"FR": [[10, 20, 30]]},
    keys.EVALUATION: {b"DE": [[1000, 1000]]},
}


@pytest.fixture
def examples(tmp_path: Path) -> Examples:
    found = Examples()
    found.uri, found.span = str(tmp_path / "examples"), 0
    found.split_names = artifact_utils.encode_split_names(list(LISTS))
    found.set_string_custom_property("payload_format", "FORMAT_TF_EXAMPLE")
    for split, regions in LISTS.items():
        folder = tmp_path / f"examples/Split-{split}"
        folder.mkdir(parents=True)
        with tf.io.TFRecordWriter(str(folder / "lists")) as writer:
            for region, lists in regions.items():
                for prices in lists:
                    columns = {
                        keys.LIST_REGION: np.array([region], object),
                        "price": np.array(prices, np.float32),
                    }
                    writer.write(plain_example(columns))
    return found


def test_training_lists_are_counted_by_region(examples: Examples, tmp_path: Path) -> None:
    component = RegionStatistics(as_channel([examples]), DATASET.model_dump_json())
    found = ExampleStatistics()
    found.uri = str(tmp_path / "statistics")
    Executor().Do({"examples": [examples]}, {"statistics": [found]}, component.spec.exec_properties)
    assert artifact_utils.decode_split_names(found.split_names) == [keys.TRAIN]
    slices = by_region(load_statistics(found, keys.TRAIN).proto())
    assert {
        region: (part.num_examples, features_of(part)["price"].num_stats.mean)
        for region, part in slices.items()
    } == {None: (3, 70 / 7), "DE": (2, 10 / 4), "FR": (1, 60 / 3)}
