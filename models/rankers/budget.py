"""Networks of about as many parameters as a configuration asks for."""

from collections.abc import Iterator, Mapping, Sequence

import tensorflow as tf

from data.errors import InputError
from models.config import ModelConfig
from models.rankers.registry import build_ranker

_WIDTHS = (
    "token_units",
    "recurrent_units",
    "level_units",
    "tower_units",
    "mask_units",
    "transformed_units",
    "invariant_units",
)
_TOLERANCE = 0.05
_SMALLEST, _LARGEST, _HALVINGS = 1 / 256, 64.0, 12


def count_parameters(config: ModelConfig, tasks: Sequence[str], widths: Mapping[str, int]) -> int:
    """Trainable numbers of a network, without embeddings, linear path and combination.

    Args:
        config: the network.
        tasks: names of the tasks.
        widths: width of each stream.

    Returns:
        The number of parameters.
    """
    ranker = build_ranker(config, tasks)
    ranker.build({name: tf.TensorShape((None, width)) for name, width in widths.items()})
    return sum(weight.shape.num_elements() for weight in ranker.trainable_weights)


def within_budget(
    config: ModelConfig, tasks: Sequence[str], widths: Mapping[str, int]
) -> ModelConfig:
    """Scales all widths by one factor until the network has about `config.parameters` parameters.

    Where rounding leaves it more than 5% away, single widths change by one after that.

    Args:
        config: the network.
        tasks: names of the tasks.
        widths: width of each stream.

    Returns:
        The configuration with its final widths and no budget.

    Raises:
        InputError: no widths come within 5% of the budget.
    """
    budget = config.parameters
    if budget is None:
        return config

    def distance(candidate: ModelConfig) -> int:
        return abs(count_parameters(candidate, tasks, widths) - budget)

    low, high = _SMALLEST, _LARGEST
    tried = []
    for _ in range(_HALVINGS):
        factor = (low * high) ** 0.5
        scaled = _scaled(config, factor)
        found = count_parameters(scaled, tasks, widths)
        tried.append((abs(found - budget), factor, scaled))
        low, high = (low, factor) if found > budget else (factor, high)
    away, _, nearest = min(tried, key=lambda one: one[:2])
    while away > _TOLERANCE * budget:
        further, changed = min(
            ((distance(one), one) for one in _neighbours(nearest)), key=lambda one: one[0]
        )
        if further >= away:
            found = count_parameters(nearest, tasks, widths)
            raise InputError(
                f"model: parameters: expected a number that {config.ranker!r} can have with these"
                f" features, found {budget:,}; the nearest is {found:,}"
            )
        away, nearest = further, changed
    return nearest


def _scaled(config: ModelConfig, factor: float) -> ModelConfig:
    update: dict[str, object] = {"parameters": None}
    for name in _WIDTHS:
        update[name] = tuple(max(1, round(units * factor)) for units in getattr(config, name))
    return config.model_copy(update=update)


def _neighbours(config: ModelConfig) -> Iterator[ModelConfig]:
    """Configurations that differ by one in one width."""
    for name in _WIDTHS:
        widths = getattr(config, name)
        for place, width in enumerate(widths):
            for changed in {max(1, width - 1), width + 1} - {width}:
                replaced = (*widths[:place], changed, *widths[place + 1 :])
                yield config.model_copy(update={name: replaced})
