"""Matrices of the transform graph to the three streams that rankers take."""

from collections.abc import Mapping, Sequence

import tensorflow as tf

from data.artifacts.region_split import FeatureSplit
from data.definition.codecs import codec
from data.definition.dataset import Dataset
from data.definition.feature import Feature
from data.definition.keys import HISTORY, missing, within_list
from data.definition.scopes import SCOPES, ScopeName
from data.errors import InputError
from models.config import HistoryConfig
from models.features.embedding_tables import EmbeddingTables
from models.features.history_stream import HistoryStream
from models.features.item_kinds import KINDS, having
from models.features.layout import (
    ROW_LENGTHS,
    Column,
    Layout,
    ids_key,
    numbers_key,
    places_of,
    vector_keys,
)
from models.features.single_pieces import SinglePieces
from models.features.unknown_regions import UnknownRegions
from models.features.within_list import list_of_item
from models.layers.axes import Names
from models.layers.building import build_inside
from models.layers.partly_learnt import PartlyLearnt
from models.layers.seeds import derived_seed
from models.layers.streams import (
    COUNTRY,
    COUNTRY_OF_LISTS,
    DEPENDENT,
    INVARIANT,
    KINDS_OF_ITEMS,
    LEARNT,
    LIST_OF_ITEM,
    STREAMS,
    Streams,
)


