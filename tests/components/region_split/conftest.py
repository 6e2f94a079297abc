"""Examples of lists and samples made of them."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
import tensorflow as tf
from tfx_bsl.coders.example_coder import RecordBatchToExamplesEncoder

from components.region_split.region_lists import RegionLists
from data.definition.dataset import Dataset, Task

Lists = Sequence[Sequence[float] | Sequence[bytes]]


def _column(lists: Lists) -> pa.Array:
    texts = any(isinstance(value, bytes) for values in lists for value in values)
    kind = pa.large_list(pa.large_binary() if texts else pa.float32())
    return pa.array([list(values) for values in lists], kind)


@pytest.fixture(scope="session")
def make_dataset() -> Callable[..., Dataset]:
    def make(features: Sequence[Mapping[str, object]], **fields: object) -> Dataset:
        given = {
            "name": "shop",
            "list_id": "search",
            "region": "country",
            "tasks": (Task(name="click", grade=1),),
            "features": features,
        }
        return Dataset.model_validate({**given, **fields})

    return make


@pytest.fixture(scope="session")
def make_sample() -> Callable[..., RegionLists]:
    """A sample from, by region, the lists of each feature."""

    def make(regions: Mapping[str, Mapping[str, Lists]]) -> RegionLists:
        sizes = {name: len(next(iter(features.values()))) for name, features in regions.items()}
        names = list(next(iter(regions.values())))
        columns = [
            _column([row for features in regions.values() for row in features[name]])
            for name in names
        ]
        region_of_list = np.repeat(np.arange(len(sizes)), list(sizes.values()))
        return RegionLists(pa.RecordBatch.from_arrays(columns, names), region_of_list, sizes)

    return make


@pytest.fixture(scope="session")
def write_examples() -> Callable[..., None]:
    """Writes lists to a TFRecord file; `order` is the order of the lists in it."""

    def write(path: Path, columns: Mapping[str, Lists], order: Sequence[int]) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        batch = pa.RecordBatch.from_arrays(list(map(_column, columns.values())), list(columns))
        examples = RecordBatchToExamplesEncoder().encode(batch)
        with tf.io.TFRecordWriter(str(path)) as writer:
            for place in order:
                writer.write(examples[place])

    return write
