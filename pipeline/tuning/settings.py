"""What a search of settings tries: the one list of it, and what a draw makes of a definition."""

import copy
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from data.errors import InputError
from models.config import TASK_SEQUENCES, LossName
from pipeline.config import RunConfig, with_changes

# Draws are the same for every search, and for every ranker that has the same settings.
_SEED = 1

# Values by the places of their settings, such as `training.learning_rate`.
Drawn = Mapping[str, Any]
# Fields of `ModelConfig` under `model`, of `TrainingConfig` under `training`.
Setting = dict[str, dict[str, Any]]


class Range(NamedTuple):
    """Numbers that are drawn evenly by their logarithm."""

    low: float
    high: float


def _always(config: RunConfig) -> bool:
    return True


def _is_a_funnel(config: RunConfig) -> bool:
    """Else probabilities that descend would be wrong, or there is one alone."""
    return config.dataset.actions_imply_previous and len(config.dataset.tasks) > 1


def _has_delays(config: RunConfig) -> bool:
    return any(task.has_delays for task in config.dataset.tasks)


def _has_adaptor(config: RunConfig) -> bool:
    """Whether it is there is a choice of the model; only how it works is searched."""
    default = "per_task" if config.model.ranker == "seq_md" else "none"
    return bool(config.dataset.country_features) and (config.model.adaptor or default) != "none"


def _has_tokens(config: RunConfig) -> bool:
    return config.model.ranker in TASK_SEQUENCES


def _has_kinds(config: RunConfig) -> bool:
    """Items of several kinds, and not a second stage: that has what its first stage has."""
    return len(config.dataset.kinds) > 1 and config.model.second_stage is None


def _learns_by(loss: LossName) -> Callable[[RunConfig], bool]:
    """Its weight is searched where the definition has it; none is added beside others."""
    return lambda config: loss in config.training.default_loss.losses


@dataclass(frozen=True)
class Searched:
    """A setting that is searched.

    Attributes:
        place: where the definition has it, such as `training.learning_rate`.
        values: what is drawn from.
        applies: whether it matters for a definition.
    """

    place: str
    values: Range | tuple[Any, ...]
    applies: Callable[[RunConfig], bool] = _always

    @property
    def name(self) -> str:
        """The last part of its place."""
        return self.place.rpartition(".")[2]


_POINTWISE: tuple[LossName, ...] = ("sigmoid_cross_entropy", "chain", "entire_space")
# Listwise losses are means over lists, pointwise ones over items, of which a list has dozens.
_WEIGHTS = (0.1, 1.0, 10.0, 30.0)
# A further setting is a further line.
SEARCHED = (
    Searched("training.learning_rate", Range(1e-3, 1e-2)),
    Searched("training.weight_decay", ("by_steps", 0.0, 0.3, 3.0)),
    Searched("training.averaged_weights", (None, 0.99)),
    *(
        Searched(f"training.default_loss.losses.{loss}", _WEIGHTS, _learns_by(loss))
        for loss in _POINTWISE
    ),
    Searched("model.dropout", (0.0, 0.1, 0.3)),
    Searched("model.descending", (True, False), _is_a_funnel),
    Searched("model.concatenate_country", (False, True), _has_adaptor),
    Searched("model.region_gates", ("none", "inputs", "hidden", "all"), _has_adaptor),
    Searched("model.region_rank", (0, 4), _has_adaptor),
    Searched("training.feedback", ("mature_only", "fsiw", "survival"), _has_delays),
    Searched("model.adaptor_shift", (False, True), _has_adaptor),
    Searched("model.token_path", (False, True), _has_tokens),
    Searched("model.descending_gradient", ("all", "own"), _is_a_funnel),
    Searched("model.kind_alignment", ("none", "importance", "joined"), _has_kinds),
)


def searched_for(config: RunConfig) -> tuple[Searched, ...]:
    """Those of `SEARCHED` that matter for a definition, and whose values all fit it."""
    return tuple(one for one in SEARCHED if one.applies(config) and _fits(one, config))


def _fits(searched: Searched, config: RunConfig) -> bool:
    try:
        for value in searched.values:
            with_changes(config, setting_of({searched.place: value}, config), searched.name)
    except InputError:
        return False
    return True


def draw(searched: Sequence[Searched], number: int) -> list[Drawn]:
    """Draws settings at random by KerasTuner, none of them twice.

    Args:
        searched: what is drawn.
        number: how many settings; the first ones of more are the same.

    Returns:
        The draws, fewer where there are no more that differ.
    """
    import keras_tuner

    space = keras_tuner.HyperParameters()
    # As texts: KerasTuner has no choice of nothing.
    texts = {
        one.place: {repr(value): value for value in one.values}
        for one in searched
        if not isinstance(one.values, Range)
    }
    for one in searched:
        if isinstance(one.values, Range):
            space.Float(one.place, one.values.low, one.values.high, sampling="log")
        else:
            space.Choice(one.place, list(texts[one.place]))
    found: list[Drawn] = []

    class Draws(keras_tuner.engine.base_tuner.BaseTuner):
        def run_trial(self, trial: Any, *arguments: Any, **named: Any) -> float:
            found.append(
                {
                    # With as many digits as a person would write.
                    place: texts[place][value] if place in texts else float(f"{value:.3g}")
                    for place, value in trial.hyperparameters.values.items()
                }
            )
            return 0.0

    if searched and number:
        with tempfile.TemporaryDirectory() as folder:
            oracle = keras_tuner.oracles.RandomSearchOracle(
                keras_tuner.Objective("value", "max"), number, _SEED, space
            )
            Draws(oracle, directory=folder).search(verbose=0)
    return found


def setting_of(drawn: Drawn, config: RunConfig) -> Setting:
    """The fields that a draw changes.

    Args:
        drawn: the draw.
        config: the definition without it.

    Returns:
        The changed fields as a whole, by section: of `losses`, all are named.
    """
    whole = {name: getattr(config, name).model_dump(mode="json") for name in ("model", "training")}
    setting: Setting = {"model": {}, "training": {}}
    for place, value in drawn.items():
        section, field, *below = place.split(".")
        setting[section][field] = _replaced(
            setting[section].get(field, whole[section][field]), below, value
        )
    return setting


def _replaced(before: Any, below: Sequence[str], value: Any) -> Any:
    """A field's value with another one in a place below it."""
    if not below:
        return value
    changed = copy.deepcopy(before)
    inner = changed
    for name in below[:-1]:
        inner = inner[name]
    inner[below[-1]] = value
    return changed
