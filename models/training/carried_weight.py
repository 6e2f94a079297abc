"""A weight of one model as another one has it, whose features and tasks stand in another order."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from models.layers.axes import Names, of_task, task_of
from models.weights import Axes, feature_columns


class Carried(NamedTuple):
    """A weight in the other model's order.

    Attributes:
        value: the weight.
        grown: what was made of it where it was there in part; empty where it was there as a whole.
    """

    value: np.ndarray
    grown: str = ""


def carry(
    value: np.ndarray,
    before: Axes | None,
    now: Axes | None,
    neighbours: Mapping[str, Sequence[str]],
) -> Carried | str:
    """Brings a weight into another order along its named axes.

    A column of a feature is found by its name; one that is new is 0, so that it changes no score
    until it is trained. What a new task has for itself is the mean of what those of its neighbours
    have that have it, too: AITM passes the first task nothing.

    Args:
        value: the weight.
        before: the names along its axes; None where all go by place.
        now: the names along the other model's axes.
        neighbours: the known tasks that each task of the other model starts as the mean of.

    Returns:
        The weight, or why it does not fit.
    """
    before = before or (None,) * value.ndim
    now = now or (None,) * value.ndim
    if len(before) != len(now):
        return "it has other axes"
    grown = []
    for axis, (names, wanted) in enumerate(zip(before, now, strict=True)):
        if names == wanted:
            continue
        if names is None or wanted is None:
            return "its inputs are others"
        shares = _shares(names, wanted, neighbours)
        if shares is None:
            return "its inputs or units are others"
        value = np.moveaxis(np.tensordot(shares, value, (1, axis)), 0, axis)
        new = set(wanted) - set(names)
        if new & set(feature_columns(wanted)):
            grown.append("new inputs start at 0")
        if new - set(feature_columns(wanted)):
            grown.append("a new task starts as the mean of its neighbours")
        if set(names) - set(wanted):
            grown.append("inputs that went are left out")
    return Carried(value, "; ".join(dict.fromkeys(grown)))


def _shares(
    names: Names, wanted: Names, neighbours: Mapping[str, Sequence[str]]
) -> np.ndarray | None:
    """What each wanted name is made of, float [wanted, names]; None where one cannot be made."""
    places = {name: place for place, name in enumerate(names)}
    columns = {*feature_columns(names), *feature_columns(wanted)}
    if set(names) - set(wanted) - columns:
        return None
    shares = np.zeros((len(wanted), len(names)), np.float32)
    for number, name in enumerate(wanted):
        if name in columns and name not in places:
            continue
        sources = [name] if name in places else _of_neighbours(name, neighbours)
        sources = [source for source in sources if source in places]
        if not sources:
            return None
        shares[number, [places[source] for source in sources]] = 1 / len(sources)
    return shares


def _of_neighbours(name: str, neighbours: Mapping[str, Sequence[str]]) -> list[str]:
    """The names of what the neighbours of a name's task have in its place."""
    task = task_of(name)
    if task is None:
        return []
    return [of_task(name, known) for known in neighbours.get(task, ())]
