"""Histories with two encoders: of entries of single pieces, and of the rest."""

from collections.abc import Iterator, Sequence
from typing import Any

import tensorflow as tf

from models.layers.axes import NamedAxes, Names
from models.layers.building import build_inside
from models.layers.history_encoder import History, HistoryEncoder
from models.layers.history_parts import HistoryPart, history_parts
from models.layers.meta_embedding import MetaEmbedding
from models.layers.seeds import derived_seed


@tf.keras.utils.register_keras_serializable(package="seqmd")
class SplitHistoryEncoder(HistoryEncoder):
    """o_n = encoder(the rest)_n + another encoder(single pieces)_n.

    Attention gives what many have looked at the most weight, and single pieces next to none; with
    an encoder of their own they compete among themselves. Where there are ids, those of single
    pieces are scaled and shifted by side information, see `MetaEmbedding`. Weights of the rest have
    the names and the start of an encoder of all entries: without single pieces the output is that
    encoder's.

    Args:
        id_columns: the first column of the id's embedding among those of entries, and the one
            after its last; None scales and shifts nothing.
        side_columns: columns of the side information.

    Source:
        The problem and the parts are those that the abstract of MSNet names (arXiv 2403.06747). How
        they are put together is ours.
    """

    def __init__(
        self,
        *arguments: Any,
        id_columns: tuple[int, int] | None = None,
        side_columns: Sequence[int] = (),
        **kwargs: Any,
    ) -> None:
        super().__init__(*arguments, **kwargs)
        self.id_columns = None if id_columns is None else tuple(id_columns)
        self.side_columns = tuple(side_columns)

    def build(self, input_shape: History) -> None:
        """Makes the weights of both encoders, and the networks that scale and shift."""
        super().build(input_shape)
        seed = derived_seed(self.seed, "single pieces")
        own = (self.units, self.heads, self.ages, seed, self.alike)
        encoder = HistoryEncoder(*own, name="single_pieces")
        self.single_pieces = build_inside(encoder, input_shape)
        self.meta: MetaEmbedding | None = None
        if self.id_columns is not None:
            first, after = self.id_columns
            shapes = [tf.TensorShape((None, n)) for n in (after - first, len(self.side_columns))]
            meta = MetaEmbedding(seed=derived_seed(self.seed, "meta"), name="meta")
            self.meta = build_inside(meta, tuple(shapes))

    def call(self, inputs: History, few: tf.Tensor | None = None) -> tf.Tensor:
        """Encodes the histories.

        Args:
            inputs: candidates and entries.
            few: which entries are of single pieces, bool [H]; none by default.

        Returns:
            float [N, units].
        """
        if few is None:
            return super().call(inputs)
        chosen, rest = history_parts(few, inputs.lengths)
        single = _part(inputs, chosen)
        warm = single._replace(entries=self.warmed(single.entries))
        return super().call(_part(inputs, rest)) + self.single_pieces(warm)

    def warmed(self, entries: tf.Tensor) -> tf.Tensor:
        """Entries [P, E] of single pieces, their ids' embeddings scaled and shifted."""
        if self.meta is None or self.id_columns is None:
            return entries
        first, after = self.id_columns
        warm = self.meta((entries[:, first:after], self.side_information(entries)))
        return tf.concat([entries[:, :first], warm, entries[:, after:]], axis=1)

    def known_of(self, entries: tf.Tensor) -> tf.Tensor:
        """Of entries [P, E] of single pieces the id, scaled and shifted, and side information."""
        first, after = self.id_columns or (0, 0)
        return tf.concat(
            [self.warmed(entries)[:, first:after], self.side_information(entries)], axis=1
        )

    @property
    def width_known(self) -> int:
        """Width of what `known_of` gives."""
        first, after = self.id_columns or (0, 0)
        return after - first + len(self.side_columns)

    def side_information(self, entries: tf.Tensor) -> tf.Tensor:
        """What is known of entries [P, E] beside their ids, float [P, S]."""
        return tf.gather(entries, self.side_columns, axis=1)

    def parameters(self, candidates: int, entries: int) -> int:
        """Trainable numbers, with candidates and entries of some widths."""
        of_encoders = 2 * super().parameters(candidates, entries)
        if self.id_columns is None:
            return of_encoders
        first, after = self.id_columns
        return of_encoders + MetaEmbedding().parameters(after - first, len(self.side_columns))

    def axes(
        self, candidates: Names | None = None, entries: Names | None = None
    ) -> Iterator[NamedAxes]:
        """The weights with the names of the candidates' and the entries' columns."""
        yield from super().axes(candidates, entries)
        yield from self.single_pieces.axes(candidates, entries)
        if self.meta is not None and self.id_columns is not None and entries is not None:
            side = tuple(entries[column] for column in self.side_columns)
            yield from self.meta.axes(side, entries[slice(*self.id_columns)])

    def get_config(self) -> dict[str, Any]:
        """The arguments of the layer."""
        own = ("id_columns", "side_columns")
        return {**super().get_config(), **{name: getattr(self, name) for name in own}}


def _part(inputs: History, part: HistoryPart) -> History:
    return inputs._replace(
        entries=part.of(inputs.entries), ages=part.of(inputs.ages), lengths=part.lengths
    )
