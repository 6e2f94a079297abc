"""What can be chosen of the region split."""

from typing import Literal

from pydantic import Field, FiniteFloat

from data.artifacts.region_split import Judge
from data.definition.base import Definition, Seed

NumericMeasure = Literal["kolmogorov_smirnov", "jensen_shannon", "wasserstein"]


class RegionSplitConfig(Definition):
    """How country, dependent and invariant features are told apart.

    Attributes:
        numeric: distance between distributions of numbers; Wasserstein is in units of sqrt(2 pi)
            pooled standard deviations, in which it equals the others where a normal distribution
            is shifted a little. Categories are always compared by the Jensen-Shannon distance:
            the square root of the divergence with base 2, in [0, 1].
        judge: what makes a feature dependent where it differs from region to region: its
            `distribution`, its `effect` on relevance within lists, or either of `both`. Both are
            measured and told, whichever is judged.
        threshold: distance, after what is expected by chance, above which distributions differ.
        effect_threshold: distance, beyond what chance exceeds once in a thousand draws, above which
            effects differ: .05 is a twentieth of an item's fair part of its list's relevance.
        fewest_lists: training lists below which a region is left out; of a feature, only regions
            with as many lists that have a value are compared.
        most_lists: training lists that are drawn from a region at most.
        most_regions: regions that are compared at most, the largest.
        most_values: most frequent categories that are told apart, all others count as one.
        on_change: what happens where a feature is on another side than in the last run: `warn` says
            so, `stop` ends the run, `keep` leaves it where it was.
        seed: seed of the draw of lists and of the deals that estimate chance.
    """

    numeric: NumericMeasure = "kolmogorov_smirnov"
    judge: Judge = "distribution"
    threshold: FiniteFloat = Field(default=0.1, ge=0)
    effect_threshold: FiniteFloat = Field(default=0.05, ge=0)
    fewest_lists: int = Field(default=100, ge=2)
    most_lists: int = Field(default=2000, ge=2)
    most_regions: int = Field(default=50, ge=2)
    most_values: int = Field(default=10_000, ge=1)
    on_change: Literal["warn", "stop", "keep"] = "warn"
    seed: Seed = 1
