from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from components.region_split.coding import Coded
from components.region_split.config import RegionSplitConfig
from components.region_split.effects import bins_of, compare_effects, lifts_of
from components.region_split.region_lists import RegionLists
from components.region_split.split import split_features
from data.artifacts.region_split import EffectDistance
from data.definition.dataset import Dataset

CODES = 20
MakeDataset = Callable[..., Dataset]
MakeSample = Callable[..., RegionLists]


def test_lifts_are_parts_of_the_lists_relevance() -> None:
    relevance = np.array([2.0, 1, 0, 0, 0, 0, 1, np.nan, 0])
    lists = np.array([0, 0, 0, 1, 1, 2, 2, 2, 3])
    # 3 items share 3; nothing is relevant in list 1; 2 of 3 are known; one item has no order.
    expected = [3 * 2 / 3 - 1, 0, -1, np.nan, np.nan, -1, 1, np.nan, np.nan]
    np.testing.assert_allclose(lifts_of(relevance, lists), expected)


def test_lists_that_are_all_equal_have_no_lifts() -> None:
    assert np.isnan(lifts_of(np.array([0.1, 0.1, 0.1]), np.zeros(3, int))).all()


def test_bins_hold_about_as_many_values_and_missing_ones_have_their_own() -> None:
    codes = np.concatenate([np.arange(10), [-1]])
    coded = Coded("kolmogorov_smirnov", codes, np.zeros(11, int), np.arange(10.0))
    assert bins_of(coded).tolist() == [0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5]
    coded = Coded("jensen_shannon", np.array([0, 10, 11, 500, -1]), np.zeros(5, int), np.empty(501))
    assert bins_of(coded).tolist() == [0, 10, 11, 11, 12]


def _found(
    sizes: tuple[int, ...],
    tastes: tuple[float, ...],
    seed: int,
    rates: tuple[float, ...] = (),
    length: int = 12,
) -> EffectDistance:
    """Regions of so many lists; the odds of an action grow with the value by the region's taste."""
    generator = np.random.default_rng(seed)
    rows = sum(sizes)
    region = np.repeat(np.arange(len(sizes)), sizes)
    values = generator.normal(0, 1, (rows, length))
    odds = np.take(rates or (-2.0,) * len(sizes), region) + generator.normal(0, 0.5, rows)
    logits = odds[:, np.newaxis] + np.take(tastes, region)[:, np.newaxis] * values
    acted = generator.random((rows, length)) < 1 / (1 + np.exp(-logits))
    lists = np.repeat(np.arange(rows), length)
    cuts = np.quantile(values, np.arange(1, CODES) / CODES)
    codes = np.searchsorted(cuts, values.ravel())
    coded = Coded("kolmogorov_smirnov", codes, lists, np.arange(float(CODES)))
    relevance = acted.ravel() * generator.integers(1, 4, acted.size)
    found = compare_effects(coded, lifts_of(relevance, lists), region, 50, seed=1)
    assert found is not None
    return found


def _both(found: EffectDistance) -> tuple[float, float]:
    return found.raw, found.most_by_chance


@pytest.mark.parametrize("sizes", [(200, 200), (1000, 100), (150,) * 8])
def test_one_taste_is_never_called_two(sizes: tuple[int, ...]) -> None:
    tastes = (0.5,) * len(sizes)
    found = [_found(sizes, tastes, seed) for seed in range(60)]
    # Once in a thousand draws by chance, and then by little.
    assert sum(one.distance > 0.05 for one in found) <= 1
    within = np.mean([one.raw**2 for one in found]) / np.mean(
        [one.most_by_chance**2 for one in found]
    )
    assert within < 0.75


def test_how_much_is_bought_is_no_taste() -> None:
    rates = (-3.5, -1.5)
    found = [_found((600, 600), (0.4, 0.4), seed, rates=rates) for seed in range(15)]
    assert max(one.distance for one in found) < 0.05


@pytest.mark.parametrize("sizes", [(300, 300), (1000, 200), (200,) * 6])
def test_two_tastes_are_found(sizes: tuple[int, ...]) -> None:
    tastes = tuple(0.5 * (-1) ** place for place in range(len(sizes)))
    assert min(_found(sizes, tastes, seed).distance for seed in range(8)) > 0.2


def test_the_difference_is_that_of_the_curves() -> None:
    # Value 1 gets all of a list's relevance here and none there; half of the values are 1.
    lists = np.repeat(np.arange(400), 2)
    codes = np.tile([0, 1], 400)
    region = np.repeat([0, 1], 200)
    relevance = np.where(region[lists] == 0, codes, 1 - codes).astype(float)
    coded = Coded("kolmogorov_smirnov", codes, lists, np.array([0.0, 1.0]))
    found = compare_effects(coded, lifts_of(relevance, lists), region, 100, seed=1)
    # Lifts are (-1, 1) and (1, -1), and each list says the same.
    assert found == EffectDistance(distance=2.0, raw=2.0, most_by_chance=0.0)


