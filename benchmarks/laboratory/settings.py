"""Settings of models, as a search on validation lists has found them."""

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from pydantic import ValidationError

from benchmarks.laboratory.setups import MODELS, RIVALS, TREES, Setting, Setup
from data.definition.base import Definition
from data.errors import InputError, describe
from models.config import ModelConfig, TrainingConfig

_SECTIONS: dict[str, type[Definition]] = {"model": ModelConfig, "training": TrainingConfig}


def with_setting(setup: Setup, setting: Setting) -> Setup:
    """A setup with a setting; what the setup itself says stands.

    Args:
        setup: the setup.
        setting: the setting.

    Returns:
        The setup.
    """
    model = {**setting.get("model", {}), **setup.model}
    training = {**setting.get("training", {}), **setup.training}
    return replace(setup, model=model, training=training)


def tuned(setup: Setup, settings: Mapping[str, Setting]) -> Setup:
    """A setup with the setting of its model; as it is where none was found for that model.

    Args:
        setup: the setup; without `tuned_as` it takes that of its own name, or of its ranker.
        settings: by name of the model.

    Returns:
        The setup.
    """
    names = (setup.tuned_as or setup.name, setup.model.get("ranker", ""))
    return with_setting(setup, next((settings[one] for one in names if one in settings), {}))


def load_settings(path: Path | None) -> dict[str, Setting]:
    """Reads what `benchmarks.tune` has written.

    Args:
        path: the file; None stands for no settings.

    Returns:
        Settings by name of the model.

    Raises:
        InputError: there is no such file, or it does not hold settings of known models.
    """
    if path is None:
        return {}
    try:
        found = json.loads(path.read_text())
    except FileNotFoundError:
        raise InputError(f"{path}: expected a file of settings, found none") from None
    except OSError as error:
        raise InputError(f"{path}: expected a file of settings: {error.strerror}") from None
    except ValueError as error:
        raise InputError(f"{path}: expected settings as JSON, found: {error}") from None
    if not isinstance(found, dict) or any(
        not isinstance(one, dict) or set(one) - _SECTIONS.keys() for one in found.values()
    ):
        raise InputError(f"{path}: expected {sorted(_SECTIONS)} by model, found other keys")
    _check(found, path)
    return found


def _check(settings: Mapping[str, Setting], path: Path) -> None:
    """Before hours of training, not in the first process that comes to a wrong field."""
    for name, setting in settings.items():
        known = [*MODELS, *RIVALS, TREES]
        if name not in known:
            raise InputError(f"{path}: expected settings of {known}, found {name!r}")
        for section, fields in setting.items():
            try:
                # LightGBM names its own parameters.
                if name != TREES:
                    _SECTIONS[section].model_validate(fields)
            except ValidationError as error:
                raise InputError(describe(error, f"{path}: {name}: {section}")) from None
