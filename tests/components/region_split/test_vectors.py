"""What the most shifted number of a vector shows by chance."""

from collections.abc import Callable

import numpy as np
import pytest
from scipy.special import kolmogorov

from components.region_split.coding import code_feature
from components.region_split.config import RegionSplitConfig
from components.region_split.region_lists import RegionLists
from components.region_split.split import split_features
from components.region_split.vectors import deal_numbers, largest_by_chance
from data.definition.dataset import Dataset

MakeDataset = Callable[..., Dataset]
MakeSample = Callable[..., RegionLists]
MEASURES = ("kolmogorov_smirnov", "jensen_shannon", "wasserstein")
LISTS = 100


def _feature(numbers: int) -> dict[str, object]:
    return {"name": "x", "scope": "item", "kind": "vector", "length": numbers}


def _vectors(seed: int, vectors: int, numbers: int, alike: float = 0.0) -> np.ndarray:
    """Of the variance of each number, a share is common to all numbers."""
    generator = np.random.default_rng(seed)
    own = generator.normal(0, 1, (vectors, numbers))
    return np.sqrt(1 - alike) * own + np.sqrt(alike) * generator.normal(0, 1, (vectors, 1))


def test_the_largest_is_as_much_above_the_mean_as_stated() -> None:
    # Two numbers after two deals: .1 and .3, .5 and .1; their means are .2 and .3. Above these they
    # are -.1 and .1, .2 and -.2, at most .2 and .1. Of missing shares, none differs from its mean.
    dealt = np.array([[[0.1, 0.4], [0.3, 0.4]], [[0.5, 0.0], [0.1, 0.0]]])
    found = largest_by_chance(dealt)
    assert found == pytest.approx([np.sqrt(2 / 1) * (0.2 + 0.1) / 2, 0])
    assert largest_by_chance(dealt[:1]) == pytest.approx([0, 0])


def _above(sample: RegionLists, dataset: Dataset) -> np.ndarray:
    coded = code_feature(
        sample.columns.column("x"), dataset.features[0], "kolmogorov_smirnov", 10_000
    )
    return largest_by_chance(
        np.stack([deal_numbers(one, sample.region_of_list, LISTS, 1) for one in coded])
    )


def test_the_largest_of_independent_numbers_is_that_of_the_kolmogorov_distribution(
    make_dataset: MakeDataset, make_sample: MakeSample
) -> None:
    # E max = integral of 1 - F(x)^64, times sqrt((n + m) / (n m)); E of one is the same with F(x).
    above = []
    for seed in range(0, 4, 2):
        regions = {r: {"x": _vectors(seed + i, 400, 64)} for i, r in enumerate("AB")}
        above.append(_above(make_sample(regions), make_dataset([_feature(64)]))[0])
    x = np.linspace(0, 5, 5001)
    below = 1 - kolmogorov(x)
    expected = (below - below**64).sum() * x[1] * np.sqrt(2 / 400)
    assert np.mean(above) == pytest.approx(expected, rel=0.15)


def test_the_largest_of_equal_numbers_is_that_of_one(
    make_dataset: MakeDataset, make_sample: MakeSample
) -> None:
    regions = {r: {"x": np.tile(_vectors(i, LISTS, 1), 8)} for i, r in enumerate("AB")}
    above = _above(make_sample(regions), make_dataset([_feature(8)]))
    assert above == pytest.approx([0, 0], abs=1e-12)


@pytest.mark.parametrize("alike", [0.0, 0.9])
def test_vectors_of_one_source_are_not_dependent(
    make_dataset: MakeDataset, make_sample: MakeSample, alike: float
) -> None:
    # By the chance of one number, 46% of the independent ones were dependent.
    dataset, config = make_dataset([_feature(64)]), RegionSplitConfig()
    for seed in range(0, 6, 2):
        regions = {r: {"x": _vectors(seed + i, LISTS, 64, alike)} for i, r in enumerate("AB")}
        assert split_features(dataset, config, make_sample(regions), {}).invariant == ("x",)


def test_missing_numbers_of_one_source_are_not_dependent(
    make_dataset: MakeDataset, make_sample: MakeSample
) -> None:
    # Half of all numbers are missing, each by itself.
    dataset = make_dataset([_feature(64)])
    for seed in range(0, 6, 2):
        draws = [_vectors(seed + i, LISTS, 64) for i in range(2)]
        regions = {r: {"x": np.where(v < 0, np.nan, v)} for r, v in zip("AB", draws, strict=True)}
        found = split_features(dataset, RegionSplitConfig(), make_sample(regions), {})
        assert found.distances["x"].missing_raw > 0.1
        assert found.invariant == ("x",)


@pytest.mark.parametrize("measure", MEASURES)
def test_vectors_in_long_and_short_lists_of_one_source_are_not_dependent(
    make_dataset: MakeDataset, make_sample: MakeSample, measure: str
) -> None:
    # Lists of 10 items against lists of one: dealt out, no region gets more than it has.
    dataset, config = make_dataset([_feature(8)]), RegionSplitConfig(numeric=measure)
    for seed in range(0, 4, 2):
        draws = [_vectors(seed + i, LISTS * items, 8) for i, items in enumerate((10, 1))]
        regions = {r: {"x": v.reshape(LISTS, -1)} for r, v in zip("AB", draws, strict=True)}
        assert split_features(dataset, config, make_sample(regions), {}).invariant == ("x",)


@pytest.mark.parametrize(
    ("measure", "numbers", "alike"),
    [
        ("kolmogorov_smirnov", 64, 0.0),
        ("kolmogorov_smirnov", 64, 0.9),
        ("jensen_shannon", 8, 0.0),
        ("wasserstein", 8, 0.0),
    ],
)
def test_a_shift_of_one_number_is_found(
    make_dataset: MakeDataset, make_sample: MakeSample, measure: str, numbers: int, alike: float
) -> None:
    draws = [_vectors(seed, 300, numbers, alike) for seed in (1, 2)]
    draws[1][:, 5] += 1.2
    sample = make_sample({r: {"x": v} for r, v in zip("AB", draws, strict=True)})
    config = RegionSplitConfig(numeric=measure)
    split = split_features(make_dataset([_feature(numbers)]), config, sample, {})
    assert split.dependent == ("x",)
    assert split.distances["x"].component == 5


def test_an_ordinary_feature_has_the_chance_of_one_number(
    make_dataset: MakeDataset, make_sample: MakeSample
) -> None:
    regions = {r: {"x": _vectors(i, LISTS, 1)} for i, r in enumerate("AB")}
    one = {"name": "x", "scope": "item", "kind": "numeric"}
    found = split_features(make_dataset([one]), RegionSplitConfig(), make_sample(regions), {})
    expected = 0.87 * np.sqrt(2 / LISTS)
    assert found.distances["x"].expected_by_chance == pytest.approx(expected, rel=2e-3)
