"""Pushed models: versions of SavedModels in a folder."""

from pathlib import Path

from data.errors import InputError


def newest_version(model: Path, option: str = "--model") -> Path:
    """The SavedModel in a folder: the folder itself, or its highest version.

    Args:
        model: the folder.
        option: what named it, for the message.

    Returns:
        The version's folder.

    Raises:
        InputError: if there is neither.
    """
    if (model / "saved_model.pb").exists():
        return model
    versions = [path for path in model.glob("*/saved_model.pb") if path.parent.name.isdigit()]
    if not versions:
        raise InputError(f"{option}: expected a pushed model, found none in {model}")
    return max((path.parent for path in versions), key=lambda folder: int(folder.name))
