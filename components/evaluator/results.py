"""metrics.json and verdict.json: what was measured, and whether a model is blessed, and why."""

from typing import Literal

from pydantic import Field

from components.evaluator.plan import Slice
from data.artifacts.result_file import ResultFile
from data.definition.base import Definition

TOO_SMALL = "too small to judge"
MEASURABLE = "lists: some can be judged by"


class Estimate(Definition):
    """A number with its interval; None where it is not measurable.

    Attributes:
        value: the number itself.
        low: lower end of the interval.
        high: upper end of the interval.
        standard_error: standard deviation of the bootstrap replicates.
    """

    value: float | None = None
    low: float | None = None
    high: float | None = None
    standard_error: float | None = None


class Metric(Estimate):
    """A ranking metric of the candidate, or of an order that needs no model.

    Attributes:
        above_random: difference to a random order of the same lists.
        share_of_best: with `expected_ndcg`: (metric - random) / (1 - random), the share of the
            way from a random order to the best possible one.
        baseline: the same metric of the last blessed model.
        change: candidate - baseline, from paired replicates.
    """

    above_random: Estimate | None = None
    share_of_best: Estimate | None = None
    baseline: Estimate | None = None
    change: Estimate | None = None


class Target(Definition):
    """A task, or the graded relevance, in one slice.

    Attributes:
        lists_counted: lists of which one order is better than another
            (`data.metrics.ranked.order_matters`), and with a list weight above 0; the others have
            no NDCG.
        lists_not_counted: the others.
        lists_of_equals: of the others, those with something relevant in which no order can be
            wrong: one item, or all of them equally relevant.
        lists_open: of the others, those that have not been seen for as long as the window of the
            task (of `graded`: the longest): it is too early to say.
        positives: relevant items.
        labelled_items: items whose label is known; None for `graded`.
        predicted: mean predicted probability of the labelled items (candidate).
        predicted_by_baseline: the same of the last blessed model.
        observed: mean label of the labelled items.
        pcoc: predicted / observed, of the candidate: above 1, probabilities are too high.
        rankings: by what ranks the items (`score`, `own`, `logged`, `random`) and by metric.
            `logged` is the order that was shown: its own clicks favour it.
    """

    lists_counted: int
    lists_not_counted: int
    lists_of_equals: int = 0
    lists_open: int = 0
    positives: int
    labelled_items: int | None = None
    predicted: Estimate | None = None
    predicted_by_baseline: Estimate | None = None
    observed: Estimate | None = None
    pcoc: Estimate | None = None
    rankings: dict[str, dict[str, Metric]] = {}


class SliceResults(Definition):
    """All that was measured in one slice.

    Attributes:
        slice: value by column; empty for overall.
        lists: number of lists.
        items: number of items.
        faulty_predictions: by model, items without a finite prediction.
        targets: by task, and `graded`.
    """

    slice: Slice
    lists: int
    items: int
    faulty_predictions: dict[str, int]
    targets: dict[str, Target]


class Results(ResultFile):
    """The whole of metrics.json.

    Attributes:
        version: of this format.
        gain: how gains come from relevance.
        confidence: level of all intervals.
        replicates: bootstrap replicates.
        candidate: folder of the model that was evaluated.
        baseline: folder of the last blessed model, where it was compared.
        slices: overall first, then as they were declared.
    """

    FILE = "metrics.json"

    version: Literal[1] = 1
    gain: str = "2^relevance - 1"
    confidence: float
    replicates: int
    candidate: str
    baseline: str | None = None
    slices: tuple[SliceResults, ...] = Field(default=())

    def slice_of(self, values: Slice) -> SliceResults | None:
        """The results of one slice, or None where no list was in it."""
        return next((results for results in self.slices if results.slice == values), None)


class ReleaseGateResult(Definition):
    """One gate in one slice.

    Attributes:
        gate: what was asked, such as `click ndcg@10 by score: above random`.
        slice: value by column; empty for overall.
        value: the metric, the difference to a random order or the change, as the gate asks.
        low: lower end of its interval.
        high: upper end of its interval.
        threshold: what the value or the interval was held against.
        passed: None where the gate could not be judged and need not be.
        skipped: whether it was not judged.
        warned: whether it would have failed, had it not only to be told.
        why: the finding in words.
    """

    gate: str
    slice: Slice = {}
    value: float | None = None
    low: float | None = None
    high: float | None = None
    threshold: float | None = None
    passed: bool | None = None
    skipped: bool = False
    warned: bool = False
    why: str


class BaselineState(Definition):
    """How the last blessed model fared in the comparison.

    Attributes:
        state: `none` where no model was blessed before, `compared`, or `broken` where it cannot
            score the lists.
        model: its folder.
        error: why it is broken.
        ignored: whether a broken one was ignored, by `ignore_broken_baseline`.
    """

    state: Literal["none", "compared", "broken"]
    model: str | None = None
    error: str | None = None
    ignored: bool = False


class Verdict(ResultFile):
    """The whole of verdict.json.

    Attributes:
        version: of this format.
        blessed: whether the model may be pushed.
        reason: one line for people.
        candidate: folder of the model.
        baseline: the last blessed model.
        gates: every gate in every slice.
    """

    FILE = "verdict.json"

    version: Literal[1] = 1
    blessed: bool
    reason: str
    candidate: str
    baseline: BaselineState
    gates: tuple[ReleaseGateResult, ...]
