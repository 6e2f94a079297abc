"""The region split: which features depend on the region, and which do not."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Literal

from pydantic import ValidationError, model_validator

from data.definition.base import Definition
from data.errors import InputError, describe
from data.files import write_whole

FILE_NAME = "region_split.json"


Judge = Literal["distribution", "effect", "both"]
Difference = Literal["distribution", "effect"]


class EffectDistance(Definition):
    """How differently a feature moves relevance within lists, by region.

    Of an item of a list of n items, 1 less than n times its part of the list's relevance is its
    lift; a feature's curve in a region is the mean lift by bin of its values. Pairs of regions are
    averaged by the lists that they have.

    Attributes:
        distance: what is compared with the threshold: sqrt(raw^2 - most_by_chance^2), at least 0.
        raw: root of the mean square difference between two regions' curves, in lifts.
        most_by_chance: `raw` that regions of one curve exceed once in a thousand draws; of a
            vector, that of its number that differs the most.
        component: for a vector, the place (from 0) of that number; None for other features.
    """

    distance: float = 0.0
    raw: float = 0.0
    most_by_chance: float = 0.0
    component: int | None = None


class FeatureDistance(Definition):
    """How far apart the regions' distributions of one feature lie, averaged over pairs of regions.

    Attributes:
        distance: what is compared with the threshold: the larger of `raw - expected_by_chance` and
            `missing_raw - missing_expected_by_chance`, at least 0.
        raw: distance between the values that are not missing.
        expected_by_chance: `raw` of regions of the same sizes that all have one distribution; of a
            vector, that of its most shifted number.
        missing_raw: difference between the shares of missing values.
        missing_expected_by_chance: `missing_raw` of regions that all have one share; of a vector,
            that of its most shifted number.
        pinned: whether the dataset says the feature's side, whatever the distance.
        component: for a vector, the place (from 0) of its most shifted number, which the distances
            are about; None for other features.
        effect: how differently the feature moves relevance; None where that is not measured: a
            context feature is the same for all items of a list, and too few lists have actions.
        differs: in what the feature lies above a threshold, whichever of them is judged.
    """

    distance: float = 0.0
    raw: float = 0.0
    expected_by_chance: float = 0.0
    missing_raw: float = 0.0
    missing_expected_by_chance: float = 0.0
    pinned: bool = False
    component: int | None = None
    effect: EffectDistance | None = None
    differs: tuple[Difference, ...] = ()


class SideChange(Definition):
    """A feature that changed sides since the last run.

    Attributes:
        feature: the feature.
        before: its side in the last run: `country`, `dependent` or `invariant`.
        now: its side in this run.
        distance_before: its distance in the last run; None where it was not measured.
        distance_now: its distance in this run.
        effect_before: the distance of its effects in the last run; None where it was not measured.
        effect_now: the distance of its effects in this run.
    """

    feature: str
    before: str
    now: str
    distance_before: float | None = None
    distance_now: float | None = None
    effect_before: float | None = None
    effect_now: float | None = None


class FeatureSplit(Definition):
    """The sides of all features, and how they were found.

    Attributes:
        version: version of the file's form.
        judge: what makes a feature dependent where it differs from region to region: its
            `distribution`, its `effect` on relevance, or either of `both`.
        threshold: distance above which distributions differ.
        effect_threshold: distance above which effects differ.
        measure: the distance by kind of feature.
        country: features that describe the region, in the dataset's order.
        dependent: features that differ from region to region, in the dataset's order.
        invariant: all other features, in the dataset's order.
        reason: why nothing could be compared; empty where regions were compared.
        distances: by feature, the largest first; without country features.
        regions: training lists of each region that was compared, the largest first.
        regions_left_out: by region that was not compared, the reason.
        compared_with: folder of the last run's split; empty on a first run.
        changes: features that changed sides since then.
    """

    version: Literal[1] = 1
    judge: Judge = "distribution"
    threshold: float = 0.1
    effect_threshold: float = 0.05
    measure: dict[str, str] = {}
    country: tuple[str, ...] = ()
    dependent: tuple[str, ...] = ()
    invariant: tuple[str, ...] = ()
    reason: str = ""
    distances: dict[str, FeatureDistance] = {}
    regions: dict[str, int] = {}
    regions_left_out: dict[str, str] = {}
    compared_with: str = ""
    changes: tuple[SideChange, ...] = ()

    @model_validator(mode="after")
    def _check(self) -> "FeatureSplit":
        names = [*self.country, *self.dependent, *self.invariant]
        repeated = sorted({name for name in names if names.count(name) > 1})
        if repeated:
            raise ValueError(f"{repeated} are named on two sides")
        return self

    def sides(self) -> dict[str, str]:
        """The side of each feature, in the order of the sides."""
        sides = ("country", "dependent", "invariant")
        return {name: side for side in sides for name in getattr(self, side)}

    def side_of(self, names: Iterable[str]) -> Literal["dependent", "invariant"]:
        """The side of features that go together, as those of a history: dependent if one is."""
        return "dependent" if set(names) & set(self.dependent) else "invariant"

    @classmethod
    def load(cls, path: str | Path) -> "FeatureSplit":
        """Reads a split.

        Args:
            path: the file, local or remote.

        Returns:
            The split.

        Raises:
            InputError: there is no such file, or it is not a split.
        """
        # Late, since settings of the region split are read before TensorFlow is started.
        import tensorflow as tf

        try:
            with tf.io.gfile.GFile(str(path)) as file:
                return cls.model_validate(json.loads(file.read()))
        except ValidationError as error:
            raise InputError(describe(error, str(path))) from None
        except json.JSONDecodeError as error:
            raise InputError(f"{path}: expected JSON, found: {error}") from None
        except tf.errors.NotFoundError:
            raise InputError(f"{path}: expected the file of a region split, found none") from None

    def save(self, path: str | Path) -> None:
        """Writes the split, whole or not at all.

        Args:
            path: the file, local or remote, in an existing folder.
        """
        write_whole(path, self.model_dump_json(indent=2) + "\n")
