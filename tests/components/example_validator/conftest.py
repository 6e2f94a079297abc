"""Statistics of small shops, as RegionStatistics makes them."""

from collections.abc import Callable, Mapping

import numpy as np
import pyarrow as pa
import pytest
from tensorflow_data_validation.statistics.stats_impl import generate_statistics_in_memory
from tensorflow_metadata.proto.v0 import statistics_pb2

from components.list_statistics import overall_options
from data.definition.dataset import Dataset

Shop = Mapping[str, int]
Statistics = statistics_pb2.DatasetFeatureStatisticsList
MakeStatistics = Callable[..., Statistics]

ITEMS = 4


@pytest.fixture(scope="session")
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
                {"name": "adults", "scope": "context", "kind": "numeric"},
            ],
        }
    )


@pytest.fixture(scope="session")
def make_statistics(dataset: Dataset) -> MakeStatistics:
    """Makes statistics of a shop: lists by region, and how its values are drawn."""

    def make(
        lists: Shop,
        seed: int = 1,
        brands: int = 20,
        brand: str = "brand %d",
        price: float = 100.0,
        missing: Mapping[str, float] | None = None,
    ) -> Statistics:
        """`missing`: share of missing prices and brands by region, or everywhere under ""."""
        draw = np.random.default_rng(seed)
        regions = np.repeat(list(lists), list(lists.values()))
        shape = (len(regions), ITEMS)
        shares = np.array([(missing or {}).get(r, (missing or {}).get("", 0)) for r in regions])
        gone = draw.random(shape) < shares[:, None]
        prices = np.where(gone, np.nan, draw.normal(price, price / 10, shape))
        names = np.array([(brand % number).encode() for number in range(brands)], object)
        brand_values = np.where(gone, b"", names[draw.integers(0, brands, shape)])
        batch = pa.RecordBatch.from_pydict(
            {
                "list_region": [[region.encode()] for region in regions],
                "price": pa.array(list(prices), pa.list_(pa.float32())),
                "brand": pa.array([list(row) for row in brand_values], pa.list_(pa.binary())),
                "adults": pa.array(
                    draw.integers(1, 5, (len(regions), 1)).tolist(), pa.list_(pa.float32())
                ),
                "label_click": pa.array(
                    [[0.0, 1.0, 0.0, 0.0]] * len(regions), pa.list_(pa.float32())
                ),
            }
        )
        found = _slice(dataset, batch, "All Examples")
        column = np.array(regions)
        for region in lists:
            part = batch.filter(pa.array(column == region))
            found.MergeFrom(_slice(dataset, part, f"list_region_{region}"))
        return found

    return make


def _slice(dataset: Dataset, batch: pa.RecordBatch, name: str) -> Statistics:
    """What RegionStatistics writes of a slice, without Beam; test_statistics has the real thing."""
    found = generate_statistics_in_memory(batch, overall_options(dataset))
    found.datasets[0].name = name
    return found
