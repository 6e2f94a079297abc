"""Which column of which matrix is whose: the transform graph puts out matrices, not features.

By scope there are numbers, float [rows, D], and ids, int64 [rows, C]; rows are items, all lists
one after the other, or lists, or past actions, all histories one after the other. `row__lengths`
int64 [B] says how many items each list has, `history__lengths` int64 [B] how many past actions.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

import tensorflow as tf

from data.definition import keys
from data.definition.codecs import codec
from data.definition.dataset import Dataset
from data.definition.feature import Feature
from data.definition.scopes import SCOPES, ScopeName

ROW_LENGTHS = keys.ROW_LENGTHS
HISTORY_LENGTHS = keys.HISTORY_LENGTHS
# Key of which entries of histories are of single pieces, bool [H].
SINGLE_PIECES = "history__single_pieces"
PERCENTILE, STANDARDISED = "percentile", "standardised"


def numbers_key(scope: ScopeName) -> str:
    """Key of the numbers of a scope."""
    return f"{scope}__numbers"


def raw_key(scope: ScopeName) -> str:
    """Key of the raw numbers that are ranked within their list."""
    return f"{scope}__raw"


def deviations_key(scope: ScopeName) -> str:
    """Key of the numbers that are standardised within their list."""
    return f"{scope}__deviations"


def ids_key(scope: ScopeName) -> str:
    """Key of the ids of a scope."""
    return f"{scope}__ids"


class Column(NamedTuple):
    """A column of numbers.

    Attributes:
        key: `x`, `x[0]` of a vector, `x__missing`, `x__percentile` or `x__standardised`.
        name: what its numbers are: the key, with `log(x)` for `x` where they follow from that.
        feature: name of the feature that it is made of.
    """

    key: str
    name: str
    feature: str


class Layout:
    """The columns of a dataset's matrices, by scope. A matrix without columns is left out.

    Numbers stand in blocks: values; indicators of missing ones; percentiles within the list;
    standardised within the list. Within a block, features with a logarithm come first and vectors
    last, so that all of a kind are one slice.

    Attributes:
        numeric: features that are read as numbers, in the order of their values.
        columns: columns of the numbers.
        embedded: features that are read as ids, in the order of these.

    Args:
        dataset: the dataset.
    """

    def __init__(self, dataset: Dataset) -> None:
        self.numeric: dict[ScopeName, tuple[Feature, ...]] = {}
        self.embedded: dict[ScopeName, tuple[Feature, ...]] = {}
        self.columns: dict[ScopeName, tuple[Column, ...]] = {}
        for scope in SCOPES:
            own = [feature for feature in dataset.features if feature.scope == scope]
            numeric = [feature for feature in own if not codec(feature).embedded]
            self.embedded[scope] = tuple(one for one in own if codec(one).embedded)
            self.numeric[scope] = tuple(sorted(numeric, key=_place_in_block))
            self.columns[scope] = tuple(_columns(self.numeric[scope]))
        self._places = {
            column.key: place
            for columns in self.columns.values()
            for place, column in enumerate(columns)
        }

    def place(self, key: str) -> int:
        """The place of a column of numbers."""
        return self._places[key]

    def column(self, scope: ScopeName, key: str) -> Column:
        """A column of numbers."""
        return self.columns[scope][self.place(key)]

    def named(self, matrices: Mapping[str, tf.Tensor]) -> dict[str, tf.Tensor]:
        """Takes matrices apart.

        Args:
            matrices: what the transform graph puts out.

        Returns:
            float [rows] by the key of a column of numbers, int64 [rows] by the name of an embedded
            feature.
        """
        named: dict[str, tf.Tensor] = {}
        for key, names in self._names_by_matrix():
            columns = tf.unstack(matrices[key], axis=1, num=len(names))
            named |= zip(names, columns, strict=True)
        return named

    def joined(self, named: Mapping[str, tf.Tensor]) -> dict[str, tf.Tensor]:
        """Puts matrices together; the reverse of `named`."""
        return {
            key: tf.stack([named[name] for name in names], axis=1)
            for key, names in self._names_by_matrix()
        }

    def _names_by_matrix(self) -> Iterator[tuple[str, list[str]]]:
        """The names of the columns of each matrix that has some."""
        for scope in SCOPES:
            column_keys = [column.key for column in self.columns[scope]]
            names = [feature.name for feature in self.embedded[scope]]
            for key, of_matrix in ((numbers_key(scope), column_keys), (ids_key(scope), names)):
                if of_matrix:
                    yield key, of_matrix


def column_of_ids(dataset: Dataset, feature: Feature) -> int:
    """The column of an embedded feature among the ids of its scope."""
    return Layout(dataset).embedded[feature.scope].index(feature)


def vector_keys(feature: Feature) -> list[str]:
    """Keys of a feature's values: its name, or `x[0]`, `x[1]`, ... of a vector."""
    own = codec(feature)
    return places_of(feature, own.width) if own.shape else [feature.name]


def places_of(feature: Feature, width: int) -> list[str]:
    """`x[0]`, `x[1]`, ...: the places of a vector or an embedding."""
    return [f"{feature.name}[{place}]" for place in range(width)]


def with_version(features: Iterable[Feature], version: str) -> list[Feature]:
    """The features that want a version relative to their list."""
    return [feature for feature in features if version in (feature.within_list or ())]


def _place_in_block(feature: Feature) -> tuple[bool, bool]:
    return bool(codec(feature).shape), not feature.log


def _columns(features: Sequence[Feature]) -> Iterator[Column]:
    for feature in features:
        for key in vector_keys(feature):
            yield Column(key, _number(feature, key), feature.name)
    for feature in features:
        key = keys.missing(feature.name)
        yield Column(key, key, feature.name)
    for version in (PERCENTILE, STANDARDISED):
        for feature in with_version(features, version):
            # A logarithm leaves ranks as they are.
            of = feature.name if version == PERCENTILE else _number(feature, feature.name)
            key = keys.within_list(feature.name, version)
            yield Column(key, keys.within_list(of, version), feature.name)


def _number(feature: Feature, key: str) -> str:
    return f"log({key})" if feature.log else key
