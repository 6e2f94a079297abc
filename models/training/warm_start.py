"""Starting a training from a pushed model, with tasks and values that it did not know."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from data.errors import InputError
from data.notices import tell
from models.features.feature_ids import FeatureIds
from models.ranking_model import RankingModel
from models.training.carried_weight import Carried, carry
from models.training.progress import TRAINING_LOGGER
from models.training.pushed_model import PushedModel
from models.weights import (
    Axes,
    Weight,
    embedding_name,
    feature_columns,
    named_weights,
    weight_axes,
)

# What the names of nearly all weights begin with.
_WHOLE = "ranking_model/"
_SHOWN_COLUMNS = 10


@dataclass
class WarmStart:
    """What became of each weight.

    Attributes:
        taken: names of weights that were taken as they were, or by name where columns of features
            stand at other places.
        grown: what was made of weights that were there in part, by name.
        new: names of weights that the pushed model does not have; they start as drawn.
        misfits: why a weight of the pushed model was not taken, by name.
        left: names of weights of the pushed model that this model does not have.
        new_columns: columns of features that the pushed model does not have; their weights start
            at 0.
        left_columns: columns of features that this model does not have.
    """

    taken: list[str] = field(default_factory=list)
    grown: dict[str, str] = field(default_factory=dict)
    new: list[str] = field(default_factory=list)
    misfits: dict[str, str] = field(default_factory=dict)
    left: list[str] = field(default_factory=list)
    new_columns: list[str] = field(default_factory=list)
    left_columns: list[str] = field(default_factory=list)

    def lines(self) -> list[str]:
        """The report, for people."""
        lines = [f"warm start: {len(self.taken)} weights taken as they were"]
        for how in dict.fromkeys(self.grown.values()):
            names = [name.removeprefix(_WHOLE) for name, one in self.grown.items() if one == how]
            lines.append(f"  grown: {', '.join(names)}: {how}")
        lines += [f"  new: {name}" for name in self.new]
        lines += [f"  does not fit: {name}: {why}" for name, why in self.misfits.items()]
        if self.new_columns:
            lines.append(f"  new inputs, whose weights start at 0: {_shown(self.new_columns)}")
        if self.left_columns:
            lines.append(
                f"  left, since this model has no such inputs: {_shown(self.left_columns)}"
            )
        if self.left:
            names = [name.removeprefix(_WHOLE) for name in self.left]
            lines.append(f"  left, since this model has no such weights: {', '.join(names)}")
        return lines

    def log(self) -> None:
        """Logs the report, for the screen too."""
        tell(TRAINING_LOGGER, self.lines())


def warm_start(
    model: RankingModel, vocabularies: Mapping[str, Sequence[bytes]], pushed: PushedModel
) -> WarmStart:
    """Gives a model the weights of a pushed one, matched by name.

    Within a weight, columns of features are matched by name as well, wherever they stand. A value
    that both vocabularies have keeps its embedding. Where tasks were added, what each task has for
    itself (token MLP, mask with its MLP, linear path) starts as the mean of its neighbours', at an
    end as a copy; what the tasks share is taken as it is.

    Args:
        model: a built model; its weights are changed.
        vocabularies: values of its categorical features, by id.
        pushed: the model to start from.

    Returns:
        What was taken, what was new and what did not fit.

    Raises:
        InputError: the model lacks a task of the pushed one or has them in another order, a feature
            stands on another side of the region split, where its weights cannot follow, or nothing
            fits at all. The model is not changed then.
    """
    neighbours = task_neighbours(pushed.tasks, [task.name for task in model.dataset.tasks])
    weights, axes = named_weights(model), weight_axes(model)
    _check_sides(model, axes, pushed)
    columns = [*model.streams.feature_of_columns(), *model.streams.entry_columns()]
    report = WarmStart(
        left=[name for name in pushed.weights if name not in weights],
        new_columns=[name for name in columns if name not in pushed.columns],
        left_columns=[name for name in pushed.columns if name not in columns],
    )
    features = {embedding_name(feature.name): feature for feature in model.dataset.features}
    for name, weight in weights.items():
        if not weight.trainable:
            continue
        if name not in pushed.weights:
            report.new.append(name)
        elif name in features:
            feature = features[name]
            now = FeatureIds.of(
                model.dataset, feature, vocabularies.get(feature.name), weight.shape[0]
            )
            rows = now.rows_in(pushed.ids(feature.name))
            _take_embedding(weight, name, pushed.weights[name], rows, report)
        else:
            before = pushed.axes.get(name)
            carried = carry(pushed.weights[name], before, axes.get(name), neighbours)
            _take(weight, name, carried, report)
    if not report.taken:
        raise InputError(
            "--warm-start: expected a model of the same ranker, found no weight that fits"
        )
    return report


def task_neighbours(known: Sequence[str], tasks: Sequence[str]) -> dict[str, list[str]]:
    """Of which known tasks each task starts as the mean.

    Args:
        known: names of the pushed model's tasks, in order.
        tasks: names of all tasks, in order; the known ones among them.

    Returns:
        By task: itself where it is known, else the nearest known tasks before and after it, where
        there are both.

    Raises:
        InputError: a known task is missing, or their order differs.
    """
    if [task for task in tasks if task in set(known)] != list(known):
        raise InputError(
            f"--warm-start: expected the pushed model's tasks {list(known)} in their order among "
            f"the dataset's, found {list(tasks)}"
        )
    neighbours = {}
    for number, task in enumerate(tasks):
        before = sum(earlier in known for earlier in tasks[:number])
        near = [task] if task in known else known[max(before - 1, 0) : before + 1]
        neighbours[task] = list(near)
    return neighbours


def _check_sides(model: RankingModel, axes: Mapping[str, Axes], pushed: PushedModel) -> None:
    """Refuses features whose weights stand where this model does not read them any more."""
    if not set(axes) & set(pushed.axes):
        return
    feature_of = model.streams.feature_of_columns()
    lost = set()
    for name, before in pushed.axes.items():
        for axis, names in enumerate(before):
            now = (axes[name][axis] or ()) if name in axes else ()
            lost |= {feature_of.get(one) for one in set(feature_columns(names or ())) - set(now)}
    moved = [
        f"{feature} ({pushed.sides[feature]}, now {side})"
        for feature, side in model.streams.sides.items()
        if feature in lost and pushed.sides.get(feature, side) != side
    ]
    if moved:
        raise InputError(
            "--warm-start: expected features on the sides of the region split that the pushed "
            "model knows, since their weights are of no use on another one; found "
            f"{', '.join(moved)}. `side` in the definition pins a feature; or train without "
            "--warm-start"
        )


def _take(weight: Weight, name: str, carried: Carried | str, report: WarmStart) -> None:
    if isinstance(carried, str):
        report.misfits[name] = carried
    elif carried.value.shape != weight.shape:
        report.misfits[name] = f"expected {weight.shape}, found {carried.value.shape}"
    else:
        weight.assign(carried.value)
        if carried.grown:
            report.grown[name] = carried.grown
        else:
            report.taken.append(name)


def _take_embedding(
    weight: Weight, name: str, value: np.ndarray, rows: np.ndarray, report: WarmStart
) -> None:
    if value.shape[1] != weight.shape[1]:
        report.misfits[name] = f"expected width {weight.shape[1]}, found {value.shape[1]}"
        return
    known = rows >= 0
    weight.assign(np.where(known[:, np.newaxis], value[rows], weight.numpy()))
    if known.all():
        report.taken.append(name)
    else:
        report.grown[name] = f"{known.sum():,} of {len(rows):,} values were known"


def _shown(columns: Sequence[str]) -> str:
    more = f" and {len(columns) - _SHOWN_COLUMNS} more" if len(columns) > _SHOWN_COLUMNS else ""
    return ", ".join(columns[:_SHOWN_COLUMNS]) + more
