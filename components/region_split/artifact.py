"""The artifact of the region split."""

from tfx.types.artifact import Artifact


class RegionSplitArtifact(Artifact):
    """Which features depend on the region.

    It holds `region_split.json`, see `data.region_split.FeatureSplit`.
    """

    TYPE_NAME = "RegionSplit"
