import numpy as np
import pyarrow as pa
import pytest

from data.listings.listings import ListingColumns, listings_of
from models.attributes.measures import Counts, counts_of, total
from models.attributes.search import Answers


def test_a_wrong_value_is_an_error_twice() -> None:
    """Right, wrong, missed, filled where there is none, rightly none, silent, of no category."""
    table = pa.table(
        {
            "category": ["a"] * 6 + ["b"],
            "title": ["t"] * 7,
            "X": [["red", "blue"], ["red"], ["red"], ["n/a"], ["n/a"], [], ["red"]],
        }
    )
    values = np.array(["Blue", "blue", None, "red", None, "red", None], object)
    scores = np.array([0.9] * 6 + [np.nan])
    listings = listings_of(table, ListingColumns(), ["X"])
    counts = counts_of(listings, {"X": Answers(values, scores)})
    assert counts == {("a", "X"): Counts(right=1, wrong=2, missed=2, listings=5)}
    both = total(counts)
    assert (both.precision, both.recall) == (1 / 3, 1 / 3)
    assert both.f1 == pytest.approx(2 / (2 + 2 + 2))


def test_nothing_found_has_no_precision() -> None:
    assert np.isnan(Counts(missed=3, listings=3).precision)
    assert Counts(missed=3, listings=3).recall == 0
