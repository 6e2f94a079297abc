"""How each setup changes the NDCG of the one that it stands against."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

import numpy as np
import pyarrow.compute as pc

from benchmarks.laboratory.logs import Logs
from benchmarks.laboratory.measures import (
    gains_of,
    gains_of_actions,
    knows_truth,
    ndcg_by_target,
    random_by_target,
)
from benchmarks.laboratory.network import SIZES
from benchmarks.laboratory.prepared import Scores
from benchmarks.laboratory.setups import Setup
from benchmarks.laboratory.tables import Row
from benchmarks.laboratory.views import EVERYWHERE, slices_of
from data.definition import keys
from data.lists.lists import Lists
from data.metrics.changes import Change, Resamples

# By number of the setup and seed, from 1.
TrialScores = Mapping[tuple[int, int], Scores]
# NDCG of the lists by target, float [S, B].
Values = Mapping[str, np.ndarray]


# Gains of items, or NDCG of lists, by slice of items and target.
Gains = dict[str, dict[str, np.ndarray]]


class _Place(NamedTuple):
    """Where a setup is judged: in some lists, bool [B], by all of their items or some."""

    name: str
    lists: np.ndarray
    items: str = EVERYWHERE


class GapShare(NamedTuple):
    """The share of a gap that a setup closes, with its 95% interval over lists and seeds.

    Attributes:
        model: name of the setup.
        task: a task, or `graded`.
        share: 0 is the worse one, 1 the better one.
        low: lower end.
        high: upper end.
    """

    model: str
    task: str
    share: float
    low: float
    high: float


@dataclass(frozen=True)
class Comparison:
    """Setups that were trained on the same lists.

    Attributes:
        logs: the lists.
        setups: the models.
        seeds: trainings of each.
        scores: from all trainings.
        items: slices of items, bool [N] of the evaluation lists: items of a list that lie in one
            are judged among themselves.
    """

    logs: Logs
    setups: Sequence[Setup]
    seeds: int
    scores: TrialScores
    items: Mapping[str, np.ndarray] = field(default_factory=dict)

    def of_seeds(self, number: int) -> list[Scores]:
        """What the trainings of a setup have found, by its number."""
        return [self.scores[number, seed] for seed in range(1, self.seeds + 1)]

    def rows(self) -> list[Row]:
        """A row for each setup, target and slice."""
        return [
            self._row(number, target, place)
            for number, setup in enumerate(self.setups)
            for target in self._gains[EVERYWHERE]
            for place in self._places(setup)
        ]

    def shares_of_gap(self, worse: str, better: str) -> list[GapShare]:
        """How much of what one setup lacks against another one the others make up for.

        share = (theirs - worse) / (better - worse), in NDCG on all lists.

        Args:
            worse: name of the setup that lacks it.
            better: name of the one that has it.

        Returns:
            By setup and target, those two left out.
        """
        values = self._values[EVERYWHERE]
        names = [setup.name for setup in self.setups if setup.name not in (worse, better)]
        return [
            GapShare(name, target, *self._resamples.share(*(values[n][target] for n in trio)))
            for name in names
            for trio in [(name, worse, better)]
            for target in self._gains[EVERYWHERE]
        ]

    def _row(self, number: int, target: str, place: _Place) -> Row:
        setup, figures = self.setups[number], self.scores[number, 1].figures
        change = self._change(self._values[place.items], setup, target, place.lists)
        random = self._random[place.items][target][place.lists]
        random = random[~np.isnan(random)].mean() if change.lists else np.nan
        actions = self._of_actions and self._of_actions[place.items]
        return Row(
            model=setup.name,
            against=setup.against,
            task=target,
            platform=place.name,
            change=change,
            way=float((change.ndcg - random) / (1 - random)),
            by_actions=self._change(actions, setup, target, place.lists) if actions else None,
            sizes={name: float(figures[name][0]) for name in SIZES if name in figures},
            seeds=self.seeds,
        )

    def _change(
        self, values: Mapping[str, Values], setup: Setup, target: str, inside: np.ndarray
    ) -> Change:
        ours, theirs = (
            np.where(inside, values[name][target], np.nan) for name in (setup.name, setup.against)
        )
        return self._resamples.change(ours, theirs)

    def _places(self, setup: Setup) -> list[_Place]:
        if not setup.judged_region:
            slices = slices_of(self.logs)
            of_items = [_Place(name, slices[EVERYWHERE], name) for name in self.items]
            return [*(_Place(name, lists) for name, lists in slices.items()), *of_items]
        column = self._lists.context[keys.LIST_REGION]
        inside = pc.equal(column, setup.judged_region.encode())
        return [_Place(setup.judged_region, inside.to_numpy(zero_copy_only=False))]

    @cached_property
    def _lists(self) -> Lists:
        return self.logs.lists.take(self.logs.parts.evaluation)

    @cached_property
    def _resamples(self) -> Resamples:
        return Resamples(self._lists.context[keys.LIST_USER])

    @cached_property
    def _gains(self) -> Gains:
        return self._by_items(gains_of(self.logs.dataset, self._lists))

    @cached_property
    def _random(self) -> Gains:
        return {items: random_by_target(gains, self._lists) for items, gains in self._gains.items()}

    @cached_property
    def _values(self) -> dict[str, dict[str, Values]]:
        return {items: self._ndcg(gains) for items, gains in self._gains.items()}

    @cached_property
    def _of_actions(self) -> dict[str, dict[str, Values]] | None:
        """NDCG by what was done, where the truth is known too."""
        if not knows_truth(self.logs.dataset):
            return None
        gains = self._by_items(gains_of_actions(self.logs.dataset, self._lists))
        return {items: self._ndcg(of_items) for items, of_items in gains.items()}

    def _by_items(self, gains: Mapping[str, np.ndarray]) -> Gains:
        """Gains of all items, and of each slice, NaN elsewhere: such items are left out."""
        of_slices = {
            name: {target: np.where(inside, of_items, np.nan) for target, of_items in gains.items()}
            for name, inside in self.items.items()
        }
        return {EVERYWHERE: dict(gains), **of_slices}

    def _ndcg(self, gains: Mapping[str, np.ndarray]) -> dict[str, Values]:
        """NDCG by setup and target."""
        found: dict[str, Values] = {}
        for number, setup in enumerate(self.setups):
            of_seeds = [
                ndcg_by_target(gains, self._lists, _ranked_by(setup, scores))
                for scores in self.of_seeds(number)
            ]
            found[setup.name] = {
                target: np.stack([one[target] for one in of_seeds]) for target in gains
            }
        return found


def _ranked_by(setup: Setup, scores: Scores) -> dict[str, np.ndarray]:
    """What ranks the lists of each target."""
    found = scores.evaluation
    return {target: found[setup.scored_by.get(target, target)] for target in found}
