"""What one pass over the lists measures: its slices, and a fixed row of sums."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from components.evaluator.config import (
    AGE_NAMES,
    GRADED,
    EvaluationConfig,
    ReleaseGate,
    SliceColumn,
    SliceGroup,
)
from data.definition import keys
from data.definition.base import Definition
from data.definition.dataset import Dataset

# Values by column: {} is overall, {"region": "DE", "platform": "app"} one region on one platform.
Slice = dict[str, str]

AGE_GROUP = "list_age_group"
_PLACE_OF_AGE = {name: place for place, name in enumerate(AGE_NAMES)}

# Not in Examples either: a part of a list has the kind of its items, a whole list has none.
ITEM_KIND, LIST_PART, WHOLE, OF_KIND = "item_kind", "list_part", "whole", "of_kind"

SLICE_KEYS: dict[SliceColumn, str] = {
    "platform": keys.LIST_PLATFORM,
    "region": keys.LIST_REGION,
    "randomised": keys.LIST_RANDOMISED,
    # Not in Examples: made of the list's age.
    "age": AGE_GROUP,
    "kind": ITEM_KIND,
}
_COLUMNS = {key: column for column, key in SLICE_KEYS.items()}
_ORDER: tuple[SliceColumn, ...] = ("region", "platform", "randomised", "age", "kind")

GROUPS: dict[SliceGroup, tuple[SliceColumn, ...]] = {
    "overall": (),
    "every_region": ("region",),
    "every_platform": ("platform",),
    "every_region_and_platform": ("region", "platform"),
    "every_kind": ("kind",),
}

CANDIDATE, BASELINE = "candidate", "baseline"
SCORE, OWN, LOGGED, RANDOM = "score", "own", "logged", "random"
PREDICTED, OBSERVED, PCOC = "predicted", "observed", "pcoc"
EXPECTED = "expected_"
Basis = Literal["labels", "logged", "truth", "items"]


def declared_columns(dataset: Dataset) -> list[SliceColumn]:
    """The slice columns that a dataset names."""
    named = {
        "region": dataset.region,
        "platform": dataset.platform,
        "randomised": dataset.randomised,
        "age": any(task.window is not None for task in dataset.tasks),
        "kind": dataset.kind_of_item,
    }
    return [column for column in SLICE_KEYS if named[column]]


def place_of(part: Mapping[str, str]) -> tuple[int, list[tuple[str, int, str]]]:
    """The place of a slice among others: overall first, ages from the youngest on, else by name."""
    return len(part), [
        (column, _PLACE_OF_AGE.get(value, 0), value) for column, value in part.items()
    ]


def slicings(dataset: Dataset, gates: Iterable[ReleaseGate]) -> tuple[tuple[SliceColumn, ...], ...]:
    """The columns that lists are sliced by.

    Args:
        dataset: says which columns there are.
        gates: name slices of their own.

    Returns:
        Overall (no column), platform, region, randomised traffic, age, kind of items, region and
        platform, as far as they are declared; then what else a gate names, such as region and
        randomised traffic.
    """
    declared = declared_columns(dataset)
    result: list[tuple[SliceColumn, ...]] = [(), *((column,) for column in declared)]
    if {"platform", "region"} <= set(declared):
        result.append(("region", "platform"))
    selectors = [selector for gate in gates for selector in gate.slices]
    result += [columns_of(selector) for selector in selectors]
    return tuple(dict.fromkeys(result))


def columns_of(selector: SliceGroup | Mapping[SliceColumn, str]) -> tuple[SliceColumn, ...]:
    """The columns of a gate's selector, in the order region, platform, randomised."""
    return (
        GROUPS[selector]
        if isinstance(selector, str)
        else tuple(column for column in _ORDER if column in selector)
    )


def from_tfma(slice_key: Iterable[tuple[str, str]]) -> Slice:
    """Reads a slice off TFMA's key, in the order region, platform, randomised."""
    return _as_slice({_COLUMNS[key]: value for key, value in slice_key if key != LIST_PART})


def describe(values: Slice) -> str:
    """A slice in words: `overall`, or `region DE, platform app`."""
    return ", ".join(f"{column} {value}" for column, value in values.items()) or "overall"


def select(selector: SliceGroup | Mapping[SliceColumn, str], known: Iterable[Slice]) -> list[Slice]:
    """The slices that a gate's selector stands for.

    Args:
        selector: `overall`, `every_...`, or values by column.
        known: all slices that were measured.

    Returns:
        The slices; one that is named is in it even if no list was in it.
    """
    if not isinstance(selector, str):
        return [_as_slice(selector)]
    columns = GROUPS[selector]
    return [values for values in known if tuple(values) == columns] or ([] if columns else [{}])


def _as_slice(values: Mapping[SliceColumn, str]) -> Slice:
    return {column: values[column] for column in _ORDER if column in values}