def test_a_value_too_rare_to_be_acted_on_by_chance_says_nothing() -> None:
    # One of 50 items is acted on in each list. In A, 30 lists have one item of value 1: were it
    # wanted like the others, 30 / 50 of an action would fall on it, and none does.
    lists, place = np.repeat(np.arange(400), 50), np.tile(np.arange(50), 400)
    region = np.repeat([0, 1], 200)
    rare = (lists < 30) & (place == 7)
    codes = np.where(region[lists] == 0, rare, place < 25).astype(int)
    relevance = (place == np.where(lists % 2 == 0, 3, 40)).astype(float)
    coded = Coded("kolmogorov_smirnov", codes, lists, np.array([0.0, 1.0]))
    found = compare_effects(coded, lifts_of(relevance, lists), region, 100, seed=1)
    assert found == EffectDistance()


def test_too_few_lists_with_actions_are_not_compared() -> None:
    lists, codes = np.repeat(np.arange(200), 2), np.tile([0, 1], 200)
    region = np.repeat([0, 1], 100)
    relevance = np.where(lists < 150, codes, 0.0)
    coded = Coded("kolmogorov_smirnov", codes, lists, np.array([0.0, 1.0]))
    lifts = lifts_of(relevance, lists)
    assert compare_effects(coded, lifts, region, 50, seed=1) is not None
    assert compare_effects(coded, lifts, region, 51, seed=1) is None
    assert compare_effects(coded, np.full(400, np.nan), region, 2, seed=1) is None


def _wanted_differently(
    make_sample: MakeSample, kind: str
) -> tuple[RegionLists, list[dict[str, Any]]]:
    """Vectors distributed alike; their third number is wanted in A and unwanted in B."""
    generator = np.random.default_rng(3)
    values = generator.normal(0, 1, (800, 10, 4)).astype(np.float32)
    taste = np.where(np.arange(800) < 400, 1.5, -1.5)[:, np.newaxis]
    acted = generator.random((800, 10)) < 1 / (1 + np.exp(2 - taste * values[..., 2]))
    rows = values.reshape(800, -1) if kind == "vector" else values[..., 2]
    if kind == "categorical":
        rows = [[b"high" if value > 0 else b"low" for value in row] for row in values[..., 2]]
    sample = make_sample({"A": {"x": rows[:400]}, "B": {"x": rows[400:]}})
    lifts = lifts_of(acted.ravel().astype(float), np.repeat(np.arange(800), 10))
    length = {"length": 4} if kind == "vector" else {}
    feature = {"name": "x", "scope": "item", "kind": kind, **length}
    return RegionLists(sample.columns, sample.region_of_list, sample.regions, lifts), [feature]


@pytest.mark.parametrize("kind", ["numeric", "categorical", "vector"])
def test_what_is_distributed_alike_and_wanted_differently_is_dependent(
    make_dataset: MakeDataset, make_sample: MakeSample, kind: str
) -> None:
    sample, features = _wanted_differently(make_sample, kind)
    splits = {
        judge: split_features(make_dataset(features), RegionSplitConfig(judge=judge), sample, {})
        for judge in ("both", "effect", "distribution")
    }
    assert splits["both"].dependent == splits["effect"].dependent == ("x",)
    assert splits["distribution"].dependent == ()
    found = splits["distribution"].distances["x"]
    assert found.differs == ("effect",)
    assert found.effect is not None
    assert found.effect.distance > 0.3
    assert found.effect.component == (2 if kind == "vector" else None)


def test_what_differs_in_its_distribution_alone_is_none_by_its_effect(
    make_dataset: MakeDataset, make_sample: MakeSample
) -> None:
    sample, features = _wanted_differently(make_sample, "numeric")
    generator = np.random.default_rng(4)
    values = generator.normal(0, 1, (800, 10))
    values[400:] += 1
    columns = make_sample({"A": {"x": values[:400]}, "B": {"x": values[400:]}}).columns
    moved = RegionLists(columns, sample.region_of_list, sample.regions, sample.lifts)
    split = split_features(make_dataset(features), RegionSplitConfig(judge="effect"), moved, {})
    assert split.dependent == ()
    assert split.distances["x"].differs == ("distribution",)


def test_context_features_have_no_effect_within_lists(
    make_dataset: MakeDataset, make_sample: MakeSample
) -> None:
    sample, features = _wanted_differently(make_sample, "numeric")
    values = np.random.default_rng(4).normal(0, 1, (800, 1))
    columns = {"x": sample.columns.column("x").to_pylist(), "hour": values}
    regions = {"A": slice(400), "B": slice(400, 800)}
    both = make_sample(
        {name: {one: rows[part] for one, rows in columns.items()} for name, part in regions.items()}
    )
    lists = RegionLists(both.columns, sample.region_of_list, sample.regions, sample.lifts)
    features.append({"name": "hour", "scope": "context", "kind": "numeric"})
    split = split_features(make_dataset(features), RegionSplitConfig(), lists, {})
    assert split.distances["x"].effect is not None
    assert split.distances["hour"].effect is None


def test_10_000_categories_in_50_regions_of_2_000_lists(make_sample: MakeSample) -> None:
    """As many as there may be; slow code takes minutes here."""
    generator = np.random.default_rng(1)
    lists = np.repeat(np.arange(100_000), 5)
    codes = np.minimum(generator.geometric(0.001, len(lists)), 9_999)
    coded = Coded("jensen_shannon", codes, lists, np.arange(10_000.0))
    lifts = lifts_of((generator.random(len(lists)) < 0.2).astype(float), lists)
    found = compare_effects(coded, lifts, np.repeat(np.arange(50), 2_000), 100, seed=1)
    assert found is not None
    assert found.distance < 0.05
