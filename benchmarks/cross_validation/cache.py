"""Scores of finished trainings, so that a benchmark that was stopped goes on."""

import hashlib
import json
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.cross_validation.competitor import Scores


class ScoreCache:
    """Files of scores, named by the hash of all that they come from.

    The code is not part of it: empty the folder where the code has changed.

    Args:
        folder: the folder; it is made where it is missing.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def get(self, identity: dict[str, Any], compute: Callable[[], Scores]) -> Scores:
        """The scores, computed only where they are not kept yet.

        Args:
            identity: tells one training from another; can be written as JSON.
            compute: makes the scores.

        Returns:
            The scores, float32 by part.
        """
        text = json.dumps(identity, sort_keys=True)
        path = self._folder / f"{hashlib.sha256(text.encode()).hexdigest()[:24]}.npz"
        if not path.exists():
            self._write(path, compute())
        with np.load(path) as scores:
            return {part: scores[part] for part in scores.files}

    def _write(self, path: Path, scores: Scores) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        # Two processes may have made the same scores: each writes a file of its own.
        partial = path.with_suffix(f".{uuid.uuid4().hex}.partial.npz")
        arrays: dict[str, Any] = {part: found.astype(np.float32) for part, found in scores.items()}
        np.savez_compressed(partial, **arrays)
        partial.replace(path)
