"""First half of the pipeline: shards of files -> parts of lists, by a hash of the list's id."""

from collections.abc import Iterable, Iterator
from typing import Any

import apache_beam as beam
import numpy as np
import pyarrow as pa
from apache_beam.pvalue import TaggedOutput

from components.list_example_gen.parts import write_parts
from components.list_example_gen.plan import ReadTask
from components.list_example_gen.set_aside import SetAside
from components.list_example_gen.tally import EVALUATION_SIDE, MAIN_SIDE, Tally
from data.definition import keys
from data.definition.dataset import Dataset
from data.errors import InputError
from data.hashing import text_hashes
from data.listings.item_attributes import ItemAttributes
from data.lists.lists import Lists, group_rows
from data.rows import canonical_rows
from data.rows.action_times import explicit_seen_until, newest
from data.sources import source_for

# Tags of the outputs.
PARTS, IDS, TALLY = "parts", "ids", "tally"

# Batches are put together until each bucket gets about so many rows of them, since columns of a
# few rows cost more than they hold.
_ROWS_PER_BUCKET = 1_000
# Rows at once, at least and at most.
_LEAST_ROWS, _MOST_ROWS = 65_536, 1_048_576


class ReadLists(beam.DoFn):
    """Reads a shard, sets bad rows aside and spreads the parts of lists over buckets.

    Outputs:
        PARTS: (bucket, (whether for evaluation only, the part)).
        IDS: (bucket, hashes of the ids of the lists that were read), to count lists on another
            way than the one that the lists take.
        TALLY: a tally of the shard.
    """

    def __init__(
        self, dataset: Dataset, buckets: int, aside_folder: str, attributes: str | None = None
    ) -> None:
        self._dataset_json = dataset.model_dump_json()
        self._buckets = buckets
        self._aside_folder = aside_folder
        self._attributes_path = attributes

    @property
    def _rows_at_once(self) -> int:
        return min(max(self._buckets * _ROWS_PER_BUCKET, _LEAST_ROWS), _MOST_ROWS)

    def setup(self) -> None:
        """Creates the reader."""
        self._dataset = Dataset.model_validate_json(self._dataset_json)
        self._source = source_for(self._dataset)
        self._seen_until = explicit_seen_until(self._dataset)
        path = self._attributes_path
        self._attributes = ItemAttributes.load(path, self._dataset) if path else None

    def process(self, element: ReadTask) -> Iterator[Any]:
        """Reads one shard."""
        tally = Tally()
        tally.count("shards", {"in": 1})
        set_aside = SetAside()
        try:
            tables = self._canonical(element, tally, set_aside)
            for rows in _together(tables, self._rows_at_once):
                parts = list(self._spread(group_rows(self._dataset, rows)))
                for bucket, lists in parts:
                    hashes = text_hashes(lists.context[keys.LIST_ID], "bucket")
                    yield TaggedOutput(IDS, (bucket, hashes.tobytes()))
                for bucket, part in write_parts(self._aside_folder, parts):
                    yield bucket, (element.evaluated, part)
        except InputError as error:
            tally.faults.append(str(error))
        tally.add(set_aside.save(self._aside_folder, f"{element.index:05d}"))
        yield TaggedOutput(TALLY, tally)

    def _canonical(self, task: ReadTask, tally: Tally, set_aside: SetAside) -> Iterator[pa.Table]:
        for batch in self._source.read(task.shard):
            if self._attributes is not None:
                batch, without = self._attributes.join(self._dataset, batch)
                tally.count("listings", {"rows": batch.table.num_rows, "without": without})
            until = None if task.evaluated else self._seen_until
            canonical = canonical_rows(self._dataset, batch, seen_until=until)
            tally.count("rows", {"in": batch.rows_in})
            tally.count_separators(canonical.separators)
            set_aside.add(canonical.set_aside)
            side = EVALUATION_SIDE if task.evaluated else MAIN_SIDE
            moment = newest(self._dataset, canonical.rows)
            found = {} if moment is None else {side: moment}
            tally.add(Tally(rounded=canonical.rounded, newest=found))
            yield canonical.rows

    def _spread(self, lists: Lists) -> Iterator[tuple[int, Lists]]:
        hashes = text_hashes(lists.context[keys.LIST_ID], "bucket")
        buckets = (hashes % np.uint64(self._buckets)).astype(np.int64)
        lists = lists.take(np.argsort(buckets, kind="stable"))
        ends = np.cumsum(np.bincount(buckets, minlength=self._buckets))
        for bucket, (start, end) in enumerate(zip([0, *ends[:-1]], ends, strict=True)):
            if end > start:
                yield bucket, lists.slice(start, end)


class CountLists(beam.DoFn):
    """Counts the distinct lists of a bucket by the hashes of their ids."""

    def process(self, element: tuple[int, Iterable[bytes]]) -> Iterator[Tally]:
        """Counts one bucket."""
        hashes = np.concatenate([np.frombuffer(part, np.uint64) for part in element[1]])
        tally = Tally()
        tally.count("distinct_lists", {"in": len(np.unique(hashes))})
        yield tally


def _together(tables: Iterable[pa.Table], least_rows: int) -> Iterator[pa.Table]:
    """Puts small tables together."""
    gathered: list[pa.Table] = []
    for table in tables:
        gathered.append(table)
        if sum(part.num_rows for part in gathered) >= least_rows:
            yield pa.concat_tables(gathered)
            gathered = []
    if any(part.num_rows for part in gathered):
        yield pa.concat_tables(gathered)
