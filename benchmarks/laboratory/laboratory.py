"""Trains learners on lists; finished trainings are kept."""

import hashlib
import json
import tempfile
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.laboratory.logs import Logs
from benchmarks.laboratory.prepared import Learner, Prepared, Scores
from benchmarks.laboratory.views import USUAL, View
from components.region_split.config import RegionSplitConfig
from data.files import whole_file
from data.lists.encoding import encode

# Goes up where scores are kept in another form, so that older files are not read for them.
_FORM = 3


class Laboratory:
    """Trains learners on the same lists.

    Region split and transform graph are made once for all learners that see the lists alike.

    Args:
        logs: the lists and their division.
        folder: keeps finished trainings.
        region_split: how features are split.
    """

    def __init__(
        self, logs: Logs, folder: Path, region_split: RegionSplitConfig | None = None
    ) -> None:
        self.logs = logs
        self._region_split = region_split or RegionSplitConfig()
        self._kept = KeptScores(folder)
        self._files = tempfile.TemporaryDirectory()
        self._prepared: dict[View, Prepared] = {}

    def scores(self, learner: Learner, seed: int, view: View = USUAL) -> Scores:
        """Scores from a training, which is made where it is not kept.

        Args:
            learner: what is trained.
            seed: of its training.
            view: how it sees the lists; as they are by default.

        Returns:
            The scores.
        """
        training = {**view.described(), "learner": learner.described(), "seed": seed}
        return self._kept.get(
            {**self._identity, **training}, lambda: learner.scores(self._seen(view), seed)
        )

    def close(self) -> None:
        """Removes its files, but for the finished trainings."""
        self._files.cleanup()

    @cached_property
    def _identity(self) -> dict[str, Any]:
        parts = b"".join(part.tobytes() for part in self.logs.parts)
        digest = hashlib.sha256(b"".join(encode(self.logs.lists)) + parts).hexdigest()
        return {
            "form": _FORM,
            "lists": digest,
            "dataset": self.logs.dataset.model_dump(mode="json"),
            "region_split": self._region_split.model_dump(mode="json"),
        }

    def _seen(self, view: View) -> Prepared:
        if view not in self._prepared:
            folder = Path(self._files.name) / str(len(self._prepared))
            folder.mkdir()
            self._prepared[view] = Prepared(view.of(self.logs), self._region_split, folder)
        return self._prepared[view]


class KeptScores:
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
            The scores, float32.
        """
        text = json.dumps(identity, sort_keys=True)
        path = self._folder / f"{hashlib.sha256(text.encode()).hexdigest()[:24]}.npz"
        if not path.exists():
            self._write(path, compute())
        found: dict[str, dict[str, np.ndarray]] = {field: {} for field in Scores._fields}
        with np.load(path) as arrays:
            for name in arrays.files:
                field, _, target = name.partition("/")
                found[field][target] = arrays[name]
        return Scores(**found)

    def _write(self, path: Path, scores: Scores) -> None:
        arrays: dict[str, Any] = {
            f"{field}/{target}": values.astype(np.float32)
            for field, by_target in scores._asdict().items()
            for target, values in by_target.items()
        }
        # By its file: NumPy would add an ending to a name.
        with whole_file(path) as partial, Path(partial).open("wb") as file:
            np.savez_compressed(file, **arrays)
