"""Pushed models: versions of SavedModels in a folder."""

from pathlib import Path

from data.errors import InputError

# A folder of versions holds withdrawn ones here, so that a version moves there by a rename; its
# name is no number, so TF Serving passes it over.
WITHDRAWN = "withdrawn"


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
    versions = whole_versions(model)
    if not versions:
        raise InputError(f"{option}: expected a pushed model, found none in {model}")
    return versions[max(versions)]


def whole_versions(model: Path) -> dict[int, Path]:
    """Folders of the versions that hold a SavedModel, by number."""
    return {
        number: folder
        for number, folder in numbered_versions(model).items()
        if (folder / "saved_model.pb").exists()
    }


def numbered_versions(model: Path) -> dict[int, Path]:
    """All folders that a server takes for versions, by number."""
    return {
        int(folder.name): folder
        for folder in model.glob("*")
        if folder.name.isascii() and folder.name.isdecimal() and folder.is_dir()
    }
