import numpy as np
import pyarrow as pa

from data.listings.listings import ListingColumns, listings_of
from data.listings.taxonomy import Taxonomy
from models.attributes.keys import Keys
from models.attributes.targets import Targets, targets_of

TAXONOMY = Taxonomy({"shirt": {"Colour": ("Red", "Blue"), "Size": ("S",)}, "cup": {"Size": ("L",)}})


def targets(rows: list[tuple[str, str | None, str | None]]) -> Targets:
    category, colour, size = zip(*rows, strict=True)
    table = pa.table(
        {
            "category": list(category),
            "title": ["t"] * len(rows),
            "Colour": pa.array(colour, pa.string()),
            "Size": pa.array(size, pa.string()),
        }
    )
    listings = listings_of(table, ListingColumns(), TAXONOMY.attributes)
    return targets_of(listings, Keys(TAXONOMY, 64), left_out=0.25)


def keys_of(found: Targets, listing: int) -> dict[int, float]:
    places, _ = found.keys.take(np.array([listing]))
    return {int(found.keys.ids[at]): float(found.keys.weights[at]) for at in places}


def test_values_nulls_and_omissions() -> None:
    """Three null keys (shirt Colour, shirt Size, cup Size), then Red, Blue, S, L."""
    found = targets([("shirt", "red", None), ("shirt", "n/a", "S"), ("cup", "Red", "L")])
    assert keys_of(found, 0) == {3: 0.0, 1: 0.25}
    assert keys_of(found, 1) == {0: 0.0, 5: 0.0}
    assert keys_of(found, 2) == {6: 0.0}
    assert found.taught.tolist() == [0, 1, 2]


def test_silence_teaches_nothing_where_others_say_that_they_have_none() -> None:
    found = targets([("shirt", None, "S"), ("shirt", "n/a", "S")])
    assert keys_of(found, 0) == {5: 0.0}


def test_a_listing_that_states_nothing_teaches_nothing() -> None:
    assert targets([("shirt", None, None), ("shirt", "Red", None)]).taught.tolist() == [1]


def test_values_that_the_taxonomy_lacks_are_counted() -> None:
    found = targets([("shirt", "mauve", "S"), ("shirt", "Red", "S"), ("hat", "Red", None)])
    assert found.unknown == {"Colour": 1}
    assert keys_of(found, 0) == {5: 0.0}
