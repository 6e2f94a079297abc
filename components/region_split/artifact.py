"""The artifact of the region split."""

from tfx.types.artifact import Artifact


class RegionSplitArtifact(Artifact):
    """Which features depend on the region.

    * `region_split.json`: see `data.region_split.FeatureSplit`.
    * `region_split.png`: the most and the least shifted features by region.
    """

    TYPE_NAME = "RegionSplit"
