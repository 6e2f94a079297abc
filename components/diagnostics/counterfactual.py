"""What the order by the served score would have earned on the drawn lists."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pyarrow as pa

from components.diagnostics.drawn_lists import DrawnLists
from components.diagnostics.earnings import Earnings, Interval
from components.diagnostics.results import Counterfactual, Examination
from components.diagnostics.usable_lists import (
    Outputs,
    UsableLists,
    first_position_of,
    usable_lists,
)
from data.artifacts.examination import LearntExamination
from data.counterfactual.examination import (
    FEWEST_RANDOMISED,
    LARGEST_WEIGHT,
    ActedLists,
    ExaminationCurve,
    fit_examination,
)
from data.definition.dataset import Dataset
from data.poisson_weights import poisson_weights

# Items acted on, in all lists, to say anything.
FEWEST = 100

_SHOWN_POSITIONS = (1, 2, 3, 5, 10, 20, 50, 100)


def measure_earnings(
    dataset: Dataset,
    sample: DrawnLists,
    outputs: Outputs,
    interval: Interval,
    random_orders: DrawnLists | None = None,
    learnt: LearntExamination | None = None,
) -> Counterfactual:
    """Estimates what the new order would earn, by task, traffic and region.

    Args:
        dataset: names the tasks, and says whether positions are known.
        sample: the lists, whose list weights count.
        outputs: float [N] by name, the model's answers; of a model that was trained with position
            bias corrected `CHANCE` too.
        interval: how intervals are made.
        random_orders: other lists that were shown in random order, such as those of training;
            they help to say how much each position is looked at.
        learnt: what training says of that, where it corrected position bias.

    Returns:
        The estimates, or why there are none.
    """
    empty = Counterfactual(largest_weight=LARGEST_WEIGHT)
    if sample.labelled.positions is None:
        reason = "The dataset names no column `position`: where items were shown is not known."
        return empty.model_copy(update={"reason": reason})
    first = first_position_of([sample, random_orders] if random_orders else [sample])
    parts = [usable_lists(dataset, sample, first, outputs)]
    parts += [usable_lists(dataset, random_orders, first)] if random_orders else []
    names = np.unique(np.concatenate([part.platforms for part in parts]))
    lists, *others = (part.on_platforms(names) for part in parts)
    left_out = len(sample.row_lengths) - len(lists.row_lengths)
    fit = _fit(lists, others)
    if fit is None:
        reason = (
            f"Expected {FEWEST} items that were acted on in lists with known positions, "
            f"found {int(lists.acted.sum())}."
        )
        return empty.model_copy(update={"reason": reason, "lists_left_out": left_out})
    changes = fit.curve.changes(_draws(fit.users, interval))
    earnings = Earnings(lists, fit.curve, changes, _draws(lists.users, interval), interval)
    return Counterfactual(
        lists_left_out=left_out,
        largest_weight=LARGEST_WEIGHT,
        examination=_described(fit, changes, names, interval).model_copy(
            update={
                "corrected": fit.source == "shown" and learnt is not None,
                **_beside(fit, lists, names, learnt),
            }
        ),
        slices=tuple(earnings.slices()),
    )


@dataclass(frozen=True)
class _Fit:
    """A curve, and what it was fitted to.

    Attributes:
        source: where the order of the lists came from.
        curve: the curve.
        seen: its lists.
        users: bytes [B], theirs.
    """

    source: Literal["randomised", "shown"]
    curve: ExaminationCurve
    seen: ActedLists
    users: np.ndarray


def _fit(lists: UsableLists, others: Sequence[UsableLists]) -> _Fit | None:
    """Examination by lists in random order where they have enough actions, else by those judged."""
    parts = [lists, *others]
    random = _joined([part.seen(part.randomised, np.ones_like(part.positions)) for part in parts])
    if random.acted.sum() >= FEWEST_RANDOMISED:
        users = np.concatenate([part.users[part.randomised] for part in parts])
        return _Fit("randomised", fit_examination(random), random, users)
    if lists.acted.sum() < FEWEST:
        return None
    shown = lists.seen(np.ones_like(lists.randomised), lists.chance)
    return _Fit("shown", fit_examination(shown), shown, lists.users)


def _joined(parts: Sequence[ActedLists]) -> ActedLists:
    names = ("acted", "positions", "chance", "row_lengths", "weights", "platform")
    joined = {name: np.concatenate([getattr(part, name) for part in parts]) for name in names}
    return ActedLists(**joined, platforms=parts[0].platforms)


def _draws(users: np.ndarray, interval: Interval) -> np.ndarray:
    """Once each list, then how often it is drawn in each replicate: float [B, 1 + R]."""
    draws = np.ones((len(users), 1 + interval.replicates))
    draws[:, 1:] = poisson_weights(pa.array(users, pa.binary()), interval.replicates)
    return draws


def _beside(
    fit: _Fit, lists: UsableLists, names: np.ndarray, learnt: LearntExamination | None
) -> dict[str, dict[str, tuple[float, ...]]]:
    """What training and true probabilities say of examination, by platform, where they do."""
    known = np.array(_known_positions(fit), float)
    texts = [name.decode(errors="replace") for name in names.tolist()]
    found: dict[str, dict[str, tuple[float, ...]]] = {}
    if learnt is not None:
        found["learnt"] = {name: tuple(learnt.at(known, name).tolist()) for name in texts}
    if lists.truth is not None:
        true = fit_examination(lists.seen(np.ones_like(lists.randomised), lists.truth))
        found["truth"] = {
            name: tuple(true.at(known, np.full(len(known), number)).tolist())
            for number, name in enumerate(texts)
        }
    return found


def _known_positions(fit: _Fit) -> list[int]:
    return [k for k in _SHOWN_POSITIONS if k <= fit.seen.positions.max()]


def _described(
    fit: _Fit, changes: np.ndarray, names: np.ndarray, interval: Interval
) -> Examination:
    seen = fit.seen
    known = _known_positions(fit)
    platforms = {}
    for number, name in enumerate(names.tolist()):
        drawn = fit.curve.drawn(np.array(known, dtype=float), number, changes)
        platforms[name.decode(errors="replace")] = tuple(interval.of(one) for one in drawn)
    return Examination(
        source=fit.source,
        lists=len(seen.row_lengths),
        actions=int(seen.acted.sum()),
        positions=tuple(known),
        platforms=platforms,
    )
