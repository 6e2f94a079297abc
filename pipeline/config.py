"""One YAML file: the dataset, and what may be chosen of model, training and evaluation."""

from collections.abc import Collection, Mapping
from typing import Any

from pydantic import ValidationError

from components.evaluator.config import EvaluationConfig
from components.evaluator.release_gates.config_check import check_release_gates
from components.example_validator.config import ValidationConfig
from components.region_split.config import RegionSplitConfig
from data.definition.base import Definition
from data.definition.dataset import Dataset
from data.errors import InputError, describe
from data.files import local_path
from data.loading import LEARNING_SECTIONS, load_definition
from data.similar_names import did_you_mean
from models.config import ModelConfig, TrainingConfig
from models.features_check import check_features
from models.feedback.check import check_feedback
from models.position_bias.check import check_position_bias
from models.task_dependence import check_dependence, gradient_through

SECTIONS = LEARNING_SECTIONS


class LearningConfig(Definition):
    """What may be chosen of model, training, evaluation and the checks of the data.

    Attributes:
        model: the network.
        training: losses, optimiser, early stopping, seed.
        evaluation: metrics, slices and gates.
        region_split: how country, dependent and invariant features are told apart.
        validation: what of the data stops a run.
    """

    model: ModelConfig = ModelConfig()
    training: TrainingConfig = TrainingConfig()
    evaluation: EvaluationConfig = EvaluationConfig()
    region_split: RegionSplitConfig = RegionSplitConfig()
    validation: ValidationConfig = ValidationConfig()


class RunConfig(LearningConfig):
    """Everything that defines a run but for its input files.

    Attributes:
        dataset: what the columns of the logs mean.
    """

    dataset: Dataset

    def resolved(self) -> LearningConfig:
        """What was chosen, with what follows from the dataset filled in."""
        descending = self.model.descends(self.dataset.actions_imply_previous)
        gradient = gradient_through(self.dataset, self.model, self.training)
        follows = {"descending": descending, "descending_gradient": gradient}
        chosen = {name: getattr(self, name) for name in LearningConfig.model_fields}
        chosen["model"] = self.model.model_copy(update=follows)
        return LearningConfig(**chosen)


def load_config(name_or_path: str, seed: int | None = None) -> RunConfig:
    """Reads a YAML file, or one of the catalog by its name.

    Args:
        name_or_path: `simulated`, `expedia`, ... or the path of a YAML file.
        seed: replaces the seed of the training section.

    Returns:
        The validated configuration.

    Raises:
        InputError: if there is no such file or a field is wrong; it names the field.
    """
    return config_from(load_definition(name_or_path), name_or_path, seed)


def config_from(definition: dict[str, Any], place: str, seed: int | None = None) -> RunConfig:
    """Validates a definition that has been read; see `load_config`."""
    sections = {
        name: _section(definition[name], name, place) for name in SECTIONS if name in definition
    }
    dataset = {key: value for key, value in definition.items() if key not in SECTIONS}
    dataset |= _whole_paths(dataset.get("listings"))
    if seed is not None:
        sections["training"] = {**sections.get("training", {}), "seed": seed}
    try:
        config = RunConfig.model_validate({"dataset": dataset, **sections})
    except ValidationError as error:
        raise InputError(describe(error, place, RunConfig)) from None
    _check_sections(config, place)
    return config


def with_changes(
    config: RunConfig, changes: Mapping[str, Mapping[str, Any]], place: str
) -> RunConfig:
    """A configuration with some fields changed.

    Args:
        config: the configuration.
        changes: values of fields by section.
        place: where the changes come from, for messages.

    Returns:
        The validated configuration.

    Raises:
        InputError: a field is wrong, or sections do not fit one another.
    """
    sections = {}
    for name, fields in changes.items():
        section = getattr(config, name)
        try:
            sections[name] = type(section).model_validate({**section.model_dump(), **fields})
        except ValidationError as error:
            raise InputError(describe(error, f"{place}: {name}")) from None
    changed = config.model_copy(update=sections)
    _check_sections(changed, place)
    return changed


def _check_sections(config: RunConfig, place: str) -> None:
    """What the sections ask of one another and of the dataset."""
    _check_task_names(config, place)
    _check_feature_names(config, place)
    try:
        check_dependence(config.dataset, config.model, config.training)
        check_features(config.dataset, config.model)
        check_feedback(config.dataset, config.training)
        check_position_bias(config.dataset, config.training)
        check_release_gates(config.evaluation, config.dataset)
    except InputError as error:
        raise InputError(f"{place}: {error}") from None


def _whole_paths(listings: object) -> dict[str, Any]:
    """The section `listings` with absolute paths, which all processes of a run understand."""
    if not isinstance(listings, dict):
        return {}
    found = dict(listings)
    for name in ("files", "taxonomy", "model"):
        value = found.get(name)
        if isinstance(value, str) and value:
            found[name] = absolute(value)
        elif isinstance(value, list):
            found[name] = [absolute(one) if isinstance(one, str) and one else one for one in value]
    return {"listings": found}


def _section(found: object, name: str, place: str) -> dict[str, Any]:
    if found is not None and not isinstance(found, dict):
        raise InputError(f"{place}: {name}: expected fields, found {found!r:.80}")
    return found or {}


def _check_task_names(config: RunConfig, place: str) -> None:
    known = {task.name for task in config.dataset.tasks}
    named = {
        "training.task_losses": set(config.training.task_losses),
        "training.score_weights": set(config.training.score_weights or {}),
    }
    _check_names(named, known, "tasks", place)


def _check_feature_names(config: RunConfig, place: str) -> None:
    known = {feature.name for feature in config.dataset.features}
    named = {
        "validation.drift.features": set(config.validation.drift.features),
        "validation.skew.features": set(config.validation.skew.features),
        "validation.not_compared": set(config.validation.not_compared),
    }
    _check_names(named, known, "features", place)


def _check_names(
    named: Mapping[str, set[str]], known: Collection[str], what: str, place: str
) -> None:
    for field, names in named.items():
        for name in sorted(names.difference(known)):
            raise InputError(
                f"{place}: {field}: expected {what} among {', '.join(sorted(known))}, "
                f"found {name!r}{did_you_mean(name, known)}"
            )


def absolute(pattern: str) -> str:
    """The pattern of a local file as an absolute path; remote ones as they are.

    Raises:
        InputError: the pattern is empty, as a variable of the shell is that was never set.
    """
    if not pattern:
        raise InputError("expected a path or a pattern, found an empty one")
    return pattern if "://" in pattern else str(local_path(pattern).absolute())
