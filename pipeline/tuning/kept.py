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
_KEPT = _TRAININGS, _CHECKPOINTS = "trainings", "checkpoints"
# What a message names at most, and characters of a value that it shows.
_MOST_NAMED, _LONGEST = 4, 40


def claim_search(folder: Path, identity: Mapping[str, Any]) -> None:
    """Refuses a folder that holds another search: trainings of both would be compared.

    A search that stopped before its first training, such as over wrong logs, holds nothing.

    Args:
        folder: of the search.
        identity: what trainings have in common, by name; JSON values. Those of objects are told
            by place and value, others, such as fingerprints, by their name.

    Raises:
        InputError: there is another search, or what tells it cannot be read.
    """
    file = folder / _SEARCH
    if not file.exists() or not any(any(folder.glob(f"{name}/*")) for name in _KEPT):
        write_whole(file, json.dumps(identity, indent=1) + "\n")
        return
    try:
        known = json.loads(file.read_text())
        differs = [
            one for name in identity for one in _differences(name, known.get(name), identity[name])
        ]
    except (OSError, ValueError, AttributeError) as error:
        raise InputError(f"--output: {file}: expected a search, found: {error}") from None
    if differs:
        raise InputError(
            f"--output: {folder} holds a search with {_listed(differs)}: its trainings cannot be "
            "compared with new ones; expected the same, another --output, or that folder deleted"
        )


def _differences(name: str, before: Any, now: Any) -> list[str]:
    if before == now:
        return []
    if isinstance(before, dict) and isinstance(now, dict):
        return _settings(name, before, now)
    return ["other logs" if name == "logs" else f"another {name}"]


def _settings(place: str, before: Any, now: Any) -> list[str]:
    """The settings below a place that differ, with both values where they are short."""
    if before == now:
        return []
    if isinstance(before, dict) and isinstance(now, dict):
        names = dict.fromkeys([*before, *now])
        return [
            one
            for name in names
            for one in _settings(f"{place}.{name}", before.get(name), now.get(name))
        ]
    values = f"{_shown(before)}, now {_shown(now)}"
    return [f"another {place} ({values})" if len(values) <= _LONGEST else f"another {place}"]


def _shown(value: Any) -> str:
    if value is None:
        return "none"
    return value if isinstance(value, str) else json.dumps(value)


def _listed(differences: list[str]) -> str:
    more = len(differences) - _MOST_NAMED
    named = [*differences[:_MOST_NAMED], *([f"{more} more"] if more > 0 else [])]
    *others, last = named
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
        return self._folder / _TRAININGS / f"{_hash(config)}.npz"

    def checkpoints(self, config: RunConfig) -> Path:
        """The folder of a training that is under way."""
        return self._folder / _CHECKPOINTS / _hash(config)


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
