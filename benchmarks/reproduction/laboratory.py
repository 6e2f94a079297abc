"""Trains the setups of a reproduction; finished trainings are kept."""

import hashlib
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from benchmarks.cross_validation.cache import ScoreCache
from benchmarks.cross_validation.competitor import Scores
from benchmarks.cross_validation.prepared import Prepared
from benchmarks.reproduction import networks, trees
from benchmarks.reproduction.logs import Logs
from benchmarks.reproduction.setups import AdaptedBy, Setup
from benchmarks.reproduction.views import adapted_by, of_region
from components.region_split.config import RegionSplitConfig
from data.lists import encode

Part = Literal["validation", "evaluation"]


@dataclass(frozen=True)
class LaboratorySettings:
    """What all trainings of a comparison share.

    Attributes:
        training: fields of `TrainingConfig`.
        parameters: about how many each network has.
        folder: keeps finished trainings.
    """

    training: Mapping[str, Any]
    parameters: int
    folder: Path


class Laboratory:
    """Trains models on the same lists.

    Region split and transform graph are made once for all setups that see the lists alike.

    Args:
        logs: the lists and their division.
        settings: what all trainings share.
    """

    def __init__(self, logs: Logs, settings: LaboratorySettings) -> None:
        self.logs = logs
        self._settings = settings
        self._cache = ScoreCache(settings.folder)
        self._files = tempfile.TemporaryDirectory()
        self._prepared: dict[tuple[str, AdaptedBy], Prepared] = {}

    def scores(self, setup: Setup, seed: int, part: Part = "evaluation") -> Scores:
        """Scores of lists by target, and sizes, from a training that is made where it is not kept.

        Args:
            setup: the model.
            seed: of its training.
            part: lists that are scored.

        Returns:
            float [N] by target; of a network also `networks.SIZES`, float [1] each, and, where it
            has an adaptor, `distances.STAGES`.
        """
        identity = {**self._identity, **self._described(setup), "seed": seed, "part": part}
        return self._cache.get(identity, lambda: self._trained(setup, seed, part))

    def close(self) -> None:
        """Removes its files, but for the finished trainings."""
        self._files.cleanup()

    @cached_property
    def _identity(self) -> dict[str, Any]:
        parts = b"".join(part.tobytes() for part in self.logs.parts)
        digest = hashlib.sha256(b"".join(encode(self.logs.lists)) + parts).hexdigest()
        return {"lists": digest, "dataset": self.logs.dataset.model_dump(mode="json")}

    def _described(self, setup: Setup) -> dict[str, Any]:
        """All of a setup that its scores depend on."""
        view = {"learns_region": setup.learns_region, "adapted_by": setup.adapted_by}
        described = {"learner": setup.learner, "model": dict(setup.model), **view}
        if setup.learner == "trees":
            return described
        return {
            **described,
            "model": self._model(setup),
            "training": self._training(setup),
            "tasks": list(setup.tasks),
        }

    def _model(self, setup: Setup) -> dict[str, Any]:
        return {"parameters": self._settings.parameters, **setup.model}

    def _training(self, setup: Setup) -> dict[str, Any]:
        return {**self._settings.training, **setup.training}

    def _trained(self, setup: Setup, seed: int, part: Part) -> Scores:
        prepared = self._seen_by(setup)
        if setup.learner == "trees":
            return trees.scores(prepared, setup.model, seed, part)
        return networks.scores(
            prepared,
            setup.tasks,
            self._model(setup),
            {**self._training(setup), "seed": seed},
            part,
        )

    def _seen_by(self, setup: Setup) -> Prepared:
        view = (setup.learns_region, setup.adapted_by)
        if view not in self._prepared:
            logs = adapted_by(of_region(self.logs, setup.learns_region), setup.adapted_by)
            folder = Path(self._files.name) / str(len(self._prepared))
            folder.mkdir()
            split = RegionSplitConfig()
            self._prepared[view] = Prepared(logs.dataset, split, logs.lists, logs.parts, folder)
        return self._prepared[view]
