"""Evaluation lists, drawn with Beam and read into columns that can be scored again and again."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import apache_beam as beam
import numpy as np
import pyarrow as pa
import tensorflow as tf

from components.evaluator.list_values import LabelledLists
from components.region_split.draw import Draw, DrawFromFile, Limits, MergeDraws, read_records
from data import keys
from data.batches import pick, replace_column
from data.codecs import codec
from data.dataset import Dataset
from data.encoding import encode_examples
from data.examples import example_decoder
from data.feature import Feature
from data.files import files_in

_NUMBERS = (keys.LIST_WEIGHT, keys.ITEM_POSITION, keys.ITEM_DOMESTIC)


@dataclass(frozen=True)
class Sample:
    """B drawn lists with N items, ordered by length, so that little is padded when they are scored.

    Attributes:
        context: context features and the list's id, a row a list [B].
        items: item features, a row an item [N].
        labelled: labels, positions and weights of the lists.
        regions: bytes [B], the region of each list.
        domestic: float [N], 1 where an item is domestic, NaN where unknown; None where the
            dataset does not say.
    """

    context: pa.RecordBatch
    items: pa.RecordBatch
    labelled: LabelledLists
    regions: np.ndarray
    domestic: np.ndarray | None

    @property
    def row_lengths(self) -> np.ndarray:
        """int64 [B], items of each list."""
        return self.labelled.row_lengths

    @property
    def list_of_item(self) -> np.ndarray:
        """int64 [N], the list of each item."""
        return np.repeat(np.arange(len(self.row_lengths)), self.row_lengths)

    def examples(self) -> list[bytes]:
        """The lists as serialized tf.Examples without labels: what the model may see."""
        return encode_examples(self.context, self.items, self.row_lengths)

    def take(self, places: np.ndarray) -> "Sample":
        """The lists at some places, int64 [M], ascending."""
        kept = np.isin(self.list_of_item, places)
        lists = self.labelled
        return Sample(
            context=pick(self.context, places),
            items=pick(self.items, np.flatnonzero(kept)),
            labelled=LabelledLists(
                row_lengths=lists.row_lengths[places],
                labels={task: values[kept] for task, values in lists.labels.items()},
                truth={},
                positions=None if lists.positions is None else lists.positions[kept],
                weights=lists.weights[places],
            ),
            regions=self.regions[places],
            domestic=None if self.domestic is None else self.domestic[kept],
        )

    def permuted(self, feature: Feature, random: np.random.Generator) -> "Sample":
        """The sample with the values of one feature given to other lists or items."""
        name, column = feature.name, feature.belongs_to.part
        batch: pa.RecordBatch = getattr(self, column)
        places = random.permutation(batch.num_rows)
        moved = pick(pa.RecordBatch.from_arrays([batch[name]], [name]), places)[name]
        return replace(self, **{column: replace_column(batch, name, moved)})


def draw_sample(
    make_pipeline: Callable[[], beam.Pipeline],
    paths: Sequence[str],
    limits: Limits,
    folder: str,
) -> int:
    """Draws lists, whatever their region.

    Args:
        make_pipeline: makes the Beam pipeline.
        paths: TFRecord files.
        limits: how many lists are drawn.
        folder: where the drawn lists are written to.

    Returns:
        The number of all lists.
    """
    with make_pipeline() as pipeline:
        draw = (
            pipeline
            | "Files" >> beam.Create(list(paths))
            | "Spread" >> beam.Reshuffle()
            | "DrawFromFile" >> beam.ParDo(DrawFromFile(limits))
            | "OfAllRegions" >> beam.Map(_without_region)
            | "MergeDraws" >> beam.CombinePerKey(MergeDraws(limits))
        )
        records = draw | "Records" >> beam.FlatMap(_records)
        _ = records | "WriteRecords" >> beam.io.WriteToTFRecord(f"{folder}/lists")
        counts = draw | "Counts" >> beam.Map(_count)
        _ = counts | "WriteCounts" >> beam.io.WriteToText(f"{folder}/counts")
    return sum(int(line) for path in _files(folder, "counts") for line in _lines(path))


def read_sample(folder: str, dataset: Dataset) -> Sample:
    """Reads the drawn lists.

    Args:
        folder: see `draw_sample`.
        dataset: the definition of the lists.

    Returns:
        The sample, in an order that does not depend on how the lists lay in files.
    """
    batches = [batch for path in _files(folder, "lists") for batch in read_records(path)]
    records = np.concatenate(batches) if batches else np.empty(0, object)
    numbers = [*(keys.label(task.name) for task in dataset.tasks), *_NUMBERS]
    decoder = example_decoder(dataset.features, (keys.LIST_ID, keys.LIST_REGION), numbers)
    columns = decoder.DecodeBatch(records.tolist())
    label = columns[keys.label(dataset.tasks[0].name)]
    ids = columns[keys.LIST_ID].flatten().to_numpy(zero_copy_only=False)
    order = np.lexsort((ids, np.diff(label.offsets.to_numpy())))
    return _sample(columns.take(pa.array(order)), dataset)


def _sample(columns: pa.RecordBatch, dataset: Dataset) -> Sample:
    row_lengths = np.diff(columns[keys.label(dataset.tasks[0].name)].offsets.to_numpy())
    identity = {keys.LIST_ID: columns[keys.LIST_ID].flatten().cast(pa.binary())}
    context, items = (
        {one.name: codec(one).rows(columns[one.name].flatten()) for one in features}
        for features in (dataset.context_features, dataset.item_features)
    )
    said = dataset.domestic or dataset.item_region
    labelled = LabelledLists(
        row_lengths=row_lengths.astype(np.int64),
        labels={task.name: _numbers(columns, keys.label(task.name)) for task in dataset.tasks},
        truth={},
        positions=_numbers(columns, keys.ITEM_POSITION) if dataset.position else None,
        weights=_numbers(columns, keys.LIST_WEIGHT),
    )
    return Sample(
        context=pa.RecordBatch.from_pydict({**identity, **context}),
        items=pa.RecordBatch.from_pydict(items),
        labelled=labelled,
        regions=columns[keys.LIST_REGION].flatten().to_numpy(zero_copy_only=False),
        domestic=_numbers(columns, keys.ITEM_DOMESTIC) if said else None,
    )


def _numbers(columns: pa.RecordBatch, key: str) -> np.ndarray:
    return columns[key].flatten().to_numpy(zero_copy_only=False).astype(float)


def _without_region(element: tuple[bytes, Draw]) -> tuple[bytes, Draw]:
    return b"", element[1]


def _records(element: tuple[bytes, Draw]) -> list[bytes]:
    return element[1].records


def _count(element: tuple[bytes, Draw]) -> str:
    return str(element[1].lists)


def _files(folder: str, name: str) -> list[str]:
    return files_in(folder, f"{name}-")


def _lines(path: str) -> list[str]:
    with tf.io.gfile.GFile(path) as file:
        return file.read().splitlines()
