"""What a ranker has by region, and what its layers are told of an item's region."""

from collections.abc import Sequence
from typing import Literal, NamedTuple

import tensorflow as tf

GatedLayers = Literal["none", "inputs", "hidden", "all"]


class RegionParts(NamedTuple):
    """What hidden layers have by region; nothing by default.

    Attributes:
        gate_units: width of what gates read; 0 makes no gates.
        rank: rank of the change of a kernel; 0 makes none.
    """

    gate_units: int = 0
    rank: int = 0


NOTHING = RegionParts()


class RegionOptions(NamedTuple):
    """What a ranker has by region beside masks; nothing by default.

    Attributes:
        gates: what has gates: the ranker's `inputs`, its `hidden` layers, `all` or `none` of both.
        rank: rank of the change of a hidden layer's kernel; 0 makes none.
        units: hidden widths of the gates' MLP.
        penalty: weight of the mean over regions of what sets them apart from the shared network.
    """

    gates: GatedLayers = "none"
    rank: int = 0
    units: Sequence[int] = (16,)
    penalty: float = 0.0

    @property
    def gates_inputs(self) -> bool:
        """Whether the ranker's inputs have gates."""
        return self.gates in ("inputs", "all")

    @property
    def hidden(self) -> RegionParts:
        """What hidden layers have."""
        gated = self.gates in ("hidden", "all")
        return RegionParts(self.units[-1] if gated else 0, self.rank)


NO_OPTIONS = RegionOptions()


class Region(NamedTuple):
    """What is known of the regions of N items.

    Attributes:
        country: float [N, C], the country features.
        gate: float [N, units[-1]], what gates read; None where there are none.
        code: float [N, rank], the directions in which the region's kernels change; None where
            there are none.
        penalty: float [N], weight of what sets an item apart from the shared network; None where
            nothing is penalised.
    """

    country: tf.Tensor
    gate: tf.Tensor | None = None
    code: tf.Tensor | None = None
    penalty: tf.Tensor | None = None
