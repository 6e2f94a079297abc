"""Names of a model's weights and of what lies along their axes: one model starts from another's."""

from collections.abc import Iterable

import tensorflow as tf

from models.layers.axes import NamedAxes, Names, task_names
from models.ranking_model import RankingModel

# The names along each axis of a weight; None along an axis that goes by place.
Axes = tuple[Names | None, ...]

_EMBEDDING = "embedding/"


def named_weights(model: RankingModel) -> dict[str, tf.Variable]:
    """The weights of a built model by name.

    Args:
        model: the model.

    Returns:
        By name: `embedding/FEATURE` for embeddings, else the path of the layers.

    Raises:
        ValueError: two weights have the same name.
    """
    tables = model.streams.embeddings.tables
    features = {table.ref(): embedding_name(feature) for feature, table in tables.items()}
    weights = {}
    for variable in model.variables:
        name = features.get(variable.ref(), variable.name.removesuffix(":0"))
        if name in weights:
            raise ValueError(f"expected one weight of each name, found two of {name!r}")
        weights[name] = variable
    return weights


def weight_axes(model: RankingModel) -> dict[str, Axes]:
    """What lies along the axes of a built model's weights, by the weight's name.

    Args:
        model: the model.

    Returns:
        The names along each axis of the weights that have an axis of features' columns or of
        tasks; embeddings, whose rows go by their vocabulary, are not among them.
    """
    columns = model.streams.columns()
    tasks = [task.name for task in model.dataset.tasks]
    named: list[NamedAxes] = list(model.ranker.axes(columns, tasks))
    if model.linear_path is not None:
        named += model.linear_path.axes(columns, task_names(tasks))
    axes = {one.weight.ref(): one.names for one in named}
    weights = named_weights(model).items()
    return {name: axes[weight.ref()] for name, weight in weights if weight.ref() in axes}


def feature_columns(names: Iterable[str]) -> list[str]:
    """Those names along an axis that are columns of features, not tasks or hidden units."""
    return [name for name in names if ":" not in name]


def embedding_name(feature: str) -> str:
    """Name of a feature's embedding."""
    return f"{_EMBEDDING}{feature}"
