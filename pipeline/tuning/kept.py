"""What a folder keeps of a search: what is searched in it, and every training that is done."""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from data.errors import InputError
from data.files import whole_file, write_whole
from pipeline.config import RunConfig

_SEARCH = "search.json"


def claim_search(folder: Path, identity: Mapping[str, Any]) -> None:
    """Refuses a folder that holds another search: trainings of both would be compared.

    Args:
        folder: of the search.
        identity: what trainings have in common, by name; JSON values.

    Raises:
        InputError: there is another search, or what tells it cannot be read.
    """
    file = folder / _SEARCH
    if not file.exists():
        write_whole(file, json.dumps(identity, indent=1) + "\n")
        return
    try:
        known = json.loads(file.read_text())
        differs = [name for name, value in identity.items() if known.get(name) != value]
    except (OSError, ValueError, AttributeError) as error:
        raise InputError(f"--output: {file}: expected a search, found: {error}") from None
    if differs:
        raise InputError(
            f"--output: {folder} holds a search with another {_listed(differs)}: its trainings "
            "cannot be compared with new ones; expected the same, or another --output"
        )


def _listed(names: list[str]) -> str:
    *others, last = names
    return f"{', '.join(others)} and {last}" if others else last


class KeptTrainings:
    """Files of trainings that are done, and of those that were stopped.

    Args:
        folder: of the search.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def file(self, config: RunConfig) -> Path:
        """The file of a training that is done; it need not be there."""
        return self._folder / "trainings" / f"{_hash(config)}.npz"

    def checkpoints(self, config: RunConfig) -> Path:
        """The folder of a training that is under way."""
        return self._folder / "checkpoints" / _hash(config)


def load_ndcg(file: Path) -> dict[str, np.ndarray]:
    """NDCG of each list by target, as `save_ndcg` has kept it."""
    with np.load(file) as arrays:
        return {name: arrays[name] for name in arrays.files}


def save_ndcg(file: Path, ndcg: Mapping[str, np.ndarray]) -> None:
    """Writes NDCG of each list by target.

    Args:
        file: appears only when it is whole.
        ndcg: float [B] by target.
    """
    arrays: dict[str, Any] = dict(ndcg)
    # By its file: NumPy would add an ending to a name.
    with whole_file(file) as partial, Path(partial).open("wb") as opened:
        np.savez_compressed(opened, **arrays)


def _hash(config: RunConfig) -> str:
    """Tells a training from the others of a search."""
    chosen = {
        "model": config.model.model_dump(mode="json"),
        "training": config.training.model_dump(mode="json"),
    }
    return hashlib.sha256(json.dumps(chosen, sort_keys=True).encode()).hexdigest()[:24]
