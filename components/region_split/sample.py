"""The lists that regions are compared by: drawn with Beam, then read into memory."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import apache_beam as beam
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import tensorflow as tf

from components.region_split.draw import (
    Draw,
    DrawFromFile,
    Limits,
    MergeDraws,
    read_records,
)
from data import keys
from data.dataset import Dataset
from data.examples import example_decoder
from data.files import files_in


@dataclass(frozen=True)
class Sample:
    """Lists of the regions that are compared.

    Attributes:
        columns: S lists by the names of features; list<float32> or list<binary>.
        region_of_list: int [S], ascending; place of each list's region in `regions`.
        regions: all lists of each region that is compared, the largest region first.
    """

    columns: pa.RecordBatch
    region_of_list: np.ndarray
    regions: dict[str, int]


def draw_lists(
    make_pipeline: Callable[[], beam.Pipeline],
    paths: Sequence[str],
    limits: Limits,
    folder: str,
) -> dict[bytes, int]:
    """Draws lists of every region.

    Args:
        make_pipeline: makes the Beam pipeline.
        paths: TFRecord files.
        limits: how many lists are drawn.
        folder: where the drawn lists and the counts are written to.

    Returns:
        The number of all lists by region.
    """
    with make_pipeline() as pipeline:
        draws = (
            pipeline
            | "Files" >> beam.Create(list(paths))
            | "Spread" >> beam.Reshuffle()
            | "DrawFromFile" >> beam.ParDo(DrawFromFile(limits))
            | "MergeDraws" >> beam.CombinePerKey(MergeDraws(limits))
        )
        _ = (
            draws
            | "Records" >> beam.FlatMap(_records)
            | "WriteRecords" >> beam.io.WriteToTFRecord(f"{folder}/lists")
        )
        _ = (
            draws
            | "Counts" >> beam.Map(_count)
            | "WriteCounts" >> beam.io.WriteToText(f"{folder}/counts")
        )
    lines = [line for path in _files(folder, "counts") for line in _lines(path)]
    return {bytes.fromhex(region): lists for region, lists in map(json.loads, lines)}


def read_sample(folder: str, dataset: Dataset, regions: dict[bytes, int]) -> Sample:
    """Reads the drawn lists of some regions.

    Args:
        folder: see `draw_lists`.
        dataset: names the features.
        regions: all lists of the regions to read, the largest first.

    Returns:
        The sample, in the order of regions and list ids, however the lists lay in files.
    """
    index = pa.array(list(regions), pa.large_binary())
    decoder = example_decoder(texts=[keys.LIST_ID, keys.LIST_REGION])
    records, ids, places = [], [], []
    for path in _files(folder, "lists"):
        for batch in read_records(path):
            columns = decoder.DecodeBatch(batch.tolist())
            found = pc.index_in(columns.column(keys.LIST_REGION).flatten(), index)
            kept = found.is_valid().to_numpy(zero_copy_only=False)
            records.append(batch[kept])
            ids.append(columns.column(keys.LIST_ID).flatten().to_numpy(zero_copy_only=False)[kept])
            places.append(found.drop_null().to_numpy())
    order = np.lexsort((np.concatenate(ids), np.concatenate(places)))
    serialized = np.concatenate(records)[order].tolist()
    names = {region.decode(errors="replace"): lists for region, lists in regions.items()}
    columns = example_decoder(dataset.features).DecodeBatch(serialized)
    return Sample(columns, np.concatenate(places)[order], names)


def _records(element: tuple[bytes, Draw]) -> list[bytes]:
    return element[1].records


def _count(element: tuple[bytes, Draw]) -> str:
    return json.dumps([element[0].hex(), element[1].lists])


def _files(folder: str, name: str) -> list[str]:
    return files_in(folder, f"{name}-")


def _lines(path: str) -> list[str]:
    with tf.io.gfile.GFile(path) as file:
        return file.read().splitlines()
