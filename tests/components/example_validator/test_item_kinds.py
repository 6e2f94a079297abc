import pytest

from components.example_validator.item_kinds import kinds_not_found, of_kinds
from components.example_validator.statistics_by_region import Statistics, features_of, missing_share
from data.definition.dataset import Dataset


def statistics(counts: dict[str, int], brands: dict[str, int], missing: int) -> Statistics:
    """A slice of items with so many of each kind, and so many missing numbers in vectors of 2."""
    found = Statistics()
    for name, values in (("type", counts), ("brand", brands)):
        texts = found.features.add(name=name).string_stats
        texts.common_stats.tot_num_values = sum(values.values())
        for label, count in values.items():
            texts.rank_histogram.buckets.add(label=label, sample_count=count)
    numbers = found.features.add(name="image").num_stats
    numbers.common_stats.tot_num_values = 2 * sum(counts.values())
    numbers.histograms.add(num_nan=missing)
    return found


@pytest.fixture
def dataset() -> Dataset:
    return Dataset.model_validate(
        {
            "name": "mixed",
            "list_id": "id",
            "kind_of_item": "type",
            "tasks": [{"name": "click", "grade": 1}],
            "features": [
                {"name": "type", "scope": "item", "kind": "categorical"},
                {"name": "brand", "scope": "item", "kind": "categorical", "kinds": ["product"]},
                {
                    "name": "image",
                    "scope": "item",
                    "kind": "vector",
                    "length": 2,
                    "kinds": ["product", "shop"],
                },
            ],
        }
    )


def test_missing_values_are_those_of_items_that_have_the_feature(dataset: Dataset) -> None:
    # 60 products, of which 6 lack their brand; of 60 products and 30 shops, 9 lack their image.
    part = statistics(
        {"product": 60, "shop": 30, "article": 10},
        {"acme": 54, "": 6 + 30 + 10},
        missing=2 * (9 + 10),
    )
    found = features_of(of_kinds(dataset, {"DE": part})["DE"])
    assert missing_share(found["brand"]) == pytest.approx(6 / 60)
    assert missing_share(found["image"]) == pytest.approx(9 / 90)
    assert missing_share(features_of(part)["brand"]) == pytest.approx(46 / 100)


def test_a_kind_that_no_item_is_of_is_told(dataset: Dataset) -> None:
    part = statistics({"product": 60, "shops": 30, "": 10}, {"acme": 60}, missing=0)
    (told,) = kinds_not_found(dataset, {None: part, "DE": part})
    assert told.startswith(
        "no item of the training lists is of kind 'shop', which image names; found product, shops"
    )
    both = statistics({"product": 60, "shop": 40}, {"acme": 60}, missing=0)
    assert not list(kinds_not_found(dataset, {None: both}))
