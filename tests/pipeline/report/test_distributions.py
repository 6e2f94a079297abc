import itertools
from pathlib import Path

import numpy as np
import pytest
from tensorflow_metadata.proto.v0 import statistics_pb2

from data.definition.dataset import Dataset
from pipeline.report.distributions import BINS, feature_distributions

DATASET = Dataset.model_validate(
    {
        "name": "shop",
        "list_id": "search",
        "tasks": [{"name": "click", "grade": 1}],
        "region": "country",
        "features": [
            {"name": "price", "scope": "item", "kind": "numeric"},
            {"name": "brand", "scope": "item", "kind": "categorical"},
        ],
    }
)


def add_slice(
    found: statistics_pb2.DatasetFeatureStatisticsList,
    name: str,
    lists: int,
    prices: list[float],
    brands: dict[str, int],
) -> None:
    """A slice whose prices lie evenly between the given ones; one of ten is missing."""
    part = found.datasets.add(name=name, num_examples=lists)
    price = part.features.add()
    price.path.step.append("price")
    price.num_stats.common_stats.tot_num_values = 100
    quantiles = price.num_stats.histograms.add(type="QUANTILES", num_nan=10)
    for low, high in itertools.pairwise(prices):
        quantiles.buckets.add(low_value=low, high_value=high, sample_count=90 / (len(prices) - 1))
    brand = part.features.add()
    brand.path.step.append("brand")
    brand.string_stats.common_stats.tot_num_values = sum(brands.values())
    for label, number in brands.items():
        brand.string_stats.rank_histogram.buckets.add(label=label, sample_count=number)


def test_shares_by_region(tmp_path: Path) -> None:
    found = statistics_pb2.DatasetFeatureStatisticsList()
    add_slice(found, "All Examples", 30, [0.0, 100.0], {"ace": 60, "bee": 30, "": 10})
    add_slice(found, "list_region_FR", 10, [0.0, 50.0], {"ace": 1, "": 3})
    add_slice(found, "list_region_DE", 20, [0.0, 50.0, 60.0], {"bee": 2})
    folder = tmp_path / "Split-train"
    folder.mkdir()
    (folder / "FeatureStats.pb").write_bytes(found.SerializeToString())
    read = feature_distributions(str(tmp_path), DATASET)
    assert list(read["regions"].items()) == [("DE", 20), ("FR", 10)]
    price, brand = read["features"]["price"], read["features"]["brand"]
    # The axis goes from the 1st to the 99th percentile of all.
    assert price["edges"] == pytest.approx(np.linspace(1, 99, BINS + 1))
    width = 98 / BINS
    assert price["shares"]["FR"][:3] == pytest.approx([width / 50] * 3, abs=1e-5)
    assert sum(price["shares"]["FR"]) == pytest.approx(49 / 50, abs=1e-4)
    assert sum(price["shares"]["DE"]) == pytest.approx(1 - 0.5 / 50, abs=1e-4)
    assert price["missing"] == {"DE": 0.1, "FR": 0.1}
    assert brand["labels"] == ["ace", "bee", "others"]
    assert brand["shares"] == {"DE": [0.0, 1.0, 0.0], "FR": [0.25, 0.0, 0.0]}
    assert brand["missing"] == {"DE": 0.0, "FR": 0.75}
