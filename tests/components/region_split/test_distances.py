import numpy as np
import pyarrow as pa
import pytest
from scipy.spatial.distance import jensenshannon
from scipy.stats import ks_2samp, wasserstein_distance

from components.region_split.coding import Coded, code_feature
from components.region_split.comparison import Comparison, compare
from components.region_split.distances import jensen_shannon, kolmogorov_smirnov, wasserstein
from data.definition.feature import Feature

FIRST = np.array([0.5, 0.3, 0.2])
SECOND = np.array([0.1, 0.3, 0.6])


def test_kolmogorov_smirnov_is_the_largest_gap_of_cumulated_shares() -> None:
    assert kolmogorov_smirnov(FIRST, SECOND) == pytest.approx(max(0.5 - 0.1, 0.8 - 0.4))


def test_jensen_shannon_is_the_root_of_the_divergence_in_bits() -> None:
    middle = (FIRST + SECOND) / 2
    divergence = sum(
        0.5 * p * np.log2(p / m) + 0.5 * q * np.log2(q / m)
        for p, q, m in zip(FIRST, SECOND, middle, strict=True)
    )
    assert jensen_shannon(FIRST, SECOND) == pytest.approx(np.sqrt(divergence))
    assert jensen_shannon(FIRST, SECOND) == pytest.approx(jensenshannon(FIRST, SECOND, base=2))


def test_jensen_shannon_is_1_where_nothing_is_shared_and_0_for_equals() -> None:
    assert jensen_shannon(np.array([1.0, 0.0]), np.array([0.0, 1.0])) == pytest.approx(1)
    assert jensen_shannon(FIRST, FIRST) == 0


def test_wasserstein_is_the_area_between_cumulated_shares() -> None:
    positions = np.array([0.0, 1.0, 3.0])
    expected = abs(0.5 - 0.1) * (1 - 0) + abs(0.8 - 0.4) * (3 - 1)
    assert wasserstein(FIRST, SECOND, positions) == pytest.approx(expected)
    assert wasserstein(FIRST, SECOND, positions) == pytest.approx(
        wasserstein_distance(positions, positions, FIRST, SECOND)
    )


def test_one_against_many() -> None:
    many = np.stack([FIRST, SECOND])
    for distance in (kolmogorov_smirnov, jensen_shannon):
        assert distance(FIRST, many).tolist() == [0, distance(FIRST, SECOND)]


def _column(first: np.ndarray, second: np.ndarray) -> pa.Array:
    """Two regions of lists with one value each."""
    return pa.array([[value] for value in np.concatenate([first, second])])


def _code(column: pa.Array, measure: str, log: bool = False) -> Coded:
    feature = Feature(name="x", scope="item", kind="numeric", log=log)
    (coded,) = code_feature(column, feature, measure, most_values=10)
    return coded


def _compare(first: np.ndarray, second: np.ndarray, measure: str) -> Comparison:
    regions = np.repeat([0, 1], [len(first), len(second)])
    return compare(_code(_column(first, second), measure), regions, fewest_lists=2, seed=1)


SOURCES = {
    "continuous": lambda generator, shift: generator.normal(shift, 1, 3000),
    "few values": lambda generator, shift: generator.poisson(2 + shift, 3000),
    "mostly zero": lambda generator, shift: np.maximum(0, generator.normal(shift - 1, 1, 3000)),
}


@pytest.mark.parametrize("source", sorted(SOURCES))
def test_distances_of_values_agree_with_scipy(source: str) -> None:
    generator = np.random.default_rng(1)
    first = SOURCES[source](generator, 0).astype(np.float32)
    second = SOURCES[source](generator, 0.7)[:800].astype(np.float32)
    # 1,000 quantiles tell cumulated shares to about a thousandth; separate values exactly.
    tolerance = 1e-9 if source == "few values" else 4e-3
    samples = (first.astype(np.float64), second.astype(np.float64))
    found = _compare(first, second, "kolmogorov_smirnov").raw
    assert found == pytest.approx(ks_2samp(*samples).statistic, abs=tolerance)
    scale = np.sqrt(2 * np.pi) * np.concatenate(samples).std()
    found = _compare(first, second, "wasserstein").raw
    assert found == pytest.approx(wasserstein_distance(*samples) / scale, abs=tolerance)


@pytest.mark.parametrize("measure", ["kolmogorov_smirnov", "jensen_shannon", "wasserstein"])
def test_all_measures_agree_on_a_small_shift_of_a_normal_distribution(measure: str) -> None:
    # The density of a normal distribution at its mean is 1 / sqrt(2 pi) = .40.
    generator = np.random.default_rng(1)
    first, second = generator.normal(0, 1, 20_000), generator.normal(0.4, 1, 20_000)
    found = _compare(first.astype(np.float32), second.astype(np.float32), measure)
    assert found.raw == pytest.approx(0.4 / np.sqrt(2 * np.pi), abs=0.015)


def test_a_log_feature_is_compared_on_its_log_scale() -> None:
    values = np.array([0, np.e - 1, np.e**2 - 1, -(np.e - 1)], np.float32)
    coded = _code(_column(values[:2], values[2:]), "wasserstein", log=True)
    expected = np.array([-1, 0, 1, 2]) / (np.sqrt(2 * np.pi) * np.std([-1, 0, 1, 2]))
    np.testing.assert_allclose(coded.positions, expected, rtol=1e-6)


def test_values_that_are_not_finite_are_missing() -> None:
    values = np.array([1, np.nan, np.inf, 2, -np.inf, 1], np.float32)
    coded = _code(_column(values[:3], values[3:]), "kolmogorov_smirnov")
    assert coded.codes.tolist() == [0, -1, -1, 1, -1, 0]
