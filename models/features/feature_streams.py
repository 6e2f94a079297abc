"""Matrices of the transform graph to the three streams that rankers take."""

from collections.abc import Mapping, Sequence

import tensorflow as tf

from data.artifacts.region_split import FeatureSplit
from data.definition.dataset import Dataset
from data.definition.feature import Feature
from data.definition.keys import HISTORY
from data.definition.scopes import SCOPES, ScopeName
from models.config import HistoryConfig
from models.features.embedding_tables import EmbeddingTables
from models.features.history_stream import HistoryStream
from models.features.item_kinds import KINDS, having
from models.features.layout import ROW_LENGTHS, Layout, ids_key, numbers_key, vector_keys
from models.features.learnt_columns import concatenated, learnt_columns
from models.features.single_pieces import SinglePieces
from models.features.stream_columns import StreamColumns
from models.features.unknown_regions import UnknownRegions
from models.features.within_list import list_of_item
from models.layers.axes import Names
from models.layers.building import build_inside
from models.layers.seeds import derived_seed
from models.layers.streams import (
    COUNTRY,
    COUNTRY_OF_LISTS,
    KINDS_OF_ITEMS,
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
        self._plan = StreamColumns(
            dataset,
            self.layout,
            split,
            {name: rows.width for name, rows in self.embeddings.rows.items()},
            said=None if self.history is None else self.history.output_names(),
        )

    @property
    def sides(self) -> dict[str, str]:
        """The stream of each feature, and of the history as a whole."""
        return self._plan.sides

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
        of_lists = {name: concatenated(parts) for name, parts in context.items() if parts}
        added = {}
        if COUNTRY in of_lists and not item[COUNTRY]:
            added = {COUNTRY_OF_LISTS: of_lists[COUNTRY], LIST_OF_ITEM: row}
        for stream, values in of_lists.items():
            item[stream].append(tf.gather(values, row))
        if self._plan.kinds:
            item[self._plan.kinds_side].append(kinds)
        said = None
        if self.history is not None:
            said = self.history(inputs, embedded["item"], embedded["history"])
            item[self._plan.history_side].append(said)
        empty = tf.zeros([tf.size(row), 0])
        joined = {name: concatenated(parts) if parts else empty for name, parts in item.items()}
        if self._plan.kinds:
            added[KINDS_OF_ITEMS] = kinds
        if training:
            added |= learnt_columns(self._plan, joined, embedded, said, row)
        return joined | added

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
            single = self._plan.single(stream, scope)
            wide = self._plan.wide(stream, scope)
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
        """What each column of a stream is; see `StreamColumns.names`."""
        return self._plan.names()

    def feature_of_columns(self) -> dict[str, str]:
        """The feature that each column is made of."""
        return self._plan.features()

    def entry_columns(self) -> Names:
        """What each column of a past action is; none of a dataset without histories."""
        return () if self.history is None else self.history.entry_names()

    def context_columns(self) -> Names:
        """The columns that say the same of all items of a list, stream after stream."""
        names = self.columns()
        places = self._plan.places_of_lists().items()
        return tuple(names[stream][place] for stream, own in places for place in own)

    def context_of(self, streams: Streams) -> tf.Tensor:
        """Those columns of the streams, float [N, width]."""
        places = self._plan.places_of_lists().items()
        parts = [streams[stream][:, own.start : own.stop] for stream, own in places]
        return tf.concat(parts, axis=1)


def _columns_at(
    matrix: tf.Tensor | None, places: list[int], widths: list[int]
) -> list[tf.Tensor | None]:
    """Columns of a matrix, cut into parts of some widths; None where there are no columns."""
    if matrix is None or not places:
        return [None]
    # Rows are copied whole: to gather single columns takes longer than to turn the matrix twice.
    chosen = tf.transpose(tf.gather(tf.transpose(matrix), places))
    return [chosen] if len(widths) == 1 else tf.split(chosen, widths, axis=1)
