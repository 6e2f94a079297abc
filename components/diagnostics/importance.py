"""Permutation importance: the NDCG that is lost when the values of a feature are shuffled.

Source: Breiman, "Random Forests", Machine Learning 45, 2001, section 10; Fisher, Rudin &
Dominici, "All Models are Wrong, but Many are Useful", JMLR 20, 2019.
"""

import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from components.diagnostics.drawn_lists import DrawnLists
from components.diagnostics.results import Importance, mean_over_lists
from components.evaluator.config import GRADED
from components.evaluator.results import Estimate
from data.artifacts.served_answer import SCORE, probability
from data.definition import keys
from data.definition.dataset import Dataset
from data.definition.feature import Feature
from data.metrics.list_metrics import list_ndcg
from data.metrics.ranked import order_matters
from data.metrics.relevance import gain, relevance

SEED = 1
# Lists that count that each target is measured on at most.
MOST_LISTS = 500
# Items that are scored at most, over all features: a few seconds for a network of the usual size.
MOST_SCORINGS = 400_000
_LOWEST = float(np.finfo(float).min)

Score = Callable[[Sequence[bytes], np.ndarray], Mapping[str, np.ndarray]]


@dataclass(frozen=True)
class _Judge:
    """The lists and gains by which rankings are judged.

    Attributes:
        gains: by target, float [N].
        outputs: by target, the model's output that ranks for it.
        counted: by target, bool [B], the lists that count.
        sample: the lists.
        at: last rank that counts; None takes whole lists.
    """

    gains: Mapping[str, np.ndarray]
    outputs: Mapping[str, str]
    counted: Mapping[str, np.ndarray]
    sample: DrawnLists
    at: int | None

    def ndcg(self, score: Score) -> dict[str, np.ndarray]:
        """NDCG of every list by target: float [B], 0 where a list does not count."""
        scores = score(self.sample.examples(), self.sample.row_lengths)
        found = {}
        for target, gains in self.gains.items():
            # An item without a prediction ranks last, as in the Evaluator.
            values = np.nan_to_num(scores[self.outputs[target]], nan=_LOWEST)
            ndcg = list_ndcg(gains, values, self.sample.row_lengths, self.at)
            found[target] = np.where(self.counted[target], np.nan_to_num(ndcg), 0.0)
        return found

    def mean(self, target: str, values: np.ndarray) -> Estimate:
        """The mean over the lists that count, by their weights."""
        sizes = np.where(self.counted[target], self.sample.labelled.weights, 0.0)
        return mean_over_lists(values * sizes, sizes)


def measure_importance(
    dataset: Dataset, sample: DrawnLists, score: Score, at: int | None, seed: int = SEED
) -> Importance:
    """Permutes one feature after the other: item features among all items, others among lists.

    The features of a history go together, as `history`, since their entries belong together.

    Args:
        dataset: names features and tasks.
        sample: lists, of which each target is measured on up to `MOST_LISTS` that count; on fewer
            where lists are long or features many.
        score: the model.
        at: rank at which NDCG is cut off; None takes whole lists.
        seed: of the permutations; the values of a feature go the same way whatever others there
            are.

    Returns:
        What each feature is worth by target. Of two features that hold the same information, each
        loses little, since the other one still has it.
    """
    judge = _judge(dataset, sample, at)
    whole = judge.ndcg(score)
    lost = {}
    for name, features in _together(dataset).items():
        random = np.random.default_rng([seed, zlib.crc32(name.encode())])
        permuted = judge.sample.permuted(features, random)
        ndcg = replace(judge, sample=permuted).ndcg(score)
        lost[name] = {
            target: judge.mean(target, whole[target] - ndcg[target]) for target in judge.gains
        }
    return Importance(
        metric=f"ndcg@{at or 'all'}",
        seed=seed,
        lists={target: int(counted.sum()) for target, counted in judge.counted.items()},
        whole={target: judge.mean(target, ndcg).value for target, ndcg in whole.items()},
        lost=lost,
    )


def _together(dataset: Dataset) -> dict[str, list[Feature]]:
    """The features that are permuted together, by name."""
    found: dict[str, list[Feature]] = {}
    for feature in dataset.features:
        name = keys.HISTORY if feature.scope == "history" else feature.name
        found.setdefault(name, []).append(feature)
    return found


def _judge(dataset: Dataset, sample: DrawnLists, at: int | None) -> _Judge:
    places = _places(sample, _gains(dataset, sample), 1 + len(_together(dataset)))
    together = np.unique(np.concatenate(list(places.values())))
    chosen = sample.take(together)
    outputs = {task.name: probability(task.name) for task in dataset.tasks}
    return _Judge(
        gains=_gains(dataset, chosen),
        outputs={**outputs, GRADED: SCORE},
        counted={target: np.isin(together, lists) for target, lists in places.items()},
        sample=chosen,
        at=at,
    )


def _gains(dataset: Dataset, sample: DrawnLists) -> dict[str, np.ndarray]:
    labels = {task.name: sample.labelled.labels[task.name] for task in dataset.tasks}
    grades = tuple(task.grade for task in dataset.tasks)
    graded = gain(relevance(np.stack(list(labels.values()), axis=-1), grades))
    return {**labels, GRADED: graded}


def _places(
    sample: DrawnLists, gains: Mapping[str, np.ndarray], rounds: int
) -> dict[str, np.ndarray]:
    """By target, the places of the lists that it is measured on, as many as time allows."""
    lists = sample.labelled
    relevant = {
        target: np.flatnonzero(order_matters(values, lists.row_lengths) & (lists.weights > 0))
        for target, values in gains.items()
    }
    most = MOST_LISTS
    while True:
        places = {target: _spread(found, most) for target, found in relevant.items()}
        together = np.unique(np.concatenate(list(places.values())))
        scorings = rounds * int(sample.row_lengths[together].sum())
        if scorings <= MOST_SCORINGS or most == 1:
            return places
        most = max(1, min(most - 1, most * MOST_SCORINGS // scorings))


def _spread(places: np.ndarray, most: int) -> np.ndarray:
    """Some of the places, evenly spread, and so over lists of every length."""
    if len(places) <= most:
        return places
    return places[np.linspace(0, len(places) - 1, most).round().astype(int)]