class FeatureStreams(tf.keras.layers.Layer):
    """Joins standardised, indicated, embedded and within-list features by the region split.

    Country features make the stream `country`. Every other feature goes, with its indicator of
    missing values and all dimensions of its embedding, to `dependent` or `invariant` as the split
    says; its within-list versions are invariant. Context features are repeated for every item. What
    the history says to an item is dependent where the split calls any of its features that. Where
    features name several kinds of items, an indicator of each goes with the feature that tells
    them apart: which features an item has is to be seen from the first step on, as it is by
    indicators of missing values, and an embedding starts too small for that.

    Args:
        dataset: the dataset.
        split: the region split.
        sizes: number of ids of each feature that is read as ids.
        unknown_region_share: share of training lists whose region becomes unknown.
        seed: seed of embeddings and of the draw of lists.
        embedding_widths: widths of some embeddings, by feature; see `EmbeddingTables`.
        history: the encoder of histories, where the dataset has them.

    Raises:
        InputError: the split does not name exactly the dataset's features.
    """

    def __init__(
        self,
        dataset: Dataset,
        split: FeatureSplit,
        sizes: Mapping[str, int],
        unknown_region_share: float = 0.0,
        seed: int | None = None,
        embedding_widths: Mapping[str, int] | None = None,
        history: HistoryConfig = HistoryConfig(),  # noqa: B008 - frozen
    ) -> None:
        super().__init__(name="feature_streams")
        self.dataset = dataset
        self.layout = Layout(dataset)
        self._scopes = {feature.name: feature.scope for feature in dataset.features}
        self.streams = _stream_of_features(dataset, split)
        self.embeddings = EmbeddingTables(dataset, sizes, embedding_widths, seed)
        self.unknown_regions = UnknownRegions(
            dataset,
            self.layout.embedded["context"],
            sizes,
            unknown_region_share,
            derived_seed(seed, "unknown regions"),
        )
        self.history: HistoryStream | None = None
        if dataset.history is not None:
            history_seed = derived_seed(seed, HISTORY)
            self.history = HistoryStream(dataset, self.embeddings, sizes, history, history_seed)
        # Of one kind there is nothing to tell.
        told = dataset.kind_feature if len(dataset.kinds) > 1 else None
        self._kinds_side = INVARIANT if told is None else self.streams[told.name]
        self._kinds = [] if told is None else _indicators(told.name, dataset.kinds)
        # Of features that go together.
        self.history_side = split.side_of(one.name for one in dataset.history_features)

    @property
    def sides(self) -> dict[str, str]:
        """The stream of each feature, and of the history as a whole."""
        return self.streams | ({} if self.history is None else {HISTORY: self.history_side})

    def build(self, input_shape: Mapping[str, tf.TensorShape] | None = None) -> None:
        """Makes the embeddings, the counter of draws and the encoder of histories."""
        build_inside(self.embeddings, None)
        if self.history is not None:
            build_inside(self.history, None)
        build_inside(self.unknown_regions, None)
        super().build(input_shape)

    def call(
        self, inputs: Mapping[str, tf.Tensor], training: bool | None = None
    ) -> dict[str, tf.Tensor]:
        """Makes the streams.

        Args:
            inputs: what the transform graph puts out.
            training: whether some regions become unknown.

        Returns:
            `country`, `dependent`, `invariant`: float [N, width] each; width may be 0. Where all
            country features are those of lists, `country_of_lists` float [B, width] and
            `list_of_item` int64 [N] say the same as `country`. Where features name several kinds
            of items, `kinds` float [N, K] has a 1 at the item's own. In training, `LEARNT` names
            the streams as `PartlyLearnt`.
        """
        ids = {scope: inputs.get(ids_key(scope)) for scope in SCOPES}
        if ids["context"] is not None:
            ids["context"] = self.unknown_regions(ids["context"], training=training)
        kinds = inputs.get(KINDS)
        embedded = {scope: self._embedded(scope, ids[scope], kinds) for scope in SCOPES}
        item, context = (
            self._parts(scope, inputs.get(numbers_key(scope)), embedded[scope])
            for scope in ("item", "context")
        )
        lengths = inputs[ROW_LENGTHS]
        row = list_of_item(lengths, tf.reduce_sum(lengths))
        of_lists = {name: _concatenated(parts) for name, parts in context.items() if parts}
        added = {}
        if COUNTRY in of_lists and not item[COUNTRY]:
            added = {COUNTRY_OF_LISTS: of_lists[COUNTRY], LIST_OF_ITEM: row}
        for stream, values in of_lists.items():
            item[stream].append(tf.gather(values, row))
        if self._kinds:
            item[self._kinds_side].append(kinds)
        said = None
        if self.history is not None:
            said = self.history(inputs, embedded["item"], embedded["history"])
            item[self.history_side].append(said)
        empty = tf.zeros([tf.size(row), 0])
        joined = {name: _concatenated(parts) if parts else empty for name, parts in item.items()}
        if self._kinds:
            added[KINDS_OF_ITEMS] = kinds
        if training:
            added |= self._partly_learnt(joined, embedded, said, row)
        return joined | added

    def _partly_learnt(
        self,
        joined: Mapping[str, tf.Tensor],
        embedded: Mapping[ScopeName, Mapping[str, tf.Tensor]],
        said: tf.Tensor | None,
        row: tf.Tensor,
    ) -> dict[str, PartlyLearnt]:
        """The streams, with their embeddings and what the history says once more."""
        found = {}
        for stream, columns in self._columns().items():
            parts, names = [], []
            for scope in ("item", "context"):
                own = [one for one in self._wide(stream, scope) if one.name in embedded[scope]]
                names += [name for one in own for name in places_of(one, self._width(one))]
                if own:
                    values = _concatenated([embedded[scope][one.name] for one in own])
                    parts.append(values if scope == "item" else tf.gather(values, row))
            if self.history is not None and stream == self.history_side:
                parts.append(said)
                names += self.history.output_names()
            learnt = _concatenated(parts) if parts else joined[stream][:, :0]
            places = {column.name: place for place, column in enumerate(columns)}
            own_places = tuple(places[name] for name in names)
            found[LEARNT[stream]] = PartlyLearnt(joined[stream], learnt, own_places)
        return found

    def single_pieces(self, inputs: Mapping[str, tf.Tensor]) -> SinglePieces:
        """The single pieces of histories with an encoder of their own; see `HistoryStream`."""
        assert self.history is not None
        entries = self._embedded("history", inputs.get(ids_key("history")), None)
        return self.history.single_pieces(inputs, entries)

    def _embedded(
        self, scope: ScopeName, ids: tf.Tensor | None, kinds: tf.Tensor | None
    ) -> dict[str, tf.Tensor]:
        """Embeddings of a scope's features, float [rows, width] each."""
        if ids is None:
            return {}
        embedded = self.embeddings(ids, self.layout.embedded[scope])
        return embedded | self._of_kinds(embedded, self.layout.embedded[scope], kinds)

    def _parts(
        self, scope: ScopeName, numbers: tf.Tensor | None, embedded: Mapping[str, tf.Tensor]
    ) -> dict[str, list[tf.Tensor]]:
        """What a scope adds to each stream, float [rows, width] each, as `columns` names it."""
        parts: dict[str, list[tf.Tensor]] = {}
        for stream in STREAMS:
            single, wide = self._single(stream, scope), self._wide(stream, scope)
            vectors = [vector_keys(feature) for feature in wide if feature.name not in embedded]
            widths = [len(single), *map(len, vectors)]
            places = [self.layout.place(key) for keys in (single, *vectors) for key in keys]
            first, *others = _columns_at(numbers, places, widths)
            parts[stream] = [first] if single else []
            found = iter(others)
            parts[stream] += [
                embedded[feature.name] if feature.name in embedded else next(found)
                for feature in wide
            ]
        return parts

    def _of_kinds(
        self,
        embedded: Mapping[str, tf.Tensor],
        features: Sequence[Feature],
        kinds: tf.Tensor | None,
    ) -> dict[str, tf.Tensor]:
        """The embeddings of features that some kinds lack: 0 for items of these."""
        limited = [feature for feature in features if feature.kinds is not None]
        if not limited or kinds is None:
            return {}
        has = tf.split(having(self.dataset, limited, kinds), len(limited), axis=1)
        return {
            feature.name: embedded[feature.name] * items
            for feature, items in zip(limited, has, strict=True)
        }

    def widths(self) -> dict[str, int]:
        """Width of each stream."""
        return {stream: len(names) for stream, names in self.columns().items()}

    def columns(self) -> dict[str, Names]:
        """What each column of a stream is: by these names, weights follow their features.

        Returns:
            By stream: `x` or, where its logarithm is taken, `log(x)` for a number; `x__missing`;
            `x__percentile`, `x__standardised`; `x[0]`, `x[1]`, ... of an embedding or a vector;
            `x=KIND` of the indicator of a kind; `history[0]`, `history[1]`, ... of what the history
            says.
        """
        return {
            stream: tuple(column.name for column in columns)
            for stream, columns in self._columns().items()
        }

    def entry_columns(self) -> Names:
        """What each column of a past action is; none of a dataset without histories."""
        return () if self.history is None else self.history.entry_names()

    def context_columns(self) -> Names:
        """The columns that say the same of all items of a list, stream after stream."""
        return tuple(
            columns[place].name
            for columns in self._columns().values()
            for place in self._context_places(columns)
        )

    def context_of(self, streams: Streams) -> tf.Tensor:
        """Those columns of the streams, float [N, width]."""
        parts = []
        for stream, columns in self._columns().items():
            places = self._context_places(columns)
            parts.append(streams[stream][:, places.start : places.stop])
        return tf.concat(parts, axis=1)

    def _context_places(self, columns: Sequence[Column]) -> range:
        """Places of a stream's columns of lists, which lie side by side."""
        found = [n for n, one in enumerate(columns) if self._scopes.get(one.feature) == "context"]
        return range(found[0], found[-1] + 1) if found else range(0)

    def feature_of_columns(self) -> dict[str, str]:
        """The feature that each column is made of."""
        return {
            column.name: column.feature
            for columns in self._columns().values()
            for column in columns
        }

    def _columns(self) -> dict[str, list[Column]]:
        """The columns of each stream: items', lists', kinds', the history's; numbers first."""
        columns: dict[str, list[Column]] = {stream: [] for stream in STREAMS}
        for stream, of_stream in columns.items():
            for scope in ("item", "context"):
                single = self._single(stream, scope)
                of_stream += [self.layout.column(scope, key) for key in single]
                for feature in self._wide(stream, scope):
                    names = places_of(feature, self._width(feature))
                    of_stream += [Column(name, name, feature.name) for name in names]
        columns[self._kinds_side] += self._kinds
        if self.history is not None:
            said = self.history.output_names()
            columns[self.history_side] += [Column(name, name, HISTORY) for name in said]
        return columns

    def _width(self, feature: Feature) -> int:
        """Width of an embedding or a vector."""
        rows = self.embeddings.rows.get(feature.name)
        return codec(feature).width if rows is None else rows.width

    def _single(self, stream: str, scope: ScopeName) -> list[str]:
        """Keys of a stream's single numbers in one scope."""
        found = []
        for feature in (one for one in self.dataset.features if one.scope == scope):
            if stream == INVARIANT:
                found += [
                    within_list(feature.name, version) for version in feature.within_list or ()
                ]
            if self.streams[feature.name] == stream and not codec(feature).embedded:
                found += [] if codec(feature).shape else [feature.name]
                found.append(missing(feature.name))
        return found

    def _wide(self, stream: str, scope: ScopeName) -> list[Feature]:
        """A stream's embedded features and vectors in one scope."""
        return [
            one
            for one in self.dataset.features
            if (one.scope, self.streams[one.name]) == (scope, stream)
            and (codec(one).embedded or codec(one).shape)
        ]


def _indicators(feature: str, kinds: Sequence[str]) -> list[Column]:
    return [Column(name, name, feature) for name in (f"{feature}={kind}" for kind in kinds)]


def _columns_at(
    matrix: tf.Tensor | None, places: list[int], widths: list[int]
) -> list[tf.Tensor | None]:
    """Columns of a matrix, cut into parts of some widths; None where there are no columns."""
    if matrix is None or not places:
        return [None]
    # Rows are copied whole: to gather single columns takes longer than to turn the matrix twice.
    chosen = tf.transpose(tf.gather(tf.transpose(matrix), places))
    return [chosen] if len(widths) == 1 else tf.split(chosen, widths, axis=1)


def _concatenated(parts: list[tf.Tensor]) -> tf.Tensor:
    return parts[0] if len(parts) == 1 else tf.concat(parts, axis=1)


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
