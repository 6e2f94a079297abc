"""A model of how much each position is examined, learnt beside a ranker."""

from collections.abc import Mapping, Sequence

import numpy as np
import tensorflow as tf

from data.counterfactual.examination import CHANGE_SPREAD, PLATFORM_SPREAD, SLOPE_SPREAD
from data.definition import keys
from data.metrics.ranked import Floats
from models.features.within_list import list_of_item
from models.replicas import share_of_whole

# Normal prior of what a region's slope differs by, as a standard deviation.
REGION_SPREAD = 0.1


class Examination(tf.Module):
    """log examination(k) = sum over octaves j of slope_j clip(log2(k) - j, 0, 1).

    slope = shared + that of the list's platform + that of its region, all 0 at the start. Items of
    a list with an unknown position have 0: they count as examined alike.

    Args:
        first: the number of the first position, 0 or 1.
        octaves: J.
        platforms: names of the platforms, P.
        regions: names of the regions, R.
        known: slopes by platform, float [P, J], that are not to be learnt; None learns.
    """

    def __init__(
        self,
        first: int,
        octaves: int,
        platforms: Sequence[str],
        regions: Sequence[str],
        known: Floats | None = None,
    ) -> None:
        super().__init__(name="examination")
        self._first, self._octaves = first, octaves
        self.platforms, self.regions = tuple(platforms), tuple(regions)
        shared = np.zeros(octaves) if known is None else known.mean(axis=0)
        own = np.zeros([len(platforms), octaves]) if known is None else known - shared
        learns = known is None

        def slopes(name: str, value: Floats) -> tf.Variable:
            return tf.Variable(value, learns, dtype=tf.float32, name=f"bias/{name}")

        self._shared = slopes("shared", shared)
        self._of_platforms = slopes("platforms", own)
        self._of_regions = slopes("regions", np.zeros([len(regions), octaves]))

    def logits(self, batch: Mapping[str, tf.Tensor]) -> tf.Tensor:
        """The log of examination of each item, float [N]; 0 at the first position.

        Args:
            batch: `item_position` float [N], `list_platform` and `list_region` string [B], and
                `row__lengths` int64 [B].
        """
        positions, lengths = batch[keys.ITEM_POSITION] + (1 - self._first), batch[keys.ROW_LENGTHS]
        rows = list_of_item(lengths, tf.size(positions))
        slopes = self._shared + tf.matmul(
            _is(batch[keys.LIST_PLATFORM], self.platforms), self._of_platforms
        )
        slopes += tf.matmul(_is(batch[keys.LIST_REGION], self.regions), self._of_regions)
        unknown = tf.cast(~(positions >= 1), tf.float32)
        usable = tf.math.unsorted_segment_sum(unknown, rows, tf.size(lengths)) == 0
        of_lists = tf.where(usable[:, tf.newaxis], slopes, 0.0)
        behind = tf.math.log(tf.where(positions >= 1, positions, 1.0)) / np.log(2)
        steps = behind[:, tf.newaxis] - tf.range(self._octaves, dtype=tf.float32)
        return tf.reduce_sum(tf.clip_by_value(steps, 0.0, 1.0) * tf.gather(of_lists, rows), axis=1)

    def prior(self, lists: int) -> tf.Tensor:
        """Minus the log of the slopes' prior density, by list: a scalar, 0 at the start.

        Slopes and their changes from octave to octave lie near 0, those of platforms and regions
        near what all share: the fewer lists they have, the nearer.

        Args:
            lists: what the log likelihood of actions is divided by.
        """
        shared = self._shared
        squares = (
            (shared, SLOPE_SPREAD),
            (shared[1:] - shared[:-1], CHANGE_SPREAD),
            (self._of_platforms, PLATFORM_SPREAD),
            (self._of_regions, REGION_SPREAD),
        )
        total = tf.add_n([tf.reduce_sum(tf.square(value / spread)) for value, spread in squares])
        return share_of_whole(total / (2.0 * max(lists, 1)))

    def slopes(self) -> tuple[Floats, dict[str, Floats], dict[str, Floats]]:
        """The slopes: shared, float [J], and what platforms and regions add to them, by name."""
        shared, platforms, regions = (
            one.numpy() for one in (self._shared, self._of_platforms, self._of_regions)
        )
        return (
            shared,
            dict(zip(self.platforms, platforms, strict=True)),
            dict(zip(self.regions, regions, strict=True)),
        )


def _is(values: tf.Tensor, names: Sequence[str]) -> tf.Tensor:
    """Which of the names each value is, float [B, names]; none where it is another one."""
    return tf.cast(values[:, tf.newaxis] == tf.constant(list(names), tf.string), tf.float32)
