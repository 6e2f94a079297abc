"""Second half of the work: parts of lists -> whole lists -> files of tf.Examples by split."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

import apache_beam as beam
import numpy as np
import tensorflow as tf

from components.list_example_gen.counting import count_changes, count_conflicts, count_lists
from components.list_example_gen.joining import join_sides
from components.list_example_gen.parts import Part
from components.list_example_gen.plan import Plan
from components.list_example_gen.set_aside import SetAside
from components.list_example_gen.tally import Tally
from components.list_example_gen.whole_files import whole_file
from data import keys
from data.cutting import cut_lists
from data.dataset import Dataset
from data.hashing import text_hashes
from data.labels import fill_implied_labels
from data.lists import Lists, encode
from data.repeated_items import merge_repeated
from data.splitting import TRAIN, split_lists


class WriteLists(beam.DoFn):
    """Joins the parts of a bucket to whole lists, splits, cuts, encodes and writes them."""

    def __init__(self, plan: Plan, examples_folder: str, aside_folder: str) -> None:
        self._dataset_json = plan.dataset.model_dump_json()
        self._buckets = plan.buckets
        self._has_evaluation_input = plan.has_evaluation_input
        self._examples_folder = examples_folder
        self._aside_folder = aside_folder

    def setup(self) -> None:
        """Reads the definition."""
        self._dataset = Dataset.model_validate_json(self._dataset_json)

    def process(self, element: tuple[int, Iterable[tuple[bool, Part]]]) -> Iterator[Tally]:
        """Writes one bucket."""
        bucket, parts = element
        set_aside = SetAside()
        lists, evaluated = join_sides(list(parts), set_aside)
        tally = set_aside.save(self._aside_folder, f"bucket-{bucket:05d}")
        tally.count("rows", {"out": lists.items.num_rows})
        tally.add(count_conflicts(self._dataset, lists))
        lists, repeats = merge_repeated(self._dataset, lists)
        given = evaluated if self._has_evaluation_input else None
        splits = split_lists(self._dataset, lists.context, given)
        items, implied = fill_implied_labels(self._dataset, lists.items)
        lists, cut = cut_lists(self._dataset, replace(lists, items=items), splits == TRAIN)
        tally.add(count_changes(cut, implied, repeats))
        tally.add(count_lists(self._dataset, lists, splits))
        tally.written |= self._write(bucket, lists, splits)
        yield tally

    def _write(self, bucket: int, lists: Lists, splits: np.ndarray) -> dict[str, int]:
        examples = encode(lists)
        # Neighbours on disk should have nothing in common when training reads them.
        order = np.argsort(text_hashes(lists.context[keys.LIST_ID], "order"), kind="stable")
        written = {}
        for index, split in enumerate(keys.SPLITS):
            chosen = order[splits[order] == index]
            if len(chosen):
                name = f"Split-{split}/data_tfrecord-{bucket:05d}-of-{self._buckets:05d}"
                with whole_file(self._examples_folder, name) as path:
                    _write_records(path, (examples[place] for place in chosen))
                path = f"{self._examples_folder}/{name}"
                written[path] = tf.io.gfile.stat(path).length
        return written


def _write_records(path: str, records: Iterable[bytes]) -> None:
    with tf.io.TFRecordWriter(path) as writer:
        for record in records:
            writer.write(record)
