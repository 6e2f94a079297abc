"""Second half of the pipeline: parts of lists -> whole lists -> files of tf.Examples by split."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import apache_beam as beam
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import tensorflow as tf

from components.list_example_gen.parts import Part, read_part, whole_file
from components.list_example_gen.plan import Plan
from components.list_example_gen.set_aside import SetAside
from components.list_example_gen.tally import (
    EVALUATION_SIDE,
    MAIN_SIDE,
    Tally,
    count_changes,
    count_conflicts,
    count_lists,
)
from data.definition import keys
from data.definition.dataset import Dataset
from data.definition.splitting import TRAINS, split_lists
from data.hashing import text_hashes
from data.lists.encoding import encode
from data.lists.feedback import as_seen, with_open_windows
from data.lists.lists import Lists, join_parts
from data.lists.own_actions import own_actions, reason_of_own_action
from data.lists.repeated_items import merge_repeated
from data.lists.training_lists import cut_lists, fill_implied_labels
from data.rows import FILE, ROW
from data.rows.action_times import explicit_seen_until

IN_EVALUATION_INPUT = "the list is in the files of --eval-input too"


def join_sides(parts: Sequence[tuple[bool, Part]], set_aside: SetAside) -> tuple[Lists, np.ndarray]:
    """Joins the parts of lists of both inputs.

    Args:
        parts: whether a part is from files for evaluation only, and the part.
        set_aside: takes the rows of the main input whose list is evaluated too.

    Returns:
        Whole lists [B], and bool [B], whether they are for evaluation only.
    """
    main = [read_part(part) for evaluated, part in parts if not evaluated]
    evaluation = [read_part(part) for evaluated, part in parts if evaluated]
    if not evaluation:
        lists = join_parts(main)
        return lists, np.zeros(len(lists), bool)
    evaluated_ids = join_parts(evaluation).context[keys.LIST_ID]
    if main:
        main = [_without(join_parts(main), evaluated_ids, set_aside)]
    lists = join_parts([*main, *evaluation])
    return lists, _are_in(lists, evaluated_ids)


def without_own_actions(dataset: Dataset, lists: Lists, set_aside: SetAside) -> np.ndarray:
    """Sets aside the lists that have an action of their own in their history.

    Args:
        dataset: the definition.
        lists: whole lists [B].
        set_aside: takes all rows of those lists.

    Returns:
        Places of the other lists.
    """
    own = own_actions(dataset, lists)
    if own.any():
        assert dataset.history is not None
        _set_lists_aside(lists, own, reason_of_own_action(dataset.history), set_aside)
    return np.flatnonzero(~own)


def _without(lists: Lists, list_ids: pa.Array, set_aside: SetAside) -> Lists:
    repeated = _are_in(lists, list_ids)
    _set_lists_aside(lists, repeated, IN_EVALUATION_INPUT, set_aside)
    return lists.take(np.flatnonzero(~repeated))


def _set_lists_aside(lists: Lists, wrong: np.ndarray, reason: str, set_aside: SetAside) -> None:
    """Sets all rows of some lists, bool [B], aside for one reason."""
    items = lists.take(np.flatnonzero(wrong)).items
    files = items[FILE].dictionary_decode()
    reasons = pa.array([reason]).take(pa.array(np.zeros(len(files), np.int64)))
    set_aside.add(pa.table([files, items[ROW], reasons], ["file", "row", "reason"]))


def _are_in(lists: Lists, list_ids: pa.Array) -> np.ndarray:
    found = pc.is_in(lists.context[keys.LIST_ID], value_set=list_ids)
    return np.asarray(found.to_numpy(zero_copy_only=False), bool)


def seen_until(dataset: Dataset, evaluated: np.ndarray, read: Tally | None) -> np.ndarray | None:
    """Until when lists have been seen.

    Args:
        dataset: may name the moment.
        evaluated: bool [B], lists from files for evaluation only, which have a time of their own.
        read: what was found while reading; None where no task has times.

    Returns:
        Seconds since 1970, int64 [B]; None where no task has times.
    """
    if read is None:
        return None
    named = explicit_seen_until(dataset)
    main = read.newest.get(MAIN_SIDE, 0) if named is None else named
    evaluation = max(read.newest.get(EVALUATION_SIDE, 0), named or 0)
    return np.where(evaluated, evaluation, main).astype(np.int64)


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

    def process(
        self, element: tuple[int, Iterable[tuple[bool, Part]]], read: Any = None
    ) -> Iterator[Tally]:
        """Writes one bucket.

        Args:
            element: the bucket, and the parts of its lists.
            read: the tally of what was read, where tasks have times; else None.
        """
        bucket, parts = element
        set_aside = SetAside()
        lists, evaluated = join_sides(list(parts), set_aside)
        kept = without_own_actions(self._dataset, lists, set_aside)
        tally = set_aside.save(self._aside_folder, f"bucket-{bucket:05d}")
        tally.count("distinct_lists", {"set_aside": len(lists) - len(kept)})
        lists, evaluated = lists.take(kept), evaluated[kept]
        tally.count("rows", {"out": lists.items.num_rows})
        tally.add(count_conflicts(self._dataset, lists))
        lists, repeats = merge_repeated(self._dataset, lists)
        given = evaluated if self._has_evaluation_input else None
        splits = split_lists(self._dataset, lists.context, given)
        lists, unseen = as_seen(self._dataset, lists)
        items, implied = fill_implied_labels(self._dataset, lists.items)
        until = seen_until(self._dataset, evaluated, read)
        lists = with_open_windows(self._dataset, replace(lists, items=items), until)
        lists, cut = cut_lists(self._dataset, lists, splits == TRAINS)
        tally.add(count_changes(cut, implied, repeats, unseen))
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
