import numpy as np

from data.dataset import Dataset
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


def test_buckets_keep_their_number() -> None:
    stars, brand = DATASET.feature("stars"), DATASET.feature("brand")
    buckets = FeatureIds.of(DATASET, stars, None, 4)
    np.testing.assert_array_equal(buckets.rows_in(buckets), [0, 1, 2, 3])
    more = FeatureIds.of(DATASET, stars, None, 5)
    np.testing.assert_array_equal(more.rows_in(buckets), [0, 1, 2, 3, -1])
    brands = FeatureIds.of(DATASET, brand, [b"x"], 99)
    assert brands == FeatureIds(1, (b"x",), brand.out_of_vocabulary_buckets)
