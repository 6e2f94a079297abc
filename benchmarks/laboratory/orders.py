"""Orders that need no training."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from benchmarks.laboratory.measures import item_column
from benchmarks.laboratory.prepared import Prepared, Scores
from components.evaluator.config import GRADED
from data.definition import keys
from data.lists.lists import Lists

# Equal scores: their NDCG is the expected NDCG of a random order.
RANDOM = "random order"
# The order that was shown.
LOGGED = "logged order"


@dataclass(frozen=True)
class Order:
    """An order that nobody learns.

    Attributes:
        by: `RANDOM`, `LOGGED`, or a feature, whose largest value comes first; items without a value
            come last.
    """

    by: str

    def described(self) -> dict[str, Any]:
        """What it goes by."""
        return {"order": self.by}

    def scores(self, prepared: Prepared, seed: int) -> Scores:
        """Scores of the order, as `graded`."""
        validation, evaluation = (
            {GRADED: self._of(prepared.lists[part])} for part in ("validation", "evaluation")
        )
        return Scores(validation, evaluation)

    def _of(self, lists: Lists) -> np.ndarray:
        if self.by == RANDOM:
            return np.zeros(int(lists.row_lengths.sum()))
        if self.by == LOGGED:
            return -item_column(lists, keys.ITEM_POSITION)
        return np.nan_to_num(item_column(lists, self.by), nan=-np.inf)
