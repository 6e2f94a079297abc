"""How right filled attributes are: micro precision, recall and F1."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from data.listings.listings import Listings
from models.attributes.search import Answers


@dataclass(frozen=True)
class Counts:
    """Answers about listings whose values are known.

    Attributes:
        right: values found that a listing states.
        wrong: values found that it does not state, or that has none.
        missed: listings that state a value and did not get it; a wrong one is an error twice.
        listings: listings judged.
    """

    right: int = 0
    wrong: int = 0
    missed: int = 0
    listings: int = 0

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(
            self.right + other.right,
            self.wrong + other.wrong,
            self.missed + other.missed,
            self.listings + other.listings,
        )

    @property
    def precision(self) -> float:
        """Right / (right + wrong); NaN where nothing was found."""
        return _share(self.right, self.right + self.wrong)

    @property
    def recall(self) -> float:
        """Right / (right + missed); NaN where nothing is stated."""
        return _share(self.right, self.right + self.missed)

    @property
    def f1(self) -> float:
        """2 right / (2 right + wrong + missed), the harmonic mean of both."""
        return _share(2 * self.right, 2 * self.right + self.wrong + self.missed)


def counts_of(listings: Listings, answers: Mapping[str, Answers]) -> dict[tuple[str, str], Counts]:
    """Judges answers by what listings state; where they are silent, nothing is judged.

    Args:
        listings: N listings.
        answers: by attribute, answers for them.

    Returns:
        Counts by category and attribute.
    """
    categories = np.array(listings.categories, object)
    found: dict[tuple[str, str], Counts] = {}
    for name, stated in listings.stated.items():
        answer = answers[name]
        asked = ~np.isnan(answer.scores)
        has = np.zeros(len(listings), bool)
        has[stated.listings] = True
        given = np.array([value is not None for value in answer.values], bool)
        words = np.array([(value or "").casefold() for value in answer.values], object)
        said = np.array([value.casefold() for value in stated.values], object)
        hits = np.zeros(len(listings), bool)
        hits[stated.listings[words[stated.listings] == said]] = True
        judged = asked & (has | stated.absent)
        for category in dict.fromkeys(categories[judged]):
            here = judged & (categories == category)
            right = here & given & hits
            found[category, name] = Counts(
                right=int(right.sum()),
                wrong=int((here & given & ~hits).sum()),
                missed=int((here & has & ~right).sum()),
                listings=int(here.sum()),
            )
    return found


def total(counts: Mapping[tuple[str, str], Counts]) -> Counts:
    """The sum over categories and attributes."""
    return sum(counts.values(), Counts())


def _share(part: int, whole: int) -> float:
    return part / whole if whole else float("nan")
