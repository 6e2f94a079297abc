"""Names of a model's weights, by which one model takes over another's."""

import tensorflow as tf

from models.ranking_model import RankingModel

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


def embedding_name(feature: str) -> str:
    """Name of a feature's embedding."""
    return f"{_EMBEDDING}{feature}"
