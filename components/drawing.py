"""Draws lists from files of tf.Examples with Beam, the same ones however the files are cut."""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

import apache_beam as beam
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import tensorflow as tf

from data.definition import keys
from data.files import files_in
from data.hashing import text_hashes
from data.lists.examples import example_decoder

READ_AT_ONCE = 1024


@dataclass(frozen=True)
class Limits:
    """How many lists of a region are drawn.

    Attributes:
        fewest: lists that are drawn in any case, where there are as many.
        most: lists that are drawn at most.
        most_bytes: size of the drawn lists above which no more than `fewest` are drawn.
        seed: seed of the draw.
    """

    fewest: int
    most: int
    most_bytes: int = 16 << 20
    seed: int = 1


@dataclass(frozen=True)
class Draw:
    """Lists drawn from one region.

    Attributes:
        lists: number of lists among which was drawn.
        hashes: uint64 [D], ascending; hashes of the ids of the drawn lists.
        records: their D serialized tf.Examples.
    """

    lists: int
    hashes: np.ndarray
    records: list[bytes]

    def cut(self, limits: Limits) -> "Draw":
        """Keeps the lists with the smallest hashes.

        A list that is cut off here would be cut off from any larger set of lists as well, so it
        does not matter in which order sets are put together.
        """
        order = np.argsort(self.hashes, kind="stable")[: limits.most]
        records = [self.records[place] for place in order.tolist()]
        fits = np.cumsum([len(record) for record in records]) <= limits.most_bytes
        kept = max(limits.fewest, int(np.count_nonzero(fits)))
        return Draw(self.lists, self.hashes[order][:kept], records[:kept])


def read_records(path: str) -> Iterator[np.ndarray]:
    """Records of a plain TFRecord file, object [B], many at a time."""
    dataset = tf.data.TFRecordDataset(path, buffer_size=8 << 20)
    yield from dataset.batch(READ_AT_ONCE).as_numpy_iterator()


def draw_lists(
    make_pipeline: Callable[[], beam.Pipeline],
    paths: Sequence[str],
    limits: Limits,
    folder: str,
    by_region: bool = True,
    randomised: bool = False,
) -> dict[bytes, int]:
    """Draws lists of every region, or whatever their region.

    Args:
        make_pipeline: makes the Beam pipeline.
        paths: TFRecord files.
        limits: how many lists are drawn.
        folder: where the drawn lists and the counts are written to.
        by_region: whether the limits hold for each region; else for all lists together.
        randomised: whether only lists that were shown in random order are drawn.

    Returns:
        The number of all lists by region; by the empty one for all regions together.
    """
    with make_pipeline() as pipeline:
        draws = (
            pipeline
            | "Files" >> beam.Create(list(paths))
            | "Spread" >> beam.Reshuffle()
            | "DrawFromFile" >> beam.ParDo(DrawFromFile(limits, randomised))
        )
        if not by_region:
            draws = draws | "OfAllRegions" >> beam.Map(_without_region)
        draws = draws | "MergeDraws" >> beam.CombinePerKey(MergeDraws(limits))
        records = draws | "Records" >> beam.FlatMap(_records)
        _ = records | "WriteRecords" >> beam.io.WriteToTFRecord(f"{folder}/lists")
        counts = draws | "Counts" >> beam.Map(_count)
        _ = counts | "WriteCounts" >> beam.io.WriteToText(f"{folder}/counts")
    lines = [line for path in files_in(folder, "counts-") for line in _lines(path)]
    return {bytes.fromhex(region): lists for region, lists in map(json.loads, lines)}


def drawn_records(folder: str) -> Iterator[np.ndarray]:
    """The drawn lists, serialized, object [B], many at a time; see `draw_lists`."""
    for path in files_in(folder, "lists-"):
        yield from read_records(path)


class DrawFromFile(beam.DoFn):
    """Path of a TFRecord file -> (region, Draw), for every region in every batch."""

    def __init__(self, limits: Limits, randomised: bool = False) -> None:
        self._limits = limits
        self._randomised = randomised

    def setup(self) -> None:
        """Makes the decoder, which cannot be pickled."""
        texts = [keys.LIST_ID, keys.LIST_REGION]
        texts += [keys.LIST_RANDOMISED] if self._randomised else []
        self._decoder = example_decoder(texts=texts)

    def process(self, path: str) -> Iterator[tuple[bytes, Draw]]:
        """Draws from one file."""
        for records in read_records(path):
            columns = self._decoder.DecodeBatch(records.tolist())
            if self._randomised:
                chosen = pc.equal(columns.column(keys.LIST_RANDOMISED).flatten(), b"true")
                places = np.flatnonzero(chosen.to_numpy(zero_copy_only=False))
                columns, records = columns.take(pa.array(places)), records[places]
            ids = columns.column(keys.LIST_ID).flatten()
            hashes = text_hashes(ids, f"region {self._limits.seed}")
            regions = columns.column(keys.LIST_REGION).flatten().dictionary_encode()
            indices = regions.indices.to_numpy()
            for index, region in enumerate(regions.dictionary.to_pylist()):
                places = np.flatnonzero(indices == index)
                draw = Draw(len(places), hashes[places], records[places].tolist())
                yield region, draw.cut(self._limits)


class MergeDraws(beam.CombineFn):
    """Draws of parts of a region -> the draw of the whole region."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits

    def create_accumulator(self) -> Draw:
        """An empty draw."""
        return Draw(0, np.empty(0, np.uint64), [])

    def add_input(self, mutable_accumulator: Draw, element: Draw) -> Draw:
        """Adds a draw."""
        return self.merge_accumulators([mutable_accumulator, element])

    def merge_accumulators(self, accumulators: Iterable[Draw]) -> Draw:
        """Puts draws together."""
        draws = list(accumulators)
        return Draw(
            lists=sum(draw.lists for draw in draws),
            hashes=np.concatenate([draw.hashes for draw in draws]),
            records=[record for draw in draws for record in draw.records],
        ).cut(self._limits)

    def extract_output(self, accumulator: Draw) -> Draw:
        """The draw."""
        return accumulator


def _without_region(element: tuple[bytes, Draw]) -> tuple[bytes, Draw]:
    return b"", element[1]


def _records(element: tuple[bytes, Draw]) -> list[bytes]:
    return element[1].records


def _count(element: tuple[bytes, Draw]) -> str:
    return json.dumps([element[0].hex(), element[1].lists])


def _lines(path: str) -> list[str]:
    with tf.io.gfile.GFile(path) as file:
        return file.read().splitlines()
