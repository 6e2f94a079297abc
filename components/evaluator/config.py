"""What is measured of a model, and which gates it must pass to be blessed."""

import itertools
from collections.abc import Sequence
from typing import Literal

from pydantic import Field, FiniteFloat, field_validator, model_validator

from data.definition.base import Definition
from data.definition.dataset import Dataset

GRADED = "graded"
DEFAULT_METRIC = "ndcg@10"
_HEADLINE_RANK = 10

SliceGroup = Literal[
    "overall", "every_region", "every_platform", "every_region_and_platform", "every_kind"
]
SliceColumn = Literal["region", "platform", "randomised", "age", "kind"]

# Groups of ages of lists, of datasets whose tasks have times: from so many days on.
AGES = (0, 1, 3, 7, 14, 28)
AGE_NAMES = (
    *(f"{low} to {high} days" for low, high in itertools.pairwise(AGES)),
    f"{AGES[-1]} days or more",
)
# Values that a slice may have, of columns that do not come from the logs.
_VALUES: dict[SliceColumn, Sequence[str]] = {"randomised": ("true", "false"), "age": AGE_NAMES}
CutOff = int | Literal["all"]


def headline_rank(ndcg_at: Sequence[CutOff]) -> CutOff:
    """The rank at which people are shown NDCG: 10 where it is measured, else the first one."""
    return _HEADLINE_RANK if _HEADLINE_RANK in ndcg_at else ndcg_at[0]


def headline_metric(ndcg_at: Sequence[CutOff]) -> str:
    """The metric that people are shown, and that the default gates are about: `ndcg@10`."""
    return f"ndcg@{headline_rank(ndcg_at)}"


class ReleaseGate(Definition):
    """One condition of a blessing, on one metric of one task, in one or more slices.

    Attributes:
        task: name of a task, or `graded`: the graded relevance over all tasks.
        ranked_by: `score`, the one that is served, or `own`, the task's own probability.
        metric: `ndcg@K`, `mrr`, or `expected_ndcg@K` where true probabilities are known.
        slices: `overall`, `every_region`, `every_platform`, `every_region_and_platform`,
            `every_kind`, or values such as `{region: DE}` or `{region: DE, randomised: true}`; one
            or a list of them. In slices by `kind` the items of a kind are ranked among their own.
        at_least: smallest value of the metric.
        against: `random`: the interval of the difference to a random order must lie above 0;
            `baseline`: the model must not be worse than the last blessed one.
        largest_drop: with `baseline`: share of the baseline's value that may be lost at most,
            however wide the interval is.
        must_be_measurable: whether a slice with too few lists fails the gate; by default it does
            where the slice is named, not under `every_...`.
    """

    task: str = GRADED
    ranked_by: Literal["score", "own"] = "score"
    metric: str = DEFAULT_METRIC
    slices: tuple[SliceGroup | dict[SliceColumn, str], ...] = ("overall",)
    at_least: FiniteFloat | None = None
    against: Literal["random", "baseline"] | None = None
    largest_drop: float = Field(default=0.05, ge=0, le=1)
    must_be_measurable: bool | None = None

    @field_validator("slices", mode="before")
    @classmethod
    def _one_or_several(cls, value: object) -> object:
        values = (value,) if isinstance(value, str | dict) else value
        if not isinstance(values, list | tuple):
            return values
        return tuple(_with_text(one) if isinstance(one, dict) else one for one in values)

    @model_validator(mode="after")
    def _check(self) -> "ReleaseGate":
        if self.at_least is None and self.against is None:
            raise ValueError("expected at_least, against or both")
        if self.task == GRADED and (self.ranked_by == "own" or self.metric == "mrr"):
            raise ValueError("graded relevance has an NDCG by the score only")
        if not self.slices or {} in self.slices:
            raise ValueError("slices: expected overall, every_... or {region: NAME}")
        for values in self.slices:
            for column, found in {} if isinstance(values, str) else values.items():
                known = _VALUES.get(column, (found,))
                if found not in known:
                    expected = " or ".join(known) if len(known) == 2 else f"one of {list(known)}"
                    raise ValueError(f"slices: {column}: expected {expected}, found {found!r}")
        return self


