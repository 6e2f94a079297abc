"""How features differ by region, and that they do not once the effect is switched off."""

from collections.abc import Callable

import numpy as np
import pyarrow as pa
import pytest
from scipy.stats import ks_2samp

Simulate = Callable[..., pa.Table]
SHIFTED = ("price", "shipping_cost", "delivery_days", "discount", "distance_km", "seller_rating")
UNSHIFTED = ("review_count", "popularity", "text_match", "photo_quality", "photo_count", "age_days")


def _numbers(table: pa.Table, column: str) -> np.ndarray:
    return table[column].to_numpy().astype(float)


@pytest.fixture(scope="module")
def unshifted(simulated: Simulate) -> pa.Table:
    return simulated(regional_shifts=False, item_features=19)


def _of(table: pa.Table, region: str, column: str) -> np.ndarray:
    values = _numbers(table, column)[table["country"].to_numpy() == region]
    return values[np.isfinite(values)]


def _distance(table: pa.Table, column: str) -> float:
    """The largest Kolmogorov-Smirnov distance between three of the larger regions."""
    pairs = (("US", "DE"), ("US", "AU"), ("DE", "AU"))
    return max(ks_2samp(_of(table, a, column), _of(table, b, column)).statistic for a, b in pairs)


@pytest.mark.parametrize("column", SHIFTED)
def test_shifted_features_differ_by_region(logs: pa.Table, column: str) -> None:
    assert _distance(logs, column) > 0.1


@pytest.mark.parametrize("column", UNSHIFTED)
def test_other_features_do_not(logs: pa.Table, column: str) -> None:
    assert _distance(logs, column) < 0.05


@pytest.mark.parametrize("column", [*SHIFTED, *UNSHIFTED, "item_noise_02"])
def test_no_feature_differs_without_shifts(unshifted: pa.Table, column: str) -> None:
    assert _distance(unshifted, column) < 0.05


def test_location_and_scale_of_log_price(logs: pa.Table) -> None:
    # Within one category, log price is normal around the region's level, with its spread.
    kept = logs.filter(pa.compute.equal(logs["listing_category"], "home"))
    american, japanese = (np.log(_of(kept, region, "price")) for region in ("US", "JP"))
    assert japanese.mean() - american.mean() == pytest.approx(0.9 - 0.3, abs=0.05)
    assert american.std() == pytest.approx(0.7, abs=0.05)
    assert japanese.std() == pytest.approx(0.4, abs=0.05)


def test_share_of_sellers_without_rating(logs: pa.Table, unshifted: pa.Table) -> None:
    def unrated(table: pa.Table, region: str) -> float:
        values = _numbers(table, "seller_rating")[table["country"].to_numpy() == region]
        return float(np.isnan(values).mean())

    assert unrated(logs, "US") == pytest.approx(0.04, abs=0.01)
    assert unrated(logs, "ES") == pytest.approx(0.30, abs=0.02)
    assert unrated(unshifted, "US") == pytest.approx(unrated(unshifted, "ES"), abs=0.02)


def test_share_of_domestic_listings(logs: pa.Table, unshifted: pa.Table) -> None:
    def domestic(table: pa.Table, region: str) -> float:
        home = table["country"].to_numpy() == region
        return float(np.mean(table["listing_country"].to_numpy()[home] == region))

    assert domestic(logs, "US") == pytest.approx(0.75, abs=0.01)
    assert domestic(logs, "CA") == pytest.approx(0.25, abs=0.02)
    for region in ("US", "CA"):
        assert domestic(unshifted, region) == pytest.approx(0.1, abs=0.02)


def test_every_second_noise_feature_is_shifted(simulated: Simulate) -> None:
    noisy = simulated(lists=3_000, item_features=19)
    assert _distance(noisy, "item_noise_01") < 0.05
    # Locations .3 (AU) and -.5 (DE): normal distributions .8 apart.
    assert _distance(noisy, "item_noise_02") == pytest.approx(0.31, abs=0.04)
