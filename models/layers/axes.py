"""Names of what lies along the axes of weights: features' columns, tasks, hidden units.

By them a weight of one model is found in another whose features or tasks stand in another order.
"""

from collections.abc import Sequence
from typing import NamedTuple, TypeAlias

import tensorflow as tf

Names: TypeAlias = tuple[str, ...]

_TASK = "task:"


class NamedAxes(NamedTuple):
    """A weight and what lies along its axes.

    Attributes:
        weight: the weight.
        names: the names along each axis; None along an axis that goes by place, as hidden units do.
    """

    weight: tf.Variable
    names: tuple[Names | None, ...]


def name_axes(weight: tf.Variable, *names: Names | None) -> NamedAxes:
    """Names the axes of a weight.

    Args:
        weight: the weight.
        names: of each axis, from the first; None for an axis that goes by place.

    Returns:
        The weight with its names.

    Raises:
        ValueError: there are not as many names as the axis is long.
    """
    named = (*names, *[None] * (weight.shape.rank - len(names)))
    for axis, of_axis in enumerate(named):
        if of_axis is not None and len(of_axis) != weight.shape[axis]:
            raise ValueError(
                f"{weight.name}: expected {weight.shape[axis]} names along axis {axis}, "
                f"found {len(of_axis)}"
            )
    return NamedAxes(weight, named)


def unit_names(layer: str, units: int) -> Names:
    """Names of hidden units beside which features' columns may stand."""
    return tuple(f"{layer}:{number}" for number in range(units))


def task_names(tasks: Sequence[str], parts: int = 1) -> Names:
    """Names of what each task has for itself.

    Args:
        tasks: names of the tasks.
        parts: how many parts of its own each task has, such as experts.

    Returns:
        The names, task after task.
    """
    return tuple(f"{_TASK}{task}:{part}" for task in tasks for part in range(parts))


def task_of(name: str) -> str | None:
    """The task that a name of `task_names` belongs to; None for other names."""
    return name.removeprefix(_TASK).rpartition(":")[0] if name.startswith(_TASK) else None


def of_task(name: str, task: str) -> str:
    """What another task has in place of what a name of `task_names` stands for."""
    return f"{_TASK}{task}:{name.rpartition(':')[2]}"
