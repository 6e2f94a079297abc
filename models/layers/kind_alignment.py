"""Features that some kinds of items lack, weighed and brought to a common width, kind by kind."""

import re
import zlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import tensorflow as tf

from models.layers.axes import NamedAxes, Names, unit_names
from models.layers.building import build_inside
from models.layers.kind_importance import KindImportance
from models.layers.parallel_dense import ParallelDense
from models.layers.seeds import derived_seed
from models.layers.streams import DEPENDENT, INVARIANT, KINDS_OF_ITEMS, Columns, Shapes, Streams

# The streams that features of items are in; each keeps what is the region's.
ALIGNED = (DEPENDENT, INVARIANT)


def layer_name(kind: str) -> str:
    """A kind's name as names of weights may hold it, told apart from all others."""
    plain = re.sub(r"[^A-Za-z0-9]", "_", kind)
    return plain if plain == kind else f"{plain}_{zlib.crc32(kind.encode()):08x}"


@tf.keras.utils.register_keras_serializable(package="seqmd")
class KindAlignment(tf.keras.layers.Layer):
    """Each kind's own features are scaled by their importance; with units, then joined.

    Without units, v_f becomes p_f v_f where it stands, p_f the importance of feature f for items
    of their kind: 1 at the start, which leaves all as it was. With units, the columns of a kind's
    own features in a stream become ReLU(FC_k(p v)), of the same width for every kind, behind the
    columns that all kinds have.

    Args:
        features_of_columns: by stream, the feature of each column.
        kinds: by kind, the features that it has and some other kind lacks.
        units: the common width in each stream; 0 leaves columns where they are.
        seed: seed of the draw.

    Source:
        MKT (arXiv 2402.19101), heterogeneous feature alignment.
    """

    def __init__(
        self,
        features_of_columns: Mapping[str, Sequence[str]],
        kinds: Mapping[str, Sequence[str]],
        units: int = 0,
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.features_of_columns = {name: list(features_of_columns[name]) for name in ALIGNED}
        self.kinds = {kind: list(features) for kind, features in kinds.items()}
        self.units = units
        self.seed = seed
        self._features = [one for name in ALIGNED for one in self.features_of_columns[name]]
        limited = {feature for features in self.kinds.values() for feature in features}
        self._limited = np.array([one in limited for one in self._features], bool)

    def _columns(self, kind: str, stream: str | None = None) -> list[int]:
        """The places of a kind's own columns, in all streams or in one, from 0 in the first."""
        first = len(self.features_of_columns[DEPENDENT])
        return [
            place
            for place, feature in enumerate(self._features)
            if feature in self.kinds[kind] and stream in (None, ALIGNED[place >= first])
        ]

    def _joins(self, kind: str, stream: str) -> bool:
        return bool(self.units) and bool(self._columns(kind, stream))

    def build(self, input_shape: Shapes) -> None:
        """Makes the importances and, with units, the layers that join."""
        self.importances: dict[str, KindImportance] = {}
        self.joining: dict[str, ParallelDense] = {}
        for kind in self.kinds:
            if not self._columns(kind):
                continue
            seed = derived_seed(self.seed, "importance", kind)
            name = f"kind_{layer_name(kind)}"
            importance = KindImportance(len(self.kinds[kind]), seed=seed, name=name)
            shape = tf.TensorShape((None, len(self._columns(kind))))
            self.importances[kind] = build_inside(importance, shape)
            for stream in ALIGNED:
                if self._joins(kind, stream):
                    seed = derived_seed(self.seed, "joined", kind, stream)
                    name = f"{stream}_{layer_name(kind)}"
                    dense = ParallelDense(self.units, 1, "relu", seed=seed, name=name)
                    shape = tf.TensorShape((None, len(self._columns(kind, stream))))
                    self.joining[f"{stream} {kind}"] = build_inside(dense, shape)
        super().build(input_shape)

    def call(self, inputs: Streams) -> dict[str, tf.Tensor]:
        """Aligns the kinds' own features.

        Args:
            inputs: streams `dependent` and `invariant`, float [N, width] each, in which what a kind
                lacks is 0; `kinds` float [N, K]. Others are passed on.

        Returns:
            The streams.
        """
        joined = tf.concat([inputs[name] for name in ALIGNED], axis=1)
        own = tf.split(inputs[KINDS_OF_ITEMS], len(self.kinds), axis=1)
        scales: list[tf.Tensor] = []
        for kind, of_kind in zip(self.kinds, own, strict=True):
            if kind in self.importances:
                weights = self.importances[kind](tf.gather(joined, self._columns(kind), axis=1))
                scales.append(tf.matmul(weights * of_kind, self._spread(kind)))
        everywhere = tf.constant(~self._limited, joined.dtype)
        scaled = joined * tf.add_n([*scales, tf.ones_like(joined) * everywhere])
        if not self.units:
            widths = [len(self.features_of_columns[name]) for name in ALIGNED]
            parts = tf.split(scaled, widths, axis=1)
        else:
            parts = [self._joined(scaled, own, stream) for stream in ALIGNED]
        return {**inputs, **dict(zip(ALIGNED, parts, strict=True))}

    def _spread(self, kind: str) -> tf.Tensor:
        """From a kind's features to their columns, float [F, D]."""
        found = [[one == feature for one in self._features] for feature in self.kinds[kind]]
        return tf.constant(np.array(found, np.float32))

    def _joined(self, scaled: tf.Tensor, own: Sequence[tf.Tensor], stream: str) -> tf.Tensor:
        parts = []
        shared = self._shared(stream)
        if shared:
            parts.append(tf.gather(scaled, shared, axis=1))
        common = []
        for kind, of_kind in zip(self.kinds, own, strict=True):
            if self._joins(kind, stream):
                columns = tf.gather(scaled, self._columns(kind, stream), axis=1)
                common.append(of_kind * self.joining[f"{stream} {kind}"]([columns])[0])
        if common:
            parts.append(tf.add_n(common))
        return tf.concat(parts, axis=1) if parts else scaled[:, :0]

    def _shared(self, stream: str) -> list[int]:
        """The places of a stream's columns that all kinds have."""
        first = len(self.features_of_columns[DEPENDENT])
        return [
            place
            for place, limited in enumerate(self._limited)
            if not limited and stream == ALIGNED[place >= first]
        ]

    def output_names(self, streams: Columns) -> dict[str, Names]:
        """Names of the columns of the aligned streams."""
        if not self.units:
            return dict(streams)
        names = tuple(one for stream in ALIGNED for one in streams[stream])
        found = dict(streams)
        for stream in ALIGNED:
            found[stream] = tuple(names[place] for place in self._shared(stream))
            if any(self._joins(kind, stream) for kind in self.kinds):
                found[stream] += unit_names(f"aligned_{stream}", self.units)
        return found

    def axes(self, streams: Columns) -> Iterator[NamedAxes]:
        """The weights with the names of the streams' columns."""
        names = tuple(one for stream in ALIGNED for one in streams[stream])
        for kind in self.kinds:
            if kind not in self.importances:
                continue
            columns = tuple(names[place] for place in self._columns(kind))
            firsts = tuple(names[self._features.index(one)] for one in self.kinds[kind])
            yield from self.importances[kind].axes(columns, firsts)
            for stream in ALIGNED:
                if self._joins(kind, stream):
                    columns = tuple(names[place] for place in self._columns(kind, stream))
                    yield from self.joining[f"{stream} {kind}"].axes(columns)

    def get_config(self) -> dict[str, Any]:
        """The arguments of the layer."""
        own = ("features_of_columns", "kinds", "units", "seed")
        return {**super().get_config(), **{name: getattr(self, name) for name in own}}