def _with_text(values: dict[object, object]) -> dict[object, object]:
    """A slice whose `randomised` may be a truth value of YAML."""
    found = values.get("randomised")
    return {**values, "randomised": str(found).lower()} if isinstance(found, bool) else values


class Latency(Definition):
    """How long an answer may take, in a process of its own on the machine of the Evaluator.

    Attributes:
        at_most_ms: milliseconds, for one list as plain values.
        items: items of the list.
        percentile: share of the answers that must be as fast, in percent.
        requests: number of answers, one after the other.
    """

    at_most_ms: FiniteFloat = Field(gt=0)
    items: int = Field(default=200, ge=1)
    percentile: float = Field(default=95, gt=0, le=100)
    requests: int = Field(default=100, ge=1)


class EvaluationConfig(Definition):
    """The evaluation.

    Attributes:
        ndcg_at: ranks at which NDCG is cut off; `all` takes whole lists.
        replicates: Poisson bootstrap replicates behind the intervals.
        confidence: level of the intervals.
        smallest_slice: lists that a slice needs: those that count for the gate's task, which have a
            positive and an order that can be wrong.
        gates: conditions of a blessing; None takes `default_release_gates`, an empty list sets
            none.
        calibration: what becomes of a model whose probabilities are too high or too low, overall,
            on a platform or in a region: `off` does not ask, `warn` tells, `refuse` does not bless.
        largest_calibration_gap: how far mean prediction / mean label (PCOC) may lie from 1: the
            interval of a task in a slice must reach into it.
        latency: how long an answer may take; None sets no limit.
        ignore_broken_baseline: whether a new model may be blessed although the last blessed one
            cannot score the new lists; the verdict records it.
    """

    ndcg_at: tuple[CutOff, ...] = Field(default=(5, 10, "all"), min_length=1)
    replicates: int = Field(default=200, ge=20, le=10_000)
    confidence: float = Field(default=0.95, gt=0, lt=1)
    smallest_slice: int = Field(default=100, ge=2)
    gates: tuple[ReleaseGate, ...] | None = None
    calibration: Literal["off", "warn", "refuse"] = "warn"
    largest_calibration_gap: float = Field(default=0.05, ge=0, lt=1)
    latency: Latency | None = None
    ignore_broken_baseline: bool = False

    @field_validator("calibration", mode="before")
    @classmethod
    def _off_of_yaml(cls, value: object) -> object:
        """YAML reads `off` as a truth value."""
        return "off" if value is False else value

    @field_validator("ndcg_at")
    @classmethod
    def _positive_and_different(cls, ranks: tuple[CutOff, ...]) -> tuple[CutOff, ...]:
        if len(set(ranks)) < len(ranks) or any(rank != "all" and rank < 1 for rank in ranks):
            raise ValueError("expected different ranks of at least 1, or all")
        return ranks


def release_gates_for(config: EvaluationConfig, dataset: Dataset) -> tuple[ReleaseGate, ...]:
    """The gates that are set, or the default ones."""
    return default_release_gates(config, dataset) if config.gates is None else config.gates


def default_release_gates(config: EvaluationConfig, dataset: Dataset) -> tuple[ReleaseGate, ...]:
    """The gates of a configuration that names none.

    The graded NDCG of the score must be above a random order's, and must not have become worse
    than the last blessed model's: overall, on any platform, in any region, among the items of any
    kind. The same holds overall
    for each task, as far as it has enough lists.

    Args:
        config: says at which ranks NDCG is cut off.
        dataset: names tasks, region and platform.

    Returns:
        The gates.
    """
    metric = headline_metric(config.ndcg_at)
    groups: list[SliceGroup] = ["overall"]
    groups += ["every_platform"] if dataset.platform else []
    groups += ["every_region"] if dataset.region else []
    groups += ["every_kind"] if dataset.kind_of_item else []
    gates = [
        ReleaseGate(metric=metric, against="random"),
        ReleaseGate(metric=metric, against="baseline", slices=tuple(groups)),
    ]
    for task in dataset.tasks:
        for against in ("random", "baseline"):
            gate = ReleaseGate(
                task=task.name, metric=metric, against=against, must_be_measurable=False
            )
            gates.append(gate)
    return tuple(gates)
