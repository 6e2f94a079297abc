"""The settings that a search tries, each with what its trainings reached."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from data.definition.base import LARGEST_SEED
from models.config import RankerName
from pipeline.config import RunConfig, with_changes
from pipeline.tuning.settings import Drawn, Setting, draw, searched_for, setting_of


@dataclass
class Trial:
    """A setting that is tried.

    Attributes:
        ranker: name of the ranker.
        drawn: values by the places of the searched settings; none as the definition has them.
        setting: the fields that it changes, by section.
        config: the definition with it.
        ndcg: of trainings that are done, by seed: NDCG of each validation list by target.
    """

    ranker: str
    drawn: Drawn
    setting: Setting
    config: RunConfig
    ndcg: dict[int, Mapping[str, np.ndarray]] = field(default_factory=dict)

    def seeded(self, seed: int) -> RunConfig:
        """The definition of a training with a seed."""
        training = self.config.training.model_copy(update={"seed": seed})
        return self.config.model_copy(update={"training": training})

    def of_seeds(self, seeds: Sequence[int], target: str) -> np.ndarray:
        """NDCG of the trainings with some seeds, float [S, B]."""
        return np.stack([self.ndcg[seed][target] for seed in seeds])

    def mean(self, seeds: Sequence[int], target: str, weights: np.ndarray) -> float:
        """Mean over seeds and the lists that count, by weight, float [B]; NaN without any."""
        values = self.of_seeds(seeds, target)
        counts = ~np.isnan(values[0]) & (weights > 0)
        if not counts.any():
            return float("nan")
        return float(np.average(values[:, counts].mean(axis=0), weights=weights[counts]))


def trials_of(config: RunConfig, ranker: RankerName, number: int) -> list[Trial]:
    """The trials of a ranker.

    Args:
        config: the definition.
        ranker: the ranker, in place of that of the definition.
        number: of settings that are drawn.

    Returns:
        The trial of the settings as they are, then those that are drawn.

    Raises:
        InputError: the definition does not fit the ranker.
    """
    place = f"--ranker {ranker}"
    own = with_changes(config, {"model": {"ranker": ranker}}, place)
    changed: Setting = {"model": {}, "training": {}}
    if ranker != config.model.ranker:
        changed["model"]["ranker"] = ranker
    trials = [Trial(ranker, {}, changed, own)]
    for drawn in draw(searched_for(own), number):
        setting = setting_of(drawn, own)
        setting["model"] = {**changed["model"], **setting["model"]}
        trials.append(Trial(ranker, drawn, setting, with_changes(own, setting, place)))
    return trials


def further_seeds(seed: int, number: int) -> list[int]:
    """Seeds after a definition's own one."""
    return [(seed + more) % (LARGEST_SEED + 1) for more in range(1, number + 1)]
