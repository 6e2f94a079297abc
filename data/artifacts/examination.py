"""How much each position was examined, as it was learnt with a ranker."""

from typing import ClassVar, Literal

import numpy as np

from data.artifacts.model_part import ModelPart
from data.counterfactual.examination import octaves
from data.metrics.ranked import Floats


class LearntExamination(ModelPart):
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

    PLACE: ClassVar[str] = "examination"

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
