"""What is compared: a way to rank, and the settings among which it may choose."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from benchmarks.cross_validation.prepared import Prepared

# Scores of the items by part of the lists: `validation` and `evaluation`.
Scores = dict[str, np.ndarray]
Setting = Mapping[str, Any]


@dataclass(frozen=True)
class Competitor:
    """A way to rank lists.

    Attributes:
        name: how it is reported.
        learner: what ranks; competitors with the same learner and setting share a training.
        rank: from the lists of a trial, a seed and a setting to scores.
        settings: what is tried; one of them is chosen on validation lists. Each can be written as
            JSON, and tells a training of the learner from another one.
    """

    name: str
    learner: str
    rank: Callable[[Prepared, int, Setting], Scores]
    settings: tuple[Setting, ...] = ({},)
