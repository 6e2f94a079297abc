from collections.abc import Callable
from itertools import product

import numpy as np
import pytest

from components.region_split.config import RegionSplitConfig
from components.region_split.region_lists import RegionLists
from components.region_split.split import choose_regions, split_features
from data.definition.dataset import Dataset

ITEMS = 10
NUMERIC = {"name": "x", "scope": "item", "kind": "numeric"}
TEXT = {"name": "x", "scope": "item", "kind": "categorical"}
MEASURES = ("kolmogorov_smirnov", "jensen_shannon", "wasserstein")
MakeDataset = Callable[..., Dataset]
MakeSample = Callable[..., RegionLists]


def _same(generator: np.random.Generator, size: tuple[int, int]) -> np.ndarray:
    return generator.normal(0, 1, size)


def _location(generator: np.random.Generator, size: tuple[int, int]) -> np.ndarray:
    return generator.normal(0.8, 1, size)


def _scale(generator: np.random.Generator, size: tuple[int, int]) -> np.ndarray:
    return generator.normal(0, 2.5, size)


def _shape(generator: np.random.Generator, size: tuple[int, int]) -> np.ndarray:
    # Of mean 0 and deviation 1 as the normal one is.
    return generator.choice([-1.0, 1.0], size) * generator.uniform(0.95, 1.05, size)


def _missing(generator: np.random.Generator, size: tuple[int, int]) -> np.ndarray:
    return np.where(generator.random(size) < 0.3, np.nan, generator.normal(0, 1, size))


def _draw(source: Callable, lists: int, seed: int) -> np.ndarray:
    return source(np.random.default_rng(seed), (lists, ITEMS))


@pytest.mark.parametrize(
    ("source", "measure"), product([_location, _scale, _shape, _missing], MEASURES)
)
def test_every_kind_of_shift_is_found(
    make_dataset: MakeDataset, make_sample: MakeSample, source: Callable, measure: str
) -> None:
    sample = make_sample({"A": {"x": _draw(_same, 500, 1)}, "B": {"x": _draw(source, 300, 2)}})
    config = RegionSplitConfig(numeric=measure)
    split = split_features(make_dataset([NUMERIC]), config, sample, {})
    assert (split.dependent, split.invariant) == (("x",), ())
    found = split.distances["x"]
    values = found.raw - found.expected_by_chance
    missing = found.missing_raw - found.missing_expected_by_chance
    assert found.distance == pytest.approx(max(values, missing), abs=2e-6)
    assert (missing > values) == (source is _missing)


def _alike_in_list(generator: np.random.Generator, size: tuple[int, int]) -> np.ndarray:
    return np.repeat(generator.normal(0, 1, (size[0], 1)), size[1], axis=1)


@pytest.mark.parametrize(("source", "measure"), product([_same, _alike_in_list], MEASURES))
def test_two_draws_of_200_lists_from_one_source_are_not_shifted(
    make_dataset: MakeDataset, make_sample: MakeSample, source: Callable, measure: str
) -> None:
    # Not even where the items of a list are all alike: 2,000 rows then tell no more than 200.
    config = RegionSplitConfig(numeric=measure)
    distances = []
    for seed in range(0, 40, 2):
        draws = [_draw(source, 200, seed + place) for place in (0, 1)]
        sample = make_sample({"A": {"x": draws[0]}, "B": {"x": draws[1]}})
        split = split_features(make_dataset([NUMERIC]), config, sample, {})
        distances.append(split.distances["x"].distance)
    assert max(distances) < 0.1
    assert min(distances) == 0


def _words(lists: int, seed: int, first: int = 0) -> list[list[bytes]]:
    generator = np.random.default_rng(seed)
    shares = 1 / np.arange(1, 1001)
    codes = generator.choice(1000, (lists, ITEMS), p=shares / shares.sum()) + first
    return [[b"w%d" % code for code in row] for row in codes]


