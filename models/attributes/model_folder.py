"""The folder that a model of attributes is kept in."""

from pathlib import Path

from data.errors import InputError

CONFIG, WEIGHTS = "config.json", "weights.npz"


def holds_model(folder: str) -> bool:
    """Whether a folder holds a model, or a part of one."""
    return any((Path(folder) / name).exists() for name in (CONFIG, WEIGHTS))


def check_model_folder(option: str, folder: str) -> None:
    """Refuses a place that is neither a model's folder nor free for a new one.

    Args:
        option: what named it, for the message.
        folder: the folder; it need not be there.

    Raises:
        InputError: it is a file, or a folder that holds other things and no model.
    """
    place = Path(folder)
    if place.is_dir() and not holds_model(folder):
        other = next((found.name for found in sorted(place.iterdir())), None)
        if other is not None:
            raise InputError(
                f"{option}: expected a folder that holds a model of seqmd fill-attributes, or "
                f"nothing, found {other!r} and no model in {folder}"
            )
    elif place.exists() and not place.is_dir():
        raise InputError(f"{option}: expected a folder, found a file: {folder}")
