"""Executor of ListExampleGen: runs the Beam pipeline, then checks its counts.

Shards of files are read in batches of columns and grouped to parts of lists. Parts go through
temporary files to the bucket of their list's id, are joined there to whole lists, and written.
No step works row by row or list by list.
"""

import logging
import time
from dataclasses import dataclass
from typing import Any

import apache_beam as beam
import numpy as np
from tfx.components.util import examples_utils
from tfx.dsl.components.base.base_beam_executor import BaseBeamExecutor
from tfx.proto import example_gen_pb2
from tfx.types import artifact_utils
from tfx.types.artifact import Artifact

from components.list_example_gen.checking import (
    BadRowsError,
    check_complete,
    check_rows,
    check_usable,
)
from components.list_example_gen.counts import ListCounts
from components.list_example_gen.few_lists import told_of_few_lists
from components.list_example_gen.parts import (
    TEMPORARY,
    remove_everything,
    remove_temporary,
    whole_file,
)
from components.list_example_gen.plan import Plan, make_plan
from components.list_example_gen.reading import IDS, PARTS, TALLY, CountLists, ReadLists
from components.list_example_gen.set_aside import (
    forget_stopped_run,
    keep_of_stopped_run,
    of_stopped_run,
)
from components.list_example_gen.tally import AddTallies, Tally
from components.list_example_gen.writing import WriteLists, seen_until
from data.definition import keys
from data.listings.item_attributes import FILE_NAME
from data.notices import DATA_LOGGER, tell

_TALLY_FILE = f"{TEMPORARY}/tally.json"


@dataclass(frozen=True)
class Folders:
    """Output folders of a run.

    Attributes:
        examples: folder of the Examples artifact.
        aside: folder of the RowsSetAside artifact.
        attributes: folder of the ItemAttributes artifact, where there is one.
    """

    examples: str
    aside: str
    attributes: str | None = None

    @property
    def tally(self) -> str:
        """Path of the file with the counts of all workers."""
        return f"{self.aside}/{_TALLY_FILE}"


def write_lists(pipeline: beam.Pipeline, plan: Plan, folders: Folders) -> None:
    """Adds reading, grouping and writing to a Beam pipeline.

    Args:
        pipeline: the pipeline.
        plan: what to read.
        folders: where to write; the tally ends up there as well.
    """
    attributes = folders.attributes and f"{folders.attributes}/{FILE_NAME}"
    read_lists = ReadLists(plan.dataset, plan.buckets, folders.aside, attributes)
    writer = WriteLists(plan, folders.examples, folders.aside)
    read = (
        pipeline
        | "Shards" >> beam.Create(plan.tasks)
        | "Spread" >> beam.Reshuffle()
        | "Read" >> beam.ParDo(read_lists).with_outputs(IDS, TALLY, main=PARTS)
    )
    write = beam.ParDo(writer)
    if plan.dataset.timed:
        found = read[TALLY] | "Found" >> beam.CombineGlobally(AddTallies())
        write = beam.ParDo(writer, beam.pvalue.AsSingleton(found))
    written = read[PARTS] | "Buckets" >> beam.GroupByKey() | "Write" >> write
    counted = read[IDS] | "Ids" >> beam.GroupByKey() | "CountLists" >> beam.ParDo(CountLists())
    _ = (
        (read[TALLY], written, counted)
        | "Tallies" >> beam.Flatten()
        | "Add" >> beam.CombineGlobally(AddTallies())
        | "Save" >> beam.Map(_save, folders.aside)
    )


def _save(tally: Tally, folder: str) -> None:
    with whole_file(folder, _TALLY_FILE) as path:
        tally.save(path)


class Executor(BaseBeamExecutor):
    """Reads logs and writes whole lists."""

    def Do(  # noqa: N802
        self,
        input_dict: dict[str, list[Artifact]],
        output_dict: dict[str, list[Artifact]],
        exec_properties: dict[str, Any],
    ) -> None:
        """Writes the Examples and what was set aside.

        On an error nothing stays behind, but for the rows that were set aside where they are too
        many: until the next run they are in `of_stopped_run`.

        Args:
            input_dict: `attributes` of the items, or nothing.
            output_dict: `examples` and `rows_set_aside`, one artifact each.
            exec_properties: see `ListExampleGenSpec`.

        Raises:
            InputError: the input does not fit the dataset, too many rows are bad, or a split is
                empty.
            LostDataError: what came out is not what went in.
        """
        self._log_startup(input_dict, output_dict, exec_properties)
        examples = artifact_utils.get_single_instance(output_dict["examples"])
        aside = artifact_utils.get_single_instance(output_dict["rows_set_aside"])
        attributes = input_dict.get("attributes") or []
        found = attributes[0].uri if attributes else None
        folders = Folders(examples=examples.uri, aside=aside.uri, attributes=found)
        forget_stopped_run(folders.aside)
        try:
            self._run(exec_properties, folders)
        except BaseException as error:
            remove_everything(folders.examples)
            if isinstance(error, BadRowsError):
                keep_of_stopped_run(folders.aside)
            else:
                remove_everything(folders.aside)
            raise
        examples.split_names = artifact_utils.encode_split_names(list(keys.SPLITS))
        examples_utils.set_payload_format(examples, example_gen_pb2.FORMAT_TF_EXAMPLE)

    def _run(self, exec_properties: dict[str, Any], folders: Folders) -> None:
        plan = make_plan(exec_properties)
        with self._make_beam_pipeline() as pipeline:
            write_lists(pipeline, plan, folders)
        tally = Tally.load(folders.tally)
        check_complete(plan, tally)
        tasks = [task.name for task in plan.dataset.tasks]
        sides = np.array([False, True] if plan.has_evaluation_input else [False])
        until = seen_until(plan.dataset, sides, tally if plan.dataset.timed else None)
        counts = ListCounts.of(
            tally, len(plan.files), tasks, () if until is None else until.tolist()
        )
        remove_temporary(folders.aside)
        counts.save(folders.aside)
        check_rows(plan, counts, tally, of_stopped_run(folders.aside))
        check_usable(plan, counts, tally)
        remove_temporary(folders.examples)
        told = [found.told(name) for name, found in tally.rounded.items()]
        told += counts.told_without_positives()
        told += told_of_few_lists(counts, plan.dataset.split)
        told += counts.told_of_windows(plan.dataset)
        told += counts.told_of_newest(plan.dataset, time.time())
        told += counts.told_of_listings()
        told += counts.told_of_separator()
        tell(DATA_LOGGER, told, logging.WARNING)
