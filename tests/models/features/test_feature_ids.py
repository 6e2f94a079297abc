import numpy as np

from data.definition.dataset import Dataset
from models.features.feature_ids import FeatureIds

DATASET = Dataset.model_validate(
    {
        "name": "small",
        "list_id": "id",
        "region": "region",
        "tasks": [{"name": "click", "grade": 1}],
        "features": [
            {"name": "brand", "scope": "item", "kind": "categorical"},
            {"name": "stars", "scope": "item", "kind": "bucketed", "boundaries": [1, 2]},
        ],
    }
)


def test_known_values_are_found_wherever_they_stand() -> None:
    old = FeatureIds(missing=1, values=(b"a", b"b", b"c"), unknown=2)
    new = FeatureIds(missing=1, values=(b"c", b"new", b"a"), unknown=2)
    # Missing 0, a 1, b 2, c 3, unknown 4 and 5.
    np.testing.assert_array_equal(new.rows_in(old), [0, 3, -1, 1, 4, 5])


def test_unknown_values_hashed_otherwise_are_not_the_same() -> None:
    old = FeatureIds(missing=0, values=(b"a",), unknown=1)
    new = FeatureIds(missing=1, values=(b"a",), unknown=3)
    np.testing.assert_array_equal(new.rows_in(old), [-1, 0, -1, -1, -1])


def test_buckets_are_known_by_their_boundaries() -> None:
    stars, brand = DATASET.feature("stars"), DATASET.feature("brand")
    # Missing 0; up to 1, 1 to 2, from 2 on.
    buckets = FeatureIds.of(DATASET, stars, None, 4)
    np.testing.assert_array_equal(buckets.rows_in(buckets), [0, 1, 2, 3])
    # Missing 0; up to 1, 1 to 2, 2 to 5, from 5 on.
    finer = FeatureIds.of(DATASET, stars.model_copy(update={"boundaries": (1, 2, 5)}), None, 5)
    np.testing.assert_array_equal(finer.rows_in(buckets), [0, 1, 2, -1, -1])
    brands = FeatureIds.of(DATASET, brand, [b"x"], 99)
    assert brands == FeatureIds(1, (b"x",), brand.out_of_vocabulary_buckets)


def test_quantiles_of_another_number_are_others() -> None:
    stars = DATASET.feature("stars").model_copy(update={"boundaries": None})
    quarters, fifths = (FeatureIds.of(DATASET, stars, None, 1 + number) for number in (4, 5))
    np.testing.assert_array_equal(quarters.rows_in(quarters), [0, 1, 2, 3, 4])
    np.testing.assert_array_equal(fifths.rows_in(quarters), [0, -1, -1, -1, -1, -1])
