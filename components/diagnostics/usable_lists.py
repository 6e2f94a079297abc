"""Lists of which it is known where every item was shown."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from components.diagnostics.drawn_lists import DrawnLists
from components.evaluator.config import GRADED
from data.artifacts.served_answer import SCORE, probability
from data.counterfactual.examination import ActedLists, beginnings, first_position
from data.definition.dataset import Dataset
from data.metrics.ranked import list_of_item
from data.metrics.relevance import gain, relevance

# Name of `UsableLists.chance` among the outputs, where the model has a better word for it.
CHANCE = "chance"

_SMALLEST_CHANCE = 1e-9
_LOWEST = float(np.finfo(float).min)

Outputs = Mapping[str, np.ndarray]


@dataclass(frozen=True)
class UsableLists:
    """The lists that can be used.

    Attributes:
        earned: by target, labels or gains, float [N], NaN where unknown.
        expected: by target, what the model expects, float [N], at least 0.
        scores: float [N], of the new order.
        positions: float [N], from 1 on.
        row_lengths: int [B].
        weights: float [B].
        regions: bytes [B].
        users: bytes [B].
        platforms: their names, bytes [P].
        platform: int [B].
        randomised: bool [B].
        chance: float [N], how likely each item was to be acted on if it was examined, up to a
            factor by list, as the model says.
        truth: the same as true probabilities of all tasks say; None where they are unknown.
        any_randomised: whether the dataset tells lists in random order.
    """

    earned: Mapping[str, np.ndarray]
    expected: Mapping[str, np.ndarray]
    scores: np.ndarray
    positions: np.ndarray
    row_lengths: np.ndarray
    weights: np.ndarray
    regions: np.ndarray
    users: np.ndarray
    platforms: np.ndarray
    platform: np.ndarray
    randomised: np.ndarray
    chance: np.ndarray
    truth: np.ndarray | None
    any_randomised: bool

    @property
    def acted(self) -> np.ndarray:
        """Float [N], 1 where an item was acted on in any way."""
        return (np.nan_to_num(np.stack(list(self.earned.values()))) > 0).any(axis=0).astype(float)

    @property
    def list_of_item(self) -> np.ndarray:
        """Int [N]."""
        return list_of_item(self.row_lengths)

    def on_platforms(self, names: np.ndarray) -> "UsableLists":
        """The lists, with their platforms numbered as in `names`, bytes [P], ascending."""
        platform = np.searchsorted(names, self.platforms)[self.platform]
        return replace(self, platforms=names, platform=platform)

    def seen(self, chosen: np.ndarray, chance: np.ndarray) -> ActedLists:
        """What was acted on in some lists, bool [B]; chance is float [N], of all lists."""
        items = chosen[self.list_of_item]
        return ActedLists(
            acted=self.acted[items],
            positions=self.positions[items],
            chance=chance[items],
            row_lengths=self.row_lengths[chosen],
            weights=self.weights[chosen],
            platform=self.platform[chosen],
            platforms=len(self.platforms),
        )


def first_position_of(samples: Sequence[DrawnLists]) -> Literal[0, 1]:
    """The number of the first position in lists that count alike, see `first_position`.

    Args:
        samples: the lists, with positions.
    """
    begun = [
        beginnings(
            np.asarray(one.labelled.positions, float), one.list_of_item, len(one.row_lengths)
        )
        for one in samples
    ]
    return first_position(np.sum(begun, axis=0))


def usable_lists(
    dataset: Dataset,
    sample: DrawnLists,
    first: Literal[0, 1],
    outputs: Outputs | None = None,
) -> UsableLists:
    """Takes the lists with known positions and a weight.

    Args:
        dataset: names the tasks.
        sample: the lists, with positions.
        first: the number of the first position.
        outputs: float [N] by name, the model's answers; None scores and expects 0.

    Returns:
        The lists.
    """
    if outputs is None:
        names = [SCORE, *(probability(task.name) for task in dataset.tasks)]
        outputs = dict.fromkeys(names, np.zeros(len(sample.list_of_item)))
    lists = sample.labelled
    # Positions that are counted from 0 become positions from 1.
    positions = np.asarray(lists.positions, dtype=float) + 1 - first
    unknown = lists.list_sums(~(positions >= 1)) > 0
    used = (lists.weights > 0) & ~unknown
    kept = used[sample.list_of_item]
    labels = np.stack([lists.labels[task.name] for task in dataset.tasks], axis=-1)
    earned = {task.name: labels[:, place] for place, task in enumerate(dataset.tasks)}
    earned[GRADED] = gain(relevance(labels, tuple(task.grade for task in dataset.tasks)))
    expected = {task.name: outputs[probability(task.name)] for task in dataset.tasks}
    expected[GRADED] = outputs[SCORE]
    chance = _likeliest([values for target, values in expected.items() if target != GRADED])
    truth = [lists.truth[task.name] for task in dataset.tasks if task.name in lists.truth]
    platforms, platform = np.unique(sample.platforms[used].astype(bytes), return_inverse=True)
    random = sample.randomised
    return UsableLists(
        earned={target: values[kept] for target, values in earned.items()},
        expected={
            target: np.maximum(np.nan_to_num(values[kept]), 0.0)
            for target, values in expected.items()
        },
        scores=np.nan_to_num(outputs[SCORE][kept], nan=_LOWEST),
        positions=positions[kept],
        row_lengths=sample.row_lengths[used],
        weights=lists.weights[used],
        regions=sample.regions[used],
        users=sample.users[used],
        platforms=platforms,
        platform=platform,
        randomised=np.zeros(int(used.sum()), dtype=bool) if random is None else random[used],
        chance=outputs.get(CHANCE, chance)[kept],
        truth=_likeliest(truth)[kept] if len(truth) == len(dataset.tasks) else None,
        any_randomised=random is not None,
    )


def _likeliest(probabilities: list[np.ndarray]) -> np.ndarray:
    """Probabilities of the action that is the likeliest, float [N]: it comes with the others."""
    return np.maximum(np.max(np.nan_to_num(probabilities), axis=0), _SMALLEST_CHANCE)
