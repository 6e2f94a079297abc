"""Checks of the config against a dataset; it loads no library, so that a run can start with it."""

from components.evaluator.config import GRADED, EvaluationConfig, ReleaseGate
from components.evaluator.plan import columns_of, declared_columns, truth_targets
from data.definition.dataset import Dataset
from data.errors import InputError
from data.similar_names import did_you_mean


def check_release_gates(config: EvaluationConfig, dataset: Dataset) -> None:
    """Refuses gates on what is not measured.

    Args:
        config: the gates.
        dataset: the tasks, and which slices there are.

    Raises:
        InputError: a gate names an unknown task, metric or slice.
    """
    tasks = [task.name for task in dataset.tasks]
    if GRADED in tasks:
        raise InputError(f"tasks: {GRADED!r} stands for the graded relevance; rename the task")
    for number, gate in enumerate(config.gates or ()):
        place = f"evaluation.gates[{number}]"
        if gate.task not in {*tasks, GRADED}:
            expected = ", ".join([*tasks, GRADED])
            raise InputError(
                f"{place}.task: expected one of {expected}, found {gate.task!r}"
                f"{did_you_mean(gate.task, [*tasks, GRADED])}"
            )
        _check_metric(gate, config, dataset, place)
        _check_slices(gate, dataset, place)


def _check_metric(
    gate: ReleaseGate, config: EvaluationConfig, dataset: Dataset, place: str
) -> None:
    metrics = [f"ndcg@{rank}" for rank in config.ndcg_at]
    if gate.task in truth_targets(dataset):
        metrics += [f"expected_{metric}" for metric in metrics]
    metrics += ["mrr"] if gate.task != GRADED else []
    if gate.metric not in metrics:
        raise InputError(
            f"{place}.metric: expected one of {', '.join(metrics)}, found {gate.metric!r}"
            f"{did_you_mean(gate.metric, metrics)}"
        )


def _check_slices(gate: ReleaseGate, dataset: Dataset, place: str) -> None:
    declared = declared_columns(dataset)
    for selector in gate.slices:
        for column in columns_of(selector):
            if column not in declared:
                raise InputError(f"{place}.slices: the dataset names no {column}")
