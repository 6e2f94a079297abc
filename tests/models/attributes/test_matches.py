import numpy as np

from models.attributes.matches import ValueFinder
from models.attributes.tokens import tokens_of


def found(values: list[str], *titles: str) -> list[tuple[int, str]]:
    finder = ValueFinder(values, np.zeros(len(values), np.int64), [("a", "X")])
    tokens = tokens_of([*titles, *[""] * len(titles)])
    matches = finder.find(tokens, np.zeros(len(titles), np.int64))
    pairs = zip(matches.listings.tolist(), matches.values.tolist(), strict=True)
    return sorted({(listing, values[value]) for listing, value in pairs})


def test_values_as_they_stand_and_otherwise() -> None:
    values = ["Navy Blue", "157305B21", "76.2", "Generation 8", "35353", "ネイビー"]
    assert found(values, "navy-blue") == [(0, "Navy Blue")]
    assert found(values, "blue navy", "HP 157305-B21") == [(1, "157305B21")]
    assert found(values, '30" wide', "DL385p G8") == [(0, "76.2"), (1, "Generation 8")]
    assert found(values, "UPC: 735353228039") == [(0, "35353")]
    assert found(values, "新品ネイビーの靴") == [(0, "ネイビー")]
    assert found(values, "", "!") == []


def test_a_value_is_looked_for_in_its_own_category() -> None:
    finder = ValueFinder(["red", "red"], np.array([0, 1]), [("a", "X"), ("b", "X")])
    tokens = tokens_of(["red", "red", "red", "", "", ""])
    matches = finder.find(tokens, np.array([finder.categories.index("b"), -1, 0]))
    assert list(zip(matches.listings.tolist(), matches.values.tolist(), strict=True)) == [
        (0, 1),
        (2, 0),
    ]


def test_what_a_place_is_like_tells_places_apart() -> None:
    """Width and depth of `30w x 24d` are told by the letters behind them."""
    finder = ValueFinder(["76.2"], np.array([0]), [("a", "Width")])
    tokens = tokens_of(['30"w x 24"d', '24"w x 30"d', "", ""])
    matches = finder.find(tokens, np.zeros(2, np.int64))
    first, second = (matches.features[matches.listings == listing] for listing in (0, 1))
    assert first.shape == second.shape
    assert (first == second).any()
    assert (first != second).any()
