"""The gate on calibration: what the model says happens as often as it says."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from components.evaluator.config import GRADED, EvaluationConfig, SliceGroup
from components.evaluator.plan import GROUPS, Slice
from components.evaluator.release_gates.changes import Difference, holm_intervals
from components.evaluator.results import Estimate, ReleaseGateResult, Results

# As the default gates on ranking.
_GROUPS: tuple[SliceGroup, ...] = ("overall", "every_platform", "every_region", "every_kind")


@dataclass(frozen=True)
class _Judged:
    """Mean prediction / mean label of a task in a slice."""

    task: str
    slice: Slice
    pcoc: Estimate


def judge_calibration(results: Results, config: EvaluationConfig) -> Iterator[ReleaseGateResult]:
    """Judges mean prediction / mean label (PCOC) of each task, overall and by part of the lists.

    Parts are platforms, regions and kinds of items.

    A slice fails where the interval lies wholly outside 1 -+ the largest gap: where probabilities
    are too high or too low beyond chance. Intervals of all tasks and slices of a group, such as all
    regions, are Holm's: read together, they keep the level, however many regions there are.

    Args:
        results: what was measured.
        config: whether to ask and what follows, the largest gap, and the smallest slice, by lists
            that count for the task.

    Yields:
        A result for each slice that is large enough and each task; skipped where there is no
        interval.
    """
    if config.calibration == "off":
        return
    for group in _GROUPS:
        judged = [
            _Judged(task, measured.slice, target.pcoc)
            for measured in results.slices
            if tuple(measured.slice) == GROUPS[group]
            for task, target in measured.targets.items()
            if task != GRADED and target.pcoc and target.lists_counted >= config.smallest_slice
        ]
        yield from _judge_together(judged, config)


def _judge_together(
    judged: Sequence[_Judged], config: EvaluationConfig
) -> Iterator[ReleaseGateResult]:
    gap = config.largest_calibration_gap
    known = [one for one in judged if one.pcoc.standard_error is not None]
    values = np.array([one.pcoc.value for one in known], float)
    # The next value that is right: the value itself, or the end of the gap.
    right = np.clip(values, 1 - gap, 1 + gap)
    beyond = [
        Difference(float(value), one.pcoc.standard_error or 0.0)
        for value, one in zip(values - right, known, strict=True)
    ]
    ends = holm_intervals(beyond, config.confidence, config.replicates - 1) if beyond else []
    for one, away, (low, high) in zip(known, right.tolist(), ends, strict=True):
        too = ["high"] if low > 0 else ["low"] if high < 0 else []
        yield _result(one, config, away + low, away + high, len(known), too)
    for one in judged:
        if one not in known:
            yield ReleaseGateResult(
                gate=_name(one.task, gap),
                slice=one.slice,
                skipped=True,
                why="not measurable: no interval",
            )


def _result(
    judged: _Judged,
    config: EvaluationConfig,
    low: float,
    high: float,
    together: int,
    too: Sequence[str],
) -> ReleaseGateResult:
    value, gap = float(judged.pcoc.value or 0.0), config.largest_calibration_gap
    warned = bool(too) and config.calibration == "warn"
    outside = abs(value - 1) > gap
    finding = f": too {too[0]}" if too else ": within chance" if outside else ""
    holm = f", Holm over {together}" if together > 1 else ""
    return ReleaseGateResult(
        gate=_name(judged.task, gap),
        slice=judged.slice,
        value=value,
        low=low,
        high=high,
        threshold=gap,
        passed=None if warned else not too,
        warned=warned,
        why=f"{value:.3f} ({low:.3f} to {high:.3f}{holm}){finding}",
    )


def _name(task: str, gap: float) -> str:
    return f"{task} probabilities: predicted / observed within {1 - gap:g} and {1 + gap:g}"