def test_a_category_of_1000_values_is_not_shifted_by_chance(
    make_dataset: MakeDataset, make_sample: MakeSample
) -> None:
    # One item a list, so that 200 lists are 200 rows.
    draws = [[row[:1] for row in _words(200, seed)] for seed in (1, 2)]
    sample = make_sample({"A": {"x": draws[0]}, "B": {"x": draws[1]}})
    split = split_features(make_dataset([TEXT]), RegionSplitConfig(), sample, {})
    assert split.distances["x"].raw > 0.5
    assert split.distances["x"].distance < 0.05


def test_other_categories_in_another_region_are_found(
    make_dataset: MakeDataset, make_sample: MakeSample
) -> None:
    sample = make_sample({"A": {"x": _words(200, 1)}, "B": {"x": _words(200, 2, first=20)}})
    split = split_features(make_dataset([TEXT]), RegionSplitConfig(), sample, {})
    assert split.dependent == ("x",)


def test_rare_categories_count_as_one(make_dataset: MakeDataset, make_sample: MakeSample) -> None:
    # "common" is half of both regions; the rest differs altogether, but counts as one.
    regions = {name: {"x": [[b"common", name.encode() * 2]] * 200} for name in "AB"}
    sample = make_sample(regions)
    config = RegionSplitConfig(most_values=1)
    assert split_features(make_dataset([TEXT]), config, sample, {}).distances["x"].raw == 0
    found = split_features(make_dataset([TEXT]), RegionSplitConfig(), sample, {}).distances["x"]
    # p = (1/2, 1/2, 0), q = (1/2, 0, 1/2): the divergence is (1/2 log2 2 + 1/2 log2 2) / 2.
    assert found.raw == pytest.approx(np.sqrt(0.5), abs=1e-6)


def test_an_empty_text_is_missing(make_dataset: MakeDataset, make_sample: MakeSample) -> None:
    sample = make_sample(
        {"A": {"x": [[b"a", b"b"]] * 200}, "B": {"x": [[b"a", b"b"], [b"", b""]] * 100}}
    )
    found = split_features(make_dataset([TEXT]), RegionSplitConfig(), sample, {}).distances["x"]
    assert (found.raw, found.missing_raw) == (0, 0.5)


def test_a_vector_is_judged_by_its_most_shifted_number(
    make_dataset: MakeDataset, make_sample: MakeSample
) -> None:
    vectors = [np.stack([_draw(_same, 200, seed + k) for k in range(4)], -1) for seed in (1, 9)]
    vectors[1][..., 2] += 1
    sample = make_sample({r: {"x": v.reshape(200, -1)} for r, v in zip("AB", vectors, strict=True)})
    feature = {"name": "x", "scope": "item", "kind": "vector", "length": 4}
    split = split_features(make_dataset([feature]), RegionSplitConfig(), sample, {})
    assert split.dependent == ("x",)
    assert split.distances["x"].component == 2


def test_pairs_of_regions_are_averaged(make_dataset: MakeDataset, make_sample: MakeSample) -> None:
    values = {"A": 0.0, "B": 0.0, "C": 1.0}
    sample = make_sample({region: {"x": [[value]] * 200} for region, value in values.items()})
    found = split_features(make_dataset([NUMERIC]), RegionSplitConfig(), sample, {}).distances["x"]
    assert found.raw == pytest.approx((0 + 1 + 1) / 3, abs=1e-6)
    assert found.expected_by_chance == pytest.approx(0.87 * np.sqrt(2 / 200), rel=2e-3)


def _five_features() -> list[dict[str, object]]:
    names = ("country", "same", "moved", "kept", "put")
    sides = {"kept": "invariant", "put": "dependent"}
    return [
        {
            "name": name,
            "scope": "context" if name == "country" else "item",
            "kind": "numeric",
            "side": sides.get(name),
        }
        for name in names
    ]


