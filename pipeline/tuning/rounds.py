"""The rounds of a search: every trial once, then the best ones and the first again."""

from collections.abc import Callable, Sequence

# Trials that are trained again, beside the first.
FINALISTS = 3


class Rounds:
    """Which trials are trained, with which seeds, and which is the best.

    The best of many trainings has had luck. So those that are the best with the first seed are
    trained again, and the best one by further seeds alone is chosen.

    Args:
        trials: number of trials; the first is that of the settings as they are.
        seeds: the seed of the first round, then those of the second; one or more.
        value: what a trial has reached by some of the seeds, the larger the better.
    """

    def __init__(
        self, trials: int, seeds: Sequence[int], value: Callable[[int, Sequence[int]], float]
    ) -> None:
        self._trials = trials
        self._seeds = seeds
        self._value = value

    def first(self) -> list[tuple[int, int]]:
        """The trainings of the first round: places of trials, and seeds."""
        return [(trial, self._seeds[0]) for trial in range(self._trials)]

    def second(self) -> list[tuple[int, int]]:
        """The trainings of the second round, once those of the first are done."""
        return [(trial, seed) for seed in self._seeds[1:] for trial in (0, *self.finalists)]

    @property
    def finalists(self) -> list[int]:
        """Places of the best trials of the first round but the first one, the best one first."""
        others = range(1, self._trials)
        return sorted(others, key=lambda one: -self._value(one, self._seeds[:1]))[:FINALISTS]

    @property
    def best(self) -> int:
        """Place of the best trial by the second round; by the first where there is no other."""
        seeds = self._seeds[1:] or self._seeds
        return max((0, *self.finalists), key=lambda one: self._value(one, seeds))
