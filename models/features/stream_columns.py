"""Which columns the three streams have, and what each of them is made of."""

from collections.abc import Mapping, Sequence

from data.artifacts.region_split import FeatureSplit
from data.definition.codecs import codec
from data.definition.dataset import Dataset
from data.definition.feature import Feature
from data.definition.keys import HISTORY, missing, within_list
from data.definition.scopes import ScopeName
from data.errors import InputError
from models.features.layout import Column, Layout, places_of
from models.layers.axes import Names
from models.layers.streams import COUNTRY, DEPENDENT, INVARIANT, STREAMS


class StreamColumns:
    """The columns of each stream: items', lists', kinds', the history's; numbers first.

    Args:
        dataset: the dataset.
        layout: the columns of the matrices that the streams are made of.
        split: the region split.
        widths: of the embeddings, by feature.
        said: names of what the history says; None where there is no history.

    Attributes:
        stream_of: the stream of each feature.
        kinds_side: the stream of the indicators of kinds.
        kinds: the indicators; none where there are fewer than two kinds.
        history_side: the stream of what the history says.
        said: names of what the history says.

    Raises:
        InputError: the split does not name exactly the dataset's features.
    """

    def __init__(
        self,
        dataset: Dataset,
        layout: Layout,
        split: FeatureSplit,
        widths: Mapping[str, int],
        said: Names | None,
    ) -> None:
        self.stream_of = _stream_of_features(dataset, split)
        # Of one kind there is nothing to tell.
        told = dataset.kind_feature if len(dataset.kinds) > 1 else None
        self.kinds_side = INVARIANT if told is None else self.stream_of[told.name]
        self.kinds = [] if told is None else _indicators(told.name, dataset.kinds)
        # Of features that go together.
        self.history_side = split.side_of(one.name for one in dataset.history_features)
        self.said = said
        self._layout = layout
        self._features = dataset.features
        self._widths = widths
        self._scopes = {feature.name: feature.scope for feature in dataset.features}

    @property
    def sides(self) -> dict[str, str]:
        """The stream of each feature, and of the history as a whole."""
        return self.stream_of | ({} if self.said is None else {HISTORY: self.history_side})

    def columns(self) -> dict[str, list[Column]]:
        """The columns of each stream."""
        columns: dict[str, list[Column]] = {stream: [] for stream in STREAMS}
        for stream, of_stream in columns.items():
            for scope in ("item", "context"):
                single = self.single(stream, scope)
                of_stream += [self._layout.column(scope, key) for key in single]
                for feature in self.wide(stream, scope):
                    names = places_of(feature, self.width(feature))
                    of_stream += [Column(name, name, feature.name) for name in names]
        columns[self.kinds_side] += self.kinds
        said = self.said or ()
        columns[self.history_side] += [Column(name, name, HISTORY) for name in said]
        return columns

    def names(self) -> dict[str, Names]:
        """What each column of a stream is: by these names, weights follow their features.

        Returns:
            By stream: `x` or, where its logarithm is taken, `log(x)` for a number; `x__missing`;
            `x__percentile`, `x__standardised`; `x[0]`, `x[1]`, ... of an embedding or a vector;
            `x=KIND` of the indicator of a kind; `history[0]`, `history[1]`, ... of what the history
            says.
        """
        return {
            stream: tuple(column.name for column in columns)
            for stream, columns in self.columns().items()
        }

    def features(self) -> dict[str, str]:
        """The feature that each column is made of, by the column's name."""
        return {
            column.name: column.feature for columns in self.columns().values() for column in columns
        }

    def places_of_lists(self) -> dict[str, range]:
        """Where in each stream the columns of lists lie, side by side."""
        return {stream: self._of_lists(columns) for stream, columns in self.columns().items()}

    def _of_lists(self, columns: Sequence[Column]) -> range:
        found = [n for n, one in enumerate(columns) if self._scopes.get(one.feature) == "context"]
        return range(found[0], found[-1] + 1) if found else range(0)

    def width(self, feature: Feature) -> int:
        """Width of an embedding or a vector."""
        return self._widths.get(feature.name, codec(feature).width)

    def single(self, stream: str, scope: ScopeName) -> list[str]:
        """Keys of a stream's single numbers in one scope."""
        found = []
        for feature in (one for one in self._features if one.scope == scope):
            if stream == INVARIANT:
                found += [
                    within_list(feature.name, version) for version in feature.within_list or ()
                ]
            if self.stream_of[feature.name] == stream and not codec(feature).embedded:
                found += [] if codec(feature).shape else [feature.name]
                found.append(missing(feature.name))
        return found

    def wide(self, stream: str, scope: ScopeName) -> list[Feature]:
        """A stream's embedded features and vectors in one scope."""
        return [
            one
            for one in self._features
            if (one.scope, self.stream_of[one.name]) == (scope, stream)
            and (codec(one).embedded or codec(one).shape)
        ]


def _indicators(feature: str, kinds: Sequence[str]) -> list[Column]:
    return [Column(name, name, feature) for name in (f"{feature}={kind}" for kind in kinds)]


def _stream_of_features(dataset: Dataset, split: FeatureSplit) -> dict[str, str]:
    sides = {COUNTRY: split.country, DEPENDENT: split.dependent, INVARIANT: split.invariant}
    streams = {name: stream for stream, names in sides.items() for name in names}
    names = {feature.name for feature in dataset.features}
    if set(streams) != names:
        raise InputError(
            f"region split: expected the features of dataset {dataset.name}; "
            f"missing {sorted(names - set(streams))}, unknown {sorted(set(streams) - names)}"
        )
    return streams
