"""Features of histories are judged as others are, whatever lists have none."""

from collections.abc import Callable

import numpy as np

from components.region_split.config import RegionSplitConfig
from components.region_split.region_lists import RegionLists
from components.region_split.split import split_features
from data.artifacts.region_split import FeatureSplit
from data.definition.dataset import Dataset


def test_histories_are_split_with_lists_that_have_none(
    make_dataset: Callable[..., Dataset], make_sample: Callable[..., RegionLists]
) -> None:
    draw = np.random.default_rng(1)
    item = {"name": "price", "scope": "item", "kind": "numeric"}
    own = [
        {"name": "moved", "scope": "history", "like": "price"},
        {"name": "alike", "scope": "history", "kind": "numeric"},
        {"name": "empty", "scope": "history", "kind": "categorical"},
        {"name": "looks", "scope": "history", "kind": "vector", "length": 2},
    ]
    regions = {}
    for region, shift in (("A", 0.0), ("B", 2.0)):
        lengths = draw.integers(0, 4, 300)
        regions[region] = {
            "price": [draw.normal(size=3) for _ in lengths],
            "moved": [draw.normal(shift, size=length) for length in lengths],
            "alike": [draw.normal(size=length) for length in lengths],
            "empty": [[] for _ in lengths],
            "looks": [draw.normal(size=2 * length) for length in lengths],
        }
    split = split_features(
        make_dataset([item, *own]), RegionSplitConfig(), make_sample(regions), {}
    )
    assert split.dependent == ("moved",)
    assert split.distances["empty"].distance == 0
    assert split.distances["moved"].effect is None


def test_a_history_is_dependent_where_one_of_its_features_is() -> None:
    split = FeatureSplit(dependent=("price", "seen_price"), invariant=("seen_brand", "age"))
    assert split.side_of(["seen_brand", "seen_price"]) == "dependent"
    assert split.side_of(["seen_brand", "age"]) == "invariant"
