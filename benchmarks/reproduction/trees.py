"""LightGBM's lambdarank as a user would set it up: a model for each target, on all inputs."""

from collections.abc import Mapping
from typing import Any

from benchmarks.cross_validation.competitor import Scores
from benchmarks.cross_validation.logs import item_column, item_relevance
from benchmarks.cross_validation.prepared import Prepared
from benchmarks.reproduction.judging import AT
from components.evaluator.config import GRADED
from data import keys


def scores(prepared: Prepared, parameters: Mapping[str, Any], seed: int, part: str) -> Scores:
    """Trains trees for each task's labels and for graded relevance, and scores lists.

    Args:
        prepared: the lists.
        parameters: of LightGBM.
        seed: seed of the draws of rows and columns.
        part: lists that are scored.

    Returns:
        float [N] by target.

    Raises:
        ImportError: LightGBM is not installed.
    """
    # LightGBM is optional: networks are compared without it.
    from benchmarks.cross_validation.boosted_trees import TreeInputs

    inputs = TreeInputs(prepared, within_list=True)
    dataset, lists = prepared.dataset, prepared.lists
    labels = {
        task.name: {name: item_column(lists[name], keys.label(task.name)) for name in lists}
        for task in dataset.tasks
    }
    labels[GRADED] = {name: item_relevance(dataset, lists[name]) for name in lists}
    return {
        target: inputs.rank(of_target, seed, parameters, AT)[part]
        for target, of_target in labels.items()
    }
