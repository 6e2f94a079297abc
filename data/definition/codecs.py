"""How values of features are stored, one codec a kind: in logs, in lists and in tensors.

A row of values is one value, or one vector, of a list, of an item or of an entry of a history, as
the feature's scope says.
"""

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, ClassVar, Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from tensorflow_metadata.proto.v0 import schema_pb2

from data.definition.feature import Feature, Kind

if TYPE_CHECKING:
    from data.rows.checked import CheckedColumns


class Codec(ABC):
    """How the values of one feature are stored.

    Attributes:
        feature: the feature.
        dtype: type of a value in tensors, by TensorFlow's name.
        missing: value that stands for a missing one.
        schema_type: type of the feature in TensorFlow Metadata's schemas.
        distance: the distance of two distributions, by its name in TensorFlow Metadata's schemas.
        embedded: whether a model reads ids of values and embeds them; else it reads numbers.
        has_vocabulary: whether its ids are places in a vocabulary of training values.
    """

    dtype: ClassVar[Literal["string", "float32"]]
    missing: ClassVar[str | float]
    schema_type: ClassVar["schema_pb2.FeatureType.ValueType"]
    distance: ClassVar[Literal["infinity_norm", "jensen_shannon_divergence"]]
    embedded: ClassVar[bool] = False
    has_vocabulary: ClassVar[bool] = False

    def __init__(self, feature: Feature) -> None:
        self.feature = feature

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of a row: () for a single value."""
        return ()

    @property
    def width(self) -> int:
        """Values of a row."""
        return int(np.prod(self.shape))

    @property
    def unit(self) -> str:
        """What the axis of a picture of the values shows."""
        return "value"

    @property
    @abstractmethod
    def arrow_type(self) -> pa.DataType:
        """Type of a row of values."""

    @property
    def column_type(self) -> pa.DataType:
        """Type of the feature's column among canonical rows and lists."""
        return self.feature.belongs_to.column_type(self.arrow_type)

    @abstractmethod
    def read(self, columns: "CheckedColumns") -> pa.Array:
        """Reads the feature's column of the logs as canonical rows [N], none of them null."""

    def rows(self, values: pa.Array) -> pa.Array:
        """Puts the flat values of decoded lists together: a row each [N]."""
        return values

    def to_numpy(self, rows: pa.Array) -> np.ndarray:
        """Turns rows, of `arrow_type` or bytes, into an array [N, ...] of the codec's shape."""
        return rows.to_numpy(zero_copy_only=False)

    @property
    def _field(self) -> str:
        """What messages call the feature."""
        return f"feature {self.feature.name!r}"


class TextCodec(Codec):
    """Categories: text, missing as the empty one."""

    dtype = "string"
    missing = ""
    schema_type = schema_pb2.BYTES
    distance = "infinity_norm"
    embedded = has_vocabulary = True

    @property
    def arrow_type(self) -> pa.DataType:
        """Text in UTF-8."""
        return pa.string()

    def read(self, columns: "CheckedColumns") -> pa.Array:
        """Reads values of any plain type as text."""
        return pc.fill_null(columns.category(self.feature.column, self._field), self.missing)

    def rows(self, values: pa.Array) -> pa.Array:
        """Gives the texts as bytes."""
        return values.cast(pa.binary())


class NumberCodec(Codec):
    """Numbers: 32-bit floats less the feature's origin, missing as NaN."""

    dtype = "float32"
    missing = float("nan")
    schema_type = schema_pb2.FLOAT
    distance = "jensen_shannon_divergence"

    @property
    def unit(self) -> str:
        """Names the logarithm where the feature takes one."""
        return "value, as sign(x) log(1 + |x|)" if self.feature.log else "value"

    @property
    def arrow_type(self) -> pa.DataType:
        """A 32-bit float."""
        return pa.float32()

    def read(self, columns: "CheckedColumns") -> pa.Array:
        """Reads numbers of any type, also from text."""
        one = self.feature
        return columns.floats(one.column, self._field, one.name, one.origin)


class BucketCodec(NumberCodec):
    """Numbers that a model cuts into buckets."""

    embedded = True


class VectorCodec(NumberCodec):
    """Vectors of fixed length of 32-bit floats; a missing one is NaN throughout."""

    @property
    def shape(self) -> tuple[int, ...]:
        """The vector's length."""
        assert self.feature.length is not None
        return (self.feature.length,)

    @property
    def unit(self) -> str:
        """Says that all numbers are taken together."""
        return "value, all numbers of the vector"

    @property
    def arrow_type(self) -> pa.DataType:
        """A list of fixed size."""
        return pa.list_(pa.float32(), self.width)

    def read(self, columns: "CheckedColumns") -> pa.Array:
        """Reads lists of numbers, or such lists as text."""
        return columns.vectors(self.feature.column, self._field, self.width)

    def rows(self, values: pa.Array) -> pa.Array:
        """Cuts the numbers into vectors."""
        return pa.FixedSizeListArray.from_arrays(values, self.width)

    def to_numpy(self, rows: pa.Array) -> np.ndarray:
        """Gives a matrix, a vector a row."""
        return rows.flatten().to_numpy(zero_copy_only=False).reshape(-1, self.width)


CODECS: dict[Kind, type[Codec]] = {
    "numeric": NumberCodec,
    "bucketed": BucketCodec,
    "categorical": TextCodec,
    "vector": VectorCodec,
}


def codec(feature: Feature) -> Codec:
    """The codec of a feature's values."""
    return CODECS[feature.kind](feature)
