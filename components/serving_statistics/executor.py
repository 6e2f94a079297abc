"""Executor of ServingStatistics: logs of what was served -> statistics by region."""

import json
from collections.abc import Iterable, Iterator
from typing import Any

import apache_beam as beam
import pyarrow as pa
from tfx import types
from tfx.dsl.components.base.base_beam_executor import BaseBeamExecutor
from tfx.types import artifact_utils

from components.list_statistics import WriteRegionStatistics
from data.definition import keys
from data.definition.dataset import Dataset
from data.errors import InputError
from data.lists.encoding import encode
from data.lists.examples import example_decoder
from data.lists.lists import group_rows
from data.lists.repeated_items import items_once
from data.rows import canonical_rows
from data.sources import Shard, source_for

_LISTS, _COUNTS = "lists", "counts"

Artifacts = dict[str, list[types.Artifact]]
# Rows in, rows set aside, and where the first of these is and why.
Counts = tuple[int, int, str]


class Executor(BaseBeamExecutor):
    """Reads serving logs, which need no labels, and counts what is in them."""

    def Do(  # noqa: N802 - TFX's name
        self, input_dict: Artifacts, output_dict: Artifacts, exec_properties: dict[str, Any]
    ) -> None:
        """Writes the statistics.

        Args:
            input_dict: empty.
            output_dict: `statistics` gets the split `serving`, sliced by region.
            exec_properties: `dataset` and `input` as JSON.

        Raises:
            InputError: no such files, they do not fit the dataset, or too many rows are bad.
        """
        self._log_startup(input_dict, output_dict, exec_properties)
        dataset = Dataset.model_validate_json(exec_properties["dataset"])
        source = source_for(dataset, with_labels=False)
        files = source.files(json.loads(exec_properties["input"]))
        source.check(files)
        shards = [shard for file in files for shard in source.shards(file)]
        output = artifact_utils.get_single_instance(output_dict["statistics"])
        output.split_names = artifact_utils.encode_split_names([keys.SERVING])
        statistics = WriteRegionStatistics(dataset, output, keys.SERVING)
        with self._make_beam_pipeline() as pipeline:
            read = (
                pipeline
                | "Shards" >> beam.Create(shards)
                | "Spread" >> beam.Reshuffle()
                | "Read" >> beam.ParDo(_ReadLists(dataset)).with_outputs(_COUNTS, main=_LISTS)
            )
            _ = (
                read[_COUNTS]
                | "Add" >> beam.CombineGlobally(_added)
                | "Check" >> beam.Map(_check, dataset.most_bad_rows, files[0])
            )
            _ = read[_LISTS] | "Statistics" >> statistics


class _ReadLists(beam.DoFn):
    """Reads a shard and groups its rows to lists."""

    def __init__(self, dataset: Dataset) -> None:
        self._dataset_json = dataset.model_dump_json()

    def setup(self) -> None:
        """Makes the reader and the decoder of lists."""
        self._dataset = Dataset.model_validate_json(self._dataset_json)
        self._source = source_for(self._dataset, with_labels=False)
        self._decoder = example_decoder(self._dataset.features, texts=[keys.LIST_REGION])

    def process(self, element: Shard) -> Iterator[Any]:
        """Yields lists as a record batch, and what was counted."""
        found = []
        counts: Counts = (0, 0, "")
        for batch in self._source.read(element):
            canonical = canonical_rows(self._dataset, batch, with_labels=False)
            found.append(canonical.rows)
            counts = _added([counts, (batch.rows_in, *_set_aside(canonical.set_aside))])
        yield beam.pvalue.TaggedOutput(_COUNTS, counts)
        if any(rows.num_rows for rows in found):
            lists = items_once(group_rows(self._dataset, pa.concat_tables(found)))
            yield self._decoder.DecodeBatch(encode(lists))


def _set_aside(rows: pa.Table) -> tuple[int, str]:
    if not rows.num_rows:
        return 0, ""
    first = rows.slice(0, 1).to_pylist()[0]
    return rows.num_rows, f"{first['file']}, row {first['row']}: {first['reason']}"


def _added(counts: Iterable[Counts]) -> Counts:
    rows_in, aside, places = 0, 0, []
    for one in counts:
        rows_in, aside = rows_in + one[0], aside + one[1]
        places += [one[2]] if one[2] else []
    return rows_in, aside, min(places, default="")


def _check(counts: Counts, most_bad_rows: float, file: str) -> None:
    rows_in, aside, first = counts
    if not rows_in:
        raise InputError(f"serving logs: {file}: expected rows, found none")
    if aside > most_bad_rows * rows_in:
        raise InputError(
            f"serving logs: {aside} of {rows_in} rows cannot be used, more than most_bad_rows ="
            f" {most_bad_rows:g} allows, such as {first}"
        )
