"""The Beam pipeline of ListExampleGen.

Shards of files are read in batches of columns and grouped to parts of lists; parts go through
temporary files to the bucket of their list's id, are joined there to whole lists, and written.
Nothing in it is done row by row or list by list.
"""

from dataclasses import dataclass

import apache_beam as beam

from components.list_example_gen.plan import Plan
from components.list_example_gen.reading import IDS, PARTS, TALLY, CountLists, ReadLists
from components.list_example_gen.tally import AddTallies, Tally
from components.list_example_gen.whole_files import TEMPORARY, whole_file
from components.list_example_gen.writing import WriteLists

_TALLY_FILE = f"{TEMPORARY}/tally.json"


@dataclass(frozen=True)
class Folders:
    """Where a run writes to.

    Attributes:
        examples: folder of the Examples artifact.
        aside: folder of the RowsSetAside artifact.
    """

    examples: str
    aside: str

    @property
    def tally(self) -> str:
        """Path of what the workers report."""
        return f"{self.aside}/{_TALLY_FILE}"


def write_lists(pipeline: beam.Pipeline, plan: Plan, folders: Folders) -> None:
    """Adds the work to a pipeline.

    Args:
        pipeline: the pipeline.
        plan: what to read.
        folders: where to write; the tally ends up there as well.
    """
    read_lists = ReadLists(plan.dataset, plan.buckets, folders.aside)
    writer = WriteLists(plan, folders.examples, folders.aside)
    read = (
        pipeline
        | "Shards" >> beam.Create(plan.tasks)
        | "Spread" >> beam.Reshuffle()
        | "Read" >> beam.ParDo(read_lists).with_outputs(IDS, TALLY, main=PARTS)
    )
    written = read[PARTS] | "Buckets" >> beam.GroupByKey() | "Write" >> beam.ParDo(writer)
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
