"""Names of a model's weights and of what lies along their axes: one model starts from another's."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import tensorflow as tf

from models.layers.axes import NamedAxes, Names, task_names
from models.ranking_model import RankingModel

# The names along each axis of a weight; None along an axis that goes by place.
Axes = tuple[Names | None, ...]

_EMBEDDING = "embedding/"


@dataclass(frozen=True)
class Weight:
    """A variable, or the rows of it that a feature has in a table of several.

    Attributes:
        variable: the variable.
        rows: the weight's rows in it.
    """

    variable: tf.Variable
    rows: slice = slice(None)

    @property
    def trainable(self) -> bool:
        """Whether training changes it."""
        return self.variable.trainable

    @property
    def shape(self) -> tuple[int, ...]:
        """Its shape."""
        return self.numpy().shape

    def numpy(self) -> np.ndarray:
        """Its value."""
        value = self.variable.numpy()
        return value[self.rows] if value.ndim else value

    def by_itself(self) -> tf.Variable:
        """The variable; of rows of a table a copy."""
        if self.rows == slice(None):
            return self.variable
        return tf.Variable(self.numpy(), trainable=False)

    def assign(self, value: np.ndarray) -> None:
        """Sets its value, of its shape."""
        if self.rows != slice(None):
            whole = self.variable.numpy()
            whole[self.rows] = value
            value = whole
        self.variable.assign(value)


def named_weights(model: RankingModel) -> dict[str, Weight]:
    """The weights of a built model by name.

    Args:
        model: the model.

    Returns:
        By name: `embedding/FEATURE` for embeddings, else the path of the layers.

    Raises:
        ValueError: two weights have the same name.
    """
    embeddings = model.streams.embeddings
    tables = {table.ref() for table in embeddings.tables.values()}
    weights = {
        embedding_name(name): Weight(
            embeddings.tables[f"{rows.width}"], slice(rows.first, rows.after)
        )
        for name, rows in embeddings.rows.items()
    }
    for variable in model.variables:
        if variable.ref() in tables:
            continue
        name = variable.name.removesuffix(":0")
        if name in weights:
            raise ValueError(f"expected one weight of each name, found two of {name!r}")
        weights[name] = Weight(variable)
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
    named: list[NamedAxes] = list(model.ranker.axes(model.ranker_columns(), tasks))
    if model.streams.history is not None:
        named += model.streams.history.axes()
    if model.kind_streams is not None:
        named += model.kind_streams.axes(columns)
    if model.linear_path is not None:
        named += model.linear_path.axes(columns, task_names(tasks))
    if model.combination is not None:
        named += model.combination.axes(model.streams.context_columns(), tasks)
    axes = {one.weight.ref(): one.names for one in named}
    weights = named_weights(model).items()
    return {
        name: axes[weight.variable.ref()]
        for name, weight in weights
        if weight.variable.ref() in axes
    }


def feature_columns(names: Iterable[str]) -> list[str]:
    """Those names along an axis that are columns of features, not tasks or hidden units."""
    return [name for name in names if ":" not in name]


def embedding_name(feature: str) -> str:
    """Name of a feature's embedding."""
    return f"{_EMBEDDING}{feature}"
