"""The gates of a run that sets none."""

from components.evaluator.config import EvaluationConfig, Gate, SliceGroup, headline_metric
from data.dataset import Dataset


def gates_for(config: EvaluationConfig, dataset: Dataset) -> tuple[Gate, ...]:
    """The gates that are set, or the default ones."""
    return default_gates(config, dataset) if config.gates is None else config.gates


def default_gates(config: EvaluationConfig, dataset: Dataset) -> tuple[Gate, ...]:
    """The gates of a configuration that names none.

    The graded NDCG of the score must be above a random order's, and must not have become worse
    than the last blessed model's: overall, on any platform, in any region. The same holds overall
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
    gates = [
        Gate(metric=metric, against="random"),
        Gate(metric=metric, against="baseline", slices=tuple(groups)),
    ]
    for task in dataset.tasks:
        for against in ("random", "baseline"):
            gate = Gate(task=task.name, metric=metric, against=against, must_be_measurable=False)
            gates.append(gate)
    return tuple(gates)
