"""What the order by the served score would have earned on the drawn lists."""

import numpy as np
import pyarrow as pa

from components.diagnostics.drawn_lists import DrawnLists
from components.diagnostics.earnings import LARGEST_WEIGHT, Earnings, Interval
from components.diagnostics.results import Counterfactual, Examination
from components.diagnostics.usable_lists import Outputs, UsableLists, usable_lists
from components.evaluator.config import GRADED
from data.counterfactual.examination import ActedLists, ExaminationCurve, fit_examination
from data.definition.dataset import Dataset
from data.poisson_weights import poisson_weights

# Items acted on: of lists in random order to go by them alone, and of all lists to say anything.
FEWEST_RANDOMISED, FEWEST = 1_000, 100

_SHOWN_POSITIONS = (1, 2, 3, 5, 10, 20, 50, 100)
_SMALLEST_CHANCE = 1e-9


def measure_earnings(
    dataset: Dataset, sample: DrawnLists, outputs: Outputs, interval: Interval
) -> Counterfactual:
    """Estimates what the new order would earn, by task, traffic and region.

    Args:
        dataset: names the tasks, and says whether positions are known.
        sample: the lists, whose list weights count.
        outputs: float [N] by name, the model's answers.
        interval: how intervals are made.

    Returns:
        The estimates, or why there are none.
    """
    empty = Counterfactual(largest_weight=LARGEST_WEIGHT)
    if sample.labelled.positions is None:
        reason = "The dataset names no column `position`: where items were shown is not known."
        return empty.model_copy(update={"reason": reason})
    lists = usable_lists(dataset, sample, outputs)
    left_out = len(sample.row_lengths) - len(lists.row_lengths)
    curve = _curve(lists)
    if curve is None:
        reason = (
            f"Expected {FEWEST} items that were acted on in lists with known positions, "
            f"found {int(lists.acted.sum())}."
        )
        return empty.model_copy(update={"reason": reason, "lists_left_out": left_out})
    found, examination = curve
    draws = np.ones((len(lists.row_lengths), 1 + interval.replicates))
    draws[:, 1:] = poisson_weights(pa.array(lists.users, pa.binary()), interval.replicates)
    earnings = Earnings(lists, found, draws, interval)
    return Counterfactual(
        lists_left_out=left_out,
        largest_weight=LARGEST_WEIGHT,
        examination=_described(examination, found, earnings.changes, lists, interval),
        slices=tuple(earnings.slices()),
    )


def _curve(lists: UsableLists) -> tuple[ExaminationCurve, Examination] | None:
    """Examination by lists in random order where they have enough actions, else by all lists."""
    random = lists.randomised[lists.list_of_item]
    acted = lists.acted
    by_random = acted[random].sum() >= FEWEST_RANDOMISED
    if not by_random and acted.sum() < FEWEST:
        return None
    used = lists.randomised if by_random else np.ones_like(lists.randomised)
    chances = [values for target, values in lists.expected.items() if target != GRADED]
    chance = np.maximum(np.max(chances, axis=0), _SMALLEST_CHANCE)
    seen = ActedLists(
        acted=acted,
        positions=lists.positions,
        chance=np.ones_like(chance) if by_random else chance,
        row_lengths=lists.row_lengths,
        weights=lists.weights * used,
        platform=lists.platform,
        platforms=len(lists.platforms),
    )
    inside = used[lists.list_of_item]
    return fit_examination(seen), Examination(
        source="randomised" if by_random else "shown",
        lists=len(np.unique(lists.list_of_item[inside & (acted > 0)])),
        actions=int(acted[inside].sum()),
        positions=tuple(k for k in _SHOWN_POSITIONS if k <= lists.positions.max()),
        platforms={},
    )


def _described(
    examination: Examination,
    curve: ExaminationCurve,
    changes: np.ndarray,
    lists: UsableLists,
    interval: Interval,
) -> Examination:
    positions = np.array(examination.positions, dtype=float)
    platforms = {}
    for number, name in enumerate(lists.platforms.tolist()):
        drawn = curve.drawn(positions, number, changes)
        platforms[name.decode(errors="replace")] = tuple(interval.of(one) for one in drawn)
    return examination.model_copy(update={"platforms": platforms})
