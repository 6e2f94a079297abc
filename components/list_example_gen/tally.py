"""Counts of lists and rows: each worker reports its own, and Beam adds them up."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import apache_beam as beam
import numpy as np
import pyarrow as pa
import tensorflow as tf

from data.definition import keys
from data.definition.dataset import Dataset
from data.files import write_whole
from data.hashing import text_hashes
from data.lists.feedback import Unseen, arrivals, open_lists
from data.lists.lists import Lists, lists_in_conflict
from data.lists.repeated_items import Repeats
from data.lists.training_lists import Cut
from data.rows import Rounded
from data.rows.separators import Separators

# Sides of the input: what is trained on, and what is for evaluation only.
MAIN_SIDE, EVALUATION_SIDE = "main", "evaluation"


@dataclass
class Tally:
    """Counts of one or more workers; tallies can be added in any order.

    Attributes:
        numbers: counts by kind and name, such as `lists` by split.
        places: file, row and whole reason of the first row that was set aside, by kind of reason.
        written: bytes of each file that was written.
        faults: messages of errors that the user can mend.
        rounded: features of which many numbers fall together in 32 bits: the batch with the most
            different ones.
        newest: by side (`main`, `evaluation`), the newest time of a list, an action or an undoing,
            in seconds since 1970; of datasets whose tasks have times.
        times: times of the earliest and the latest list, in seconds since 1970; empty for none.
    """

    numbers: dict[str, Counter[str]] = field(default_factory=dict)
    places: dict[str, tuple[str, int, str]] = field(default_factory=dict)
    written: dict[str, int] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    rounded: dict[str, Rounded] = field(default_factory=dict)
    times: list[int] = field(default_factory=list)
    newest: dict[str, int] = field(default_factory=dict)

    def count(self, kind: str, numbers: Mapping[str, int]) -> None:
        """Adds to the counts of a kind."""
        self.numbers.setdefault(kind, Counter()).update(numbers)

    def count_separators(self, found: Separators | None) -> None:
        """Adds what the texts of histories hold."""
        if found is not None:
            self.count("history_texts", {found.expected: found.texts})
            self.count("separators", found.holding)

    @property
    def separators(self) -> Separators | None:
        """What the texts of histories hold; None where there are no histories."""
        for expected, texts in self.of("history_texts").items():
            return Separators(expected, texts, self.of("separators"))
        return None

    def of(self, kind: str) -> dict[str, int]:
        """The counts of a kind by name."""
        return dict(sorted(self.numbers.get(kind, {}).items()))

    def add(self, other: "Tally") -> None:
        """Adds another tally to this one."""
        for kind, numbers in other.numbers.items():
            self.count(kind, numbers)
        for reason, place in other.places.items():
            self.places[reason] = min(place, self.places.get(reason, place))
        for name, found in other.rounded.items():
            self.rounded[name] = max(found, self.rounded.get(name, found))
        self.written |= other.written
        self.faults = sorted({*self.faults, *other.faults})
        for side, moment in other.newest.items():
            self.newest[side] = max(moment, self.newest.get(side, moment))
        times = [*self.times, *other.times]
        self.times = [min(times), max(times)] if times else []

    def save(self, path: str) -> None:
        """Writes the tally to a file."""
        write_whole(path, json.dumps(vars(self)))

    @classmethod
    def load(cls, path: str) -> "Tally":
        """Reads a tally from a file."""
        with tf.io.gfile.GFile(path) as file:
            fields = json.loads(file.read())
        fields["numbers"] = {kind: Counter(names) for kind, names in fields["numbers"].items()}
        fields["rounded"] = {name: Rounded(*found) for name, found in fields["rounded"].items()}
        fields["places"] = {reason: tuple(place) for reason, place in fields["places"].items()}
        return cls(**fields)


class AddTallies(beam.CombineFn):
    """Adds tallies up."""

    def create_accumulator(self) -> Tally:
        """An empty tally."""
        return Tally()

    def add_input(self, mutable_accumulator: Tally, element: Tally) -> Tally:
        """Adds one tally."""
        mutable_accumulator.add(element)
        return mutable_accumulator

    def merge_accumulators(self, accumulators: Iterable[Tally]) -> Tally:
        """Adds tallies that were added up elsewhere."""
        total = Tally()
        for tally in accumulators:
            total.add(tally)
        return total

    def extract_output(self, accumulator: Tally) -> Tally:
        """The sum."""
        return accumulator


def count_lists(dataset: Dataset, lists: Lists, splits: np.ndarray) -> Tally:
    """Counts lists, items and positives by split, region, platform and task.

    Args:
        dataset: names the tasks.
        lists: finished lists [B].
        splits: int8 [B], indices into `keys.SPLITS`.

    Returns:
        The counts `lists`, `items`, `distinct_lists`, `region SPLIT`, `platform SPLIT`,
        `positives TASK`, `labelled TASK` (items), `done TASK` and, where it has a window,
        `open TASK` (lists), and the times of the first and the last list.
    """
    tally = Tally()
    if keys.LIST_TIME in lists.context.schema.names and len(lists):
        times = lists.context[keys.LIST_TIME].to_numpy()
        tally.times = [int(times.min()), int(times.max())]
    tally.count("lists", _by_split(splits, np.ones(len(lists))))
    tally.count("items", _by_split(splits, lists.row_lengths))
    hashes = text_hashes(lists.context[keys.LIST_ID], "bucket")
    tally.count("distinct_lists", {"out": len(np.unique(hashes))})
    for kind, key in (("region", keys.LIST_REGION), ("platform", keys.LIST_PLATFORM)):
        encoded = lists.context[key].dictionary_encode()
        for name, numbers in _cross(encoded, splits).items():
            tally.count(f"{kind} {name}", numbers)
    list_of_item = lists.list_of_item
    splits_of_items = splits[list_of_item]
    for task in dataset.tasks:
        labels = lists.items[keys.label(task.name)].to_numpy()
        tally.count(f"positives {task.name}", _by_split(splits_of_items, labels > 0))
        done = np.bincount(list_of_item[labels > 0], minlength=len(lists)) > 0
        tally.count(f"done {task.name}", _by_split(splits, done))
        tally.count(f"labelled {task.name}", _by_split(splits_of_items, ~np.isnan(labels)))
    for task_name, is_open in open_lists(dataset, lists).items():
        tally.count(f"open {task_name}", _by_split(splits, is_open))
    for task_name, by_region in arrivals(dataset, lists).items():
        for region, came in by_region.items():
            named = {f"{part}": int(number) for part, number in enumerate(came) if number}
            tally.count(f"arrived {task_name} {region}", named)
    return tally


def count_conflicts(dataset: Dataset, lists: Lists) -> Tally:
    """Counts lists whose rows disagree where a list has one value.

    Args:
        dataset: names the columns.
        lists: whole lists [B], as they were logged.

    Returns:
        The counts `conflicts` by column of the logs, and `conflicting` of all such lists (`lists`)
        and of the lists that could be such, those of several rows (`of`).
    """
    conflicts = lists_in_conflict(dataset, lists)
    lists_of_any = np.logical_or.reduce([np.zeros(len(lists), bool), *conflicts.values()])
    tally = Tally()
    tally.count("conflicts", {name: int(found.sum()) for name, found in conflicts.items()})
    several = int((lists.row_lengths > 1).sum())
    tally.count("conflicting", {"lists": int(lists_of_any.sum()), "of": several})
    return tally


def count_changes(cut: Cut, implied: dict[str, int], repeats: Repeats, unseen: Unseen) -> Tally:
    """Counts merged and equal rows, labels that were filled or do not count, and items cut off.

    Args:
        cut: what was cut off: `cut`, `positives_cut`.
        implied: which labels were filled: `implied`.
        repeats: what stood in lists twice: `repeated`.
        unseen: which actions came too late or were taken back: `late`, `taken_back`.
    """
    tally = Tally()
    tally.count("repeated", vars(repeats))
    tally.count("cut", {"lists": cut.lists, "items": cut.items})
    tally.count("positives_cut", cut.positives)
    tally.count("implied", implied)
    tally.count("late", unseen.late)
    tally.count("taken_back", unseen.taken_back)
    return tally


def _by_split(splits: np.ndarray, weights: np.ndarray) -> dict[str, int]:
    numbers = np.bincount(splits, weights, minlength=len(keys.SPLITS))
    return {name: int(number) for name, number in zip(keys.SPLITS, numbers, strict=True)}


def _cross(names: pa.DictionaryArray, splits: np.ndarray) -> dict[str, dict[str, int]]:
    """Lists by split and name."""
    texts = [text.decode(errors="replace") for text in names.dictionary.to_pylist()]
    codes = names.indices.to_numpy()
    by_name: dict[str, dict[str, int]] = {}
    for index, split in enumerate(keys.SPLITS):
        numbers = np.bincount(codes[splits == index], minlength=len(texts))
        by_name[split] = dict(zip(texts, numbers.tolist(), strict=True))
    return by_name
