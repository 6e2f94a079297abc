"""The gate on calibration: what the model says happens as often as it says."""

from collections.abc import Iterator

from components.evaluator.config import GRADED, EvaluationConfig, SliceGroup
from components.evaluator.plan import GROUPS
from components.evaluator.results import ReleaseGateResult, Results, Target

# As the default gates on ranking.
_GROUPS: tuple[SliceGroup, ...] = ("overall", "every_platform", "every_region", "every_kind")
_SLICES = [GROUPS[group] for group in _GROUPS]


def judge_calibration(results: Results, config: EvaluationConfig) -> Iterator[ReleaseGateResult]:
    """Judges mean prediction / mean label (PCOC) of each task, overall and by part of the lists.

    Parts are platforms, regions and kinds of items.

    A slice fails where the interval lies wholly outside 1 -+ the largest gap: where probabilities
    are too high or too low beyond chance.

    Args:
        results: what was measured.
        config: whether to ask and what follows, the largest gap, and the smallest slice, by lists
            that count for the task.

    Yields:
        A result for each slice that is large enough and each task.
    """
    if config.calibration == "off":
        return
    for measured in results.slices:
        if tuple(measured.slice) not in _SLICES:
            continue
        for task, target in measured.targets.items():
            if task != GRADED and target.lists_counted >= config.smallest_slice:
                yield from _judged(task, target, config, measured.slice)


def _judged(
    task: str, target: Target, config: EvaluationConfig, values: dict[str, str]
) -> Iterator[ReleaseGateResult]:
    found = target.pcoc
    if found is None or found.value is None or found.low is None or found.high is None:
        return
    gap = config.largest_calibration_gap
    too = ["high"] if found.low > 1 + gap else []
    too += ["low"] if found.high < 1 - gap else []
    warned = bool(too) and config.calibration == "warn"
    outside = abs(found.value - 1) > gap
    finding = f": too {too[0]}" if too else ": within chance" if outside else ""
    yield ReleaseGateResult(
        gate=f"{task} probabilities: predicted / observed within {1 - gap:g} and {1 + gap:g}",
        slice=values,
        value=found.value,
        low=found.low,
        high=found.high,
        threshold=gap,
        passed=None if warned else not too,
        warned=warned,
        why=f"{found.value:.3f} ({found.low:.3f} to {found.high:.3f}){finding}",
    )
