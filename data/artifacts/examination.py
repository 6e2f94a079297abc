"""How much each position was examined, as it was learnt with a ranker."""

from typing import Literal

import numpy as np
import tensorflow as tf
from pydantic import ValidationError

from data.artifacts.model_folder import ExtraFiles
from data.counterfactual.examination import octaves
from data.definition.base import Definition
from data.errors import InputError, describe
from data.metrics.ranked import Floats


class LearntExamination(Definition):
    """Examination by position, platform and region, 1 at the first position.

    log examination(k) = sum over octaves j of slope_j clip(log2(k) - j, 0, 1), and
    slope = shared + that of the platform + that of the region.

    Attributes:
        way: how the ranker was corrected: `additive` or `inverse_propensity`.
        source: `joint`: learnt with the ranker; `randomised`: from lists in random order.
        lists: training lists.
        unknown_lists: those of them with an item whose position is unknown, which were learnt from
            as if all their items had been examined alike.
        first_position: the number of the first position, 0 or 1.
        shared: slopes of all lists, [J].
        platforms: by platform, what is added to them.
        regions: by region, what is added to them.
        largest_weight: above which weights were cut; None where there are none.
        clipped: share of the actions whose weight was cut; None where there are no weights.
    """

    way: Literal["additive", "inverse_propensity"]
    source: Literal["joint", "randomised"]
    lists: int
    unknown_lists: int
    first_position: Literal[0, 1]
    shared: tuple[float, ...]
    platforms: dict[str, tuple[float, ...]]
    regions: dict[str, tuple[float, ...]]
    largest_weight: float | None = None
    clipped: float | None = None

    @classmethod
    def of_model(cls, folder: str) -> "LearntExamination | None":
        """The examination that goes with an exported model; None where it was not corrected.

        Args:
            folder: the SavedModel, local or remote.

        Raises:
            InputError: the file is not of this form.
        """
        file = ExtraFiles(folder).examination
        if not tf.io.gfile.exists(file):
            return None
        with tf.io.gfile.GFile(file) as text:
            try:
                return cls.model_validate_json(text.read())
            except ValidationError as error:
                raise InputError(describe(error, file)) from None

    def at(self, positions: Floats, platform: str | None = None, region: str = "") -> Floats:
        """Examination of positions, counted from 1.

        Args:
            positions: float [N].
            platform: its name; one that is not known has what all share.
            region: its name; likewise.

        Returns:
            float [N].
        """
        nothing = (0.0,) * len(self.shared)
        slopes = np.add(self.shared, self.platforms.get(platform or "", nothing))
        slopes = slopes + np.array(self.regions.get(region, nothing))
        return np.exp(octaves(positions, len(self.shared)) @ slopes)
