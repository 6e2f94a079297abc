"""What one pass over the lists measures: a fixed row of sums that extractor and metric share."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from components.evaluator.config import GRADED, EvaluationConfig, SliceColumn
from components.evaluator.slices import slicings
from data.dataset import Dataset
from data.definition import Definition

CANDIDATE, BASELINE = "candidate", "baseline"

SCORE, OWN, LOGGED, RANDOM = "score", "own", "logged", "random"
PREDICTED, OBSERVED = "predicted", "observed"
EXPECTED = "expected_"

Basis = Literal["labels", "logged", "truth", "items"]


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
            `data.ranked.order_matters`; or the number of labelled `items`.
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
    """

    grades: dict[str, int]
    truth: tuple[str, ...]
    logged: bool
    cut_offs: tuple[str, ...]
    replicates: int
    models: tuple[str, ...] = (CANDIDATE,)
    slicings: tuple[tuple[SliceColumn, ...], ...] = ((),)

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
    )


def truth_targets(dataset: Dataset) -> tuple[str, ...]:
    """Tasks with true probabilities, and `graded` where they say how gains are distributed."""
    known = tuple(task.name for task in dataset.tasks if task.true_probability)
    everything = len(known) == len(dataset.tasks) and dataset.actions_imply_previous
    return (*known, GRADED) if everything else known
