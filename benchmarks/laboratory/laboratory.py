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
from benchmarks.laboratory.views import AdaptedBy, adapted_by, of_region, with_all_labels
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
        self._prepared: dict[tuple[str, AdaptedBy, bool], Prepared] = {}

    def scores(
        self,
        learner: Learner,
        seed: int,
        learns_region: str = "",
        by: AdaptedBy = "region",
        knows_all: bool = False,
    ) -> Scores:
        """Scores from a training, which is made where it is not kept.

        Args:
            learner: what is trained.
            seed: of its training.
            learns_region: the only region whose lists it learns from; all by default.
            by: what stands for the region in the feature split and in the mask.
            knows_all: whether it learns from all that was done, later than the logs were written.

        Returns:
            The scores.
        """
        view: dict[str, Any] = {"learns_region": learns_region, "adapted_by": by}
        view |= {"knows_all": True} if knows_all else {}
        identity = {**self._identity, **view, "learner": learner.described(), "seed": seed}
        return self._kept.get(
            identity, lambda: learner.scores(self._seen(learns_region, by, knows_all), seed)
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

    def _seen(self, learns_region: str, by: AdaptedBy, knows_all: bool) -> Prepared:
        view = (learns_region, by, knows_all)
        if view not in self._prepared:
            logs = with_all_labels(self.logs) if knows_all else self.logs
            logs = adapted_by(of_region(logs, learns_region), by)
            folder = Path(self._files.name) / str(len(self._prepared))
            folder.mkdir()
            self._prepared[view] = Prepared(logs, self._region_split, folder)
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