@dataclass(frozen=True)
class Column:
    """One mean: sum of list weight * value over sum of list weight * basis.

    Attributes:
        target: a task or `graded`.
        measure: `ndcg@5`, `mrr`, `expected_ndcg@5`, or `mean` for calibration.
        order: what ranks the items (`score`, `own`, `logged`, `random`), or with `mean` what is
            averaged (`predicted`, `observed`).
        basis: the denominator: 1 for each list that counts by its labels (`labels`), and has all
            shown positions (`logged`), or by its true probabilities (`truth`), see
            `data.metrics.ranked.order_matters`; or the number of labelled `items`.
        model: `candidate` or `baseline`; empty where no model is involved.
    """

    target: str
    measure: str
    order: str
    basis: Basis
    model: str = ""


class Plan(Definition):
    """What is measured, in a form that travels to Beam workers as JSON.

    Attributes:
        grades: grade by task, in order.
        truth: targets with a true probability.
        logged: whether the shown position is known.
        cut_offs: names of the ranks at which NDCG is cut off, such as `5` and `all`.
        replicates: bootstrap replicates.
        models: `candidate`, and `baseline` where there is one.
        slicings: the columns of each kind of slice.
        windows: seconds that a list must have been seen for, by task that has a window.
        kinds: whether the items of each kind in a list are also judged as a list of their own.
    """

    grades: dict[str, int]
    truth: tuple[str, ...]
    logged: bool
    cut_offs: tuple[str, ...]
    replicates: int
    models: tuple[str, ...] = (CANDIDATE,)
    slicings: tuple[tuple[SliceColumn, ...], ...] = ((),)
    windows: dict[str, int] = {}
    kinds: bool = False

    @property
    def tasks(self) -> tuple[str, ...]:
        """The tasks in order."""
        return tuple(self.grades)

    @property
    def targets(self) -> tuple[str, ...]:
        """The tasks, and the graded relevance over all of them."""
        return (*self.grades, GRADED)

    @cached_property
    def columns(self) -> tuple[Column, ...]:
        """All means, in the order of the sums."""
        return tuple(self._columns())

    @cached_property
    def bases(self) -> tuple[tuple[str, Basis], ...]:
        """The different denominators (target, basis), in the order of the sums."""
        return tuple(dict.fromkeys((column.target, column.basis) for column in self.columns))

    @cached_property
    def basis_of_column(self) -> tuple[int, ...]:
        """For each column the index of its denominator."""
        indices = {basis: index for index, basis in enumerate(self.bases)}
        return tuple(indices[column.target, column.basis] for column in self.columns)

    def ndcg_names(self, prefix: str = "") -> tuple[str, ...]:
        """`ndcg@5` and so on."""
        return tuple(f"{prefix}ndcg@{rank}" for rank in self.cut_offs)

    def measures(self, target: str) -> tuple[str, ...]:
        """Ranking metrics of a target's labels."""
        return self.ndcg_names() if target == GRADED else (*self.ndcg_names(), "mrr")

    def _columns(self) -> Iterator[Column]:
        for target in self.targets:
            for model, order in self._orders(target):
                basis: Basis = "logged" if order == LOGGED else "labels"
                for measure in self.measures(target):
                    yield Column(target, measure, order, basis, model)
                # The shown order was not chosen for its true probabilities alone, and its
                # positions may be missing: it is judged on labels only.
                if target in self.truth and order != LOGGED:
                    for measure in self.ndcg_names(EXPECTED):
                        yield Column(target, measure, order, "truth", model)
        for task in self.tasks:
            yield Column(task, "mean", OBSERVED, "items")
            for model in self.models:
                yield Column(task, "mean", PREDICTED, "items", model)

    def _orders(self, target: str) -> Iterator[tuple[str, str]]:
        for model in self.models:
            yield model, SCORE
            if target != GRADED:
                yield model, OWN
        yield "", RANDOM
        if self.logged:
            yield "", LOGGED


def make_plan(dataset: Dataset, config: EvaluationConfig, baseline: bool) -> Plan:
    """Plans the evaluation of a candidate, and of a baseline beside it.

    Args:
        dataset: tasks, positions, true probabilities.
        config: cut-offs, replicates, and the slices of the gates.
        baseline: whether there is a baseline.

    Returns:
        The plan.
    """
    return Plan(
        grades={task.name: task.grade for task in dataset.tasks},
        truth=truth_targets(dataset),
        logged=dataset.position is not None,
        cut_offs=tuple(map(str, config.ndcg_at)),
        replicates=config.replicates,
        models=(CANDIDATE, BASELINE) if baseline else (CANDIDATE,),
        slicings=slicings(dataset, config.gates or ()),
        windows={task.name: task.window for task in dataset.tasks if task.window is not None},
        kinds=dataset.kind_of_item is not None,
    )


def truth_targets(dataset: Dataset) -> tuple[str, ...]:
    """Tasks with true probabilities, and `graded` where they say how gains are distributed."""
    known = tuple(task.name for task in dataset.tasks if task.true_probability)
    everything = len(known) == len(dataset.tasks) and dataset.actions_imply_previous
    return (*known, GRADED) if everything else known
