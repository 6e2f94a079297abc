"""Counts that the workers report and Beam adds up."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import apache_beam as beam
import tensorflow as tf

from data.files import write_whole
from data.rows import Rounded


@dataclass
class Tally:
    """What some workers did; tallies are added, in any order.

    Attributes:
        numbers: counts by kind and name, such as `lists` by split.
        places: file, row and whole reason of the first row that was set aside, by kind of reason.
        written: bytes of each file that was written.
        faults: messages of errors that the user can mend.
        rounded: features of which many numbers fall together in 32 bits: the batch with the most
            different ones.
        times: times of the earliest and the latest list, in seconds since 1970; empty for none.
    """

    numbers: dict[str, Counter[str]] = field(default_factory=dict)
    places: dict[str, tuple[str, int, str]] = field(default_factory=dict)
    written: dict[str, int] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    rounded: dict[str, Rounded] = field(default_factory=dict)
    times: list[int] = field(default_factory=list)

    def count(self, kind: str, numbers: Mapping[str, int]) -> None:
        """Adds to the counts of a kind."""
        self.numbers.setdefault(kind, Counter()).update(numbers)

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
        """A tally of nothing."""
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
