"""How much each setting has mattered among the trials of a search."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from pipeline.tuning.settings import Range, Searched

_SHUFFLES = 1_000
# Numbers of a range count as small, middling and large ones.
_PARTS = 3


class Importance(NamedTuple):
    """How much a setting has mattered.

    Attributes:
        place: the setting's place in the definition.
        share: share of the variance of NDCG among the trials that lies between the setting's
            values, less what chance puts there: 1 - (within / (n - k)) / (total / (n - 1)) of n
            trials and k values (epsilon squared); below 0 where it is less than by chance.
        error: its standard error, by leaving out one trial at a time.
        chance: share of shuffled trials in which it is as large.
        means: mean NDCG by value, or by part of a range.
    """

    place: str
    share: float
    error: float
    chance: float
    means: Mapping[str, float]


def importances(
    searched: Sequence[Searched], drawn: Sequence[Mapping[str, Any]], ndcg: Sequence[float]
) -> list[Importance]:
    """What has mattered, the most important first.

    Each setting is looked at by itself, over whatever the others were.

    Args:
        searched: the settings.
        drawn: their values in n trials.
        ndcg: of each trial.

    Returns:
        Those settings that took more than one value, of trials enough to tell.

    Source:
        Kelley 1935, "An unbiased correlation ratio measure".
    """
    values = np.asarray(ndcg, float)
    found = []
    for one in searched:
        labels = _labels(one, [draw[one.place] for draw in drawn])
        names, groups = np.unique(labels, return_inverse=True)
        if 1 < len(names) < len(values) - 1 and np.ptp(values) > 0:
            found.append(_importance(one.place, _in_order(one, names), names, groups, values))
    return sorted(found, key=lambda one: -one.share)


def _importance(
    place: str, order: Sequence[str], names: np.ndarray, groups: np.ndarray, values: np.ndarray
) -> Importance:
    share = _share(groups, values)
    without = np.arange(len(values))
    left = np.array([_share(groups[without != one], values[without != one]) for one in without])
    error = np.sqrt((len(values) - 1) * np.nanvar(left))
    draws = np.random.default_rng(1)
    shuffled = [_share(groups, draws.permutation(values)) for _ in range(_SHUFFLES)]
    chance = (1 + np.sum(np.array(shuffled) >= share - 1e-12)) / (1 + _SHUFFLES)
    means = {name: float(values[groups == list(names).index(name)].mean()) for name in order}
    return Importance(place, float(share), float(error), float(chance), means)


def _share(groups: np.ndarray, values: np.ndarray) -> float:
    counts = np.bincount(groups)
    kinds, trials = int((counts > 0).sum()), len(values)
    total = np.square(values - values.mean()).sum()
    if trials <= kinds or total <= 0:
        return float("nan")
    means = np.bincount(groups, values) / np.maximum(counts, 1)
    within = np.square(values - means[groups]).sum()
    return float(1 - (within / (trials - kinds)) / (total / (trials - 1)))


def _labels(searched: Searched, values: Sequence[Any]) -> list[str]:
    if not isinstance(searched.values, Range):
        return [_text(value) for value in values]
    ends = np.geomspace(*searched.values, _PARTS + 1)
    parts = np.clip(np.searchsorted(ends, values, side="right") - 1, 0, _PARTS - 1)
    return [f"{ends[part]:.2g} to {ends[part + 1]:.2g}" for part in parts]


def _in_order(searched: Searched, names: np.ndarray) -> list[str]:
    """The values as the search names them, or a range's parts from small to large."""
    if isinstance(searched.values, Range):
        return sorted(names.tolist(), key=lambda name: float(name.split(" to ")[0]))
    return [_text(value) for value in searched.values if _text(value) in names]


def _text(value: Any) -> str:
    return (
        "none" if value is None else str(value).lower() if isinstance(value, bool) else str(value)
    )
