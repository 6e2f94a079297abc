"""Starting a training from a pushed model, with tasks and values that it did not know."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import tensorflow as tf

from data.errors import InputError
from models.features.feature_ids import FeatureIds
from models.ranking_model import RankingModel
from models.training.progress import TRAINING_LOGGER
from models.training.pushed_model import PushedModel
from models.weight_names import embedding_name, named_weights

# What the names of nearly all weights begin with.
_WHOLE = "ranking_model/"


@dataclass
class WarmStart:
    """What became of each weight.

    Attributes:
        taken: names of weights that were taken as they were.
        grown: what was made of weights that were there in part, by name.
        new: names of weights that the pushed model does not have; they start as drawn.
        misfits: why a weight of the pushed model was not taken, by name.
        left: names of weights of the pushed model that this model does not have.
    """

    taken: list[str] = field(default_factory=list)
    grown: dict[str, str] = field(default_factory=dict)
    new: list[str] = field(default_factory=list)
    misfits: dict[str, str] = field(default_factory=dict)
    left: list[str] = field(default_factory=list)

    def lines(self) -> list[str]:
        """The report, for people."""
        lines = [f"warm start: {len(self.taken)} weights taken as they were"]
        for how in dict.fromkeys(self.grown.values()):
            names = [name.removeprefix(_WHOLE) for name, one in self.grown.items() if one == how]
            lines.append(f"  grown: {', '.join(names)}: {how}")
        lines += [f"  new: {name}" for name in self.new]
        lines += [f"  does not fit: {name}: {why}" for name, why in self.misfits.items()]
        if self.left:
            names = [name.removeprefix(_WHOLE) for name in self.left]
            lines.append(f"  left, since this model has no such weights: {', '.join(names)}")
        return lines

    def log(self) -> None:
        """Logs the report, for the screen too."""
        for line in self.lines():
            TRAINING_LOGGER.log(logging.INFO, "%s", line, extra={"notice": line})


def warm_start(
    model: RankingModel, vocabularies: Mapping[str, Sequence[bytes]], pushed: PushedModel
) -> WarmStart:
    """Gives a model the weights of a pushed one, matched by name.

    A value that both vocabularies have keeps its embedding. Where tasks were added, what each task
    has for itself (token MLP, mask with its MLP, linear path) starts as the mean of its
    neighbours', at an end as a copy; what the tasks share is taken as it is.

    Args:
        model: a built model; its weights are changed.
        vocabularies: values of its categorical features, by id.
        pushed: the model to start from.

    Returns:
        What was taken, what was new and what did not fit.

    Raises:
        InputError: the model lacks a task of the pushed one or has them in another order, or
            nothing fits at all.
    """
    shares = task_shares(pushed.tasks, [task.name for task in model.dataset.tasks])
    features = {embedding_name(feature.name): feature for feature in model.dataset.features}
    weights = named_weights(model)
    report = WarmStart(left=[name for name in pushed.weights if name not in weights])
    for name, variable in weights.items():
        if not variable.trainable:
            continue
        if name not in pushed.weights:
            report.new.append(name)
        elif name in features:
            feature = features[name]
            now = FeatureIds.of(
                model.dataset, feature, vocabularies.get(feature.name), variable.shape[0]
            )
            rows = now.rows_in(pushed.ids(feature.name))
            _take_embedding(variable, name, pushed.weights[name], rows, report)
        else:
            _take(variable, name, pushed.weights[name], shares, report)
    if not report.taken:
        raise InputError(
            "--warm-start: expected a model of the same ranker, found no weight that fits"
        )
    return report


def task_shares(known: Sequence[str], tasks: Sequence[str]) -> np.ndarray:
    """Of which known tasks each task starts as the mean.

    Args:
        known: names of the pushed model's tasks, in order.
        tasks: names of all tasks, in order; the known ones among them.

    Returns:
        float [T, known], rows that sum to 1: a known task is itself, a new one the mean of the
        nearest known tasks before and after it, where there are both.

    Raises:
        InputError: a known task is missing, or their order differs.
    """
    if [task for task in tasks if task in set(known)] != list(known):
        raise InputError(
            f"--warm-start: expected the pushed model's tasks {list(known)} in their order among "
            f"the dataset's, found {list(tasks)}"
        )
    shares = np.zeros((len(tasks), len(known)), np.float32)
    for number, task in enumerate(tasks):
        before = sum(earlier in known for earlier in tasks[:number])
        near = {known.index(task)} if task in known else {before - 1, before}
        near = {one for one in near if 0 <= one < len(known)}
        shares[number, list(near)] = 1 / len(near)
    return shares


def _take(
    variable: tf.Variable, name: str, value: np.ndarray, shares: np.ndarray, report: WarmStart
) -> None:
    grown = _grown(value, shares, tuple(variable.shape))
    if value.shape == variable.shape:
        variable.assign(value)
        report.taken.append(name)
    elif grown is not None:
        variable.assign(grown)
        report.grown[name] = "a new task starts as the mean of its neighbours"
    else:
        report.misfits[name] = f"expected {tuple(variable.shape)}, found {value.shape}"


def _grown(value: np.ndarray, shares: np.ndarray, shape: tuple[int, ...]) -> np.ndarray | None:
    """The value with an entry for each task along the axis of tasks, the first or the last."""
    for axis in (0, -1) if value.ndim else ():
        if value.shape[axis] == shares.shape[1]:
            grown = np.moveaxis(np.tensordot(shares, value, (1, axis)), 0, axis)
            if grown.shape == shape:
                return grown
    return None


def _take_embedding(
    variable: tf.Variable, name: str, value: np.ndarray, rows: np.ndarray, report: WarmStart
) -> None:
    if value.shape[1] != variable.shape[1]:
        report.misfits[name] = f"expected width {variable.shape[1]}, found {value.shape[1]}"
        return
    known = rows >= 0
    variable.assign(np.where(known[:, np.newaxis], value[rows], variable))
    if known.all():
        report.taken.append(name)
    else:
        report.grown[name] = f"{known.sum():,} of {len(rows):,} values were known"