def test_pinned_and_country_features_keep_their_side(
    make_dataset: MakeDataset, make_sample: MakeSample
) -> None:
    same, moved = _draw(_same, 200, 1), _draw(_location, 200, 2)
    names = [str(feature["name"]) for feature in _five_features()]
    sample = make_sample(
        {
            "A": dict.fromkeys(names, same),
            "B": {name: moved if name in ("moved", "kept") else same for name in names},
        }
    )
    dataset = make_dataset(_five_features(), country_features=("country",))
    split = split_features(dataset, RegionSplitConfig(), sample, {"C": "small"})
    assert split.country == ("country",)
    assert split.dependent == ("moved", "put")
    assert split.invariant == ("same", "kept")
    assert {name for name, found in split.distances.items() if found.pinned} == {"kept", "put"}
    assert list(split.distances)[:2] == ["kept", "moved"]
    assert (split.regions, split.regions_left_out) == ({"A": 200, "B": 200}, {"C": "small"})
    assert split.reason == ""


def test_without_regions_nothing_is_dependent_but_what_is_pinned(
    make_dataset: MakeDataset,
) -> None:
    dataset = make_dataset(_five_features(), country_features=("country",))
    split = split_features(dataset, RegionSplitConfig(), None, {"A": "50 lists"})
    assert split.dependent == ("put",)
    assert split.invariant == ("same", "moved", "kept")
    assert split.reason == "fewer than two regions have 100 training lists"
    assert {name: found.pinned for name, found in split.distances.items()} == {
        "kept": True,
        "put": True,
    }
    nowhere = make_dataset(_five_features(), region=None)
    assert split_features(nowhere, RegionSplitConfig(), None, {}).reason == (
        "the dataset names no region"
    )


def test_a_feature_that_few_lists_have_is_compared_by_its_missing_share_only(
    make_dataset: MakeDataset, make_sample: MakeSample
) -> None:
    rare = np.full((200, 1), np.nan)
    rare[:50] = 1.0
    sample = make_sample({"A": {"x": rare}, "B": {"x": np.zeros((200, 1))}})
    found = split_features(make_dataset([NUMERIC]), RegionSplitConfig(), sample, {}).distances["x"]
    assert (found.raw, found.expected_by_chance) == (0, 0)
    assert found.missing_raw == 0.75


def test_a_feature_that_is_missing_everywhere_is_invariant(
    make_dataset: MakeDataset, make_sample: MakeSample
) -> None:
    nothing = np.full((200, 3), np.nan)
    sample = make_sample({"A": {"x": nothing}, "B": {"x": nothing}})
    split = split_features(make_dataset([NUMERIC]), RegionSplitConfig(), sample, {})
    assert split.invariant == ("x",)
    assert split.distances["x"].distance == 0


def test_small_and_surplus_regions_are_left_out() -> None:
    lists = {b"A": 150, b"B": 300, b"C": 200, b"D": 99, b"E": 200}
    chosen, left_out = choose_regions(lists, RegionSplitConfig(most_regions=3))
    assert list(chosen.items()) == [(b"B", 300), (b"C", 200), (b"E", 200)]
    assert left_out == {
        "A": "150 training lists, not among the 3 largest",
        "D": "99 training lists, fewer than 100",
    }


def test_items_of_other_kinds_are_not_compared(
    make_dataset: MakeDataset, make_sample: MakeSample
) -> None:
    generator = np.random.default_rng(5)

    def region(lists: int, shops: float) -> dict[str, np.ndarray]:
        kinds = np.where(generator.random((lists, ITEMS)) < shops, b"shop", b"product")
        values = generator.normal(0, 1, (lists, ITEMS))
        return {
            "type": kinds.astype(object),
            "x": np.where(kinds == b"product", values, np.nan),
            "y": np.where(kinds == b"product", b"a", b"").astype(object),
        }

    # Region B has nine times as many shops, and products are the same everywhere.
    sample = make_sample({"A": region(400, 0.1), "B": region(400, 0.9)})
    kind = {"name": "type", "scope": "item", "kind": "categorical", "side": "invariant"}
    plain = [NUMERIC, {**TEXT, "name": "y"}]
    limited = [{**one, "kinds": ["product"]} for one in plain]
    config = RegionSplitConfig()
    found = [
        split_features(make_dataset([kind, *own], kind_of_item="type"), config, sample, {})
        for own in (plain, limited)
    ]
    assert set(found[0].dependent) == {"x", "y"}
    assert not found[1].dependent
    assert found[1].distances["x"].missing_raw == 0
