"""ListExampleGen on any files: with Beam, or its own layers one after the other without."""

import copy
import itertools
import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

import tensorflow as tf
from apache_beam.pvalue import TaggedOutput
from tfx.types.standard_artifacts import Examples

from components.list_example_gen import executor
from components.list_example_gen.checking import BadRowsError
from components.list_example_gen.component import ListExampleGen
from components.list_example_gen.counts import ListCounts
from components.list_example_gen.executor import Folders
from components.list_example_gen.plan import Plan
from components.list_example_gen.reading import IDS, TALLY, CountLists, ReadLists
from components.list_example_gen.set_aside import RowsSetAside, of_stopped_run
from components.list_example_gen.tally import Tally
from components.list_example_gen.writing import WriteLists
from data import files
from data.definition.dataset import Dataset
from data.errors import InputError

TAKEN, SET_ASIDE, REFUSED = "taken whole", "rows set aside", "one clear error"


@dataclass(frozen=True)
class Outcome:
    """What became of bad input.

    Attributes:
        counts: the component's own counts; None where it refused the input.
        aside: the rows that were set aside, as the artifact has them.
        items: list id and title of every item that was written.
        error: the message of the error; empty where there was none.
    """

    counts: ListCounts | None
    aside: list[dict[str, Any]]
    items: list[tuple[bytes, bytes]]
    error: str = ""

    @property
    def name(self) -> str:
        if self.counts is None:
            return REFUSED
        return SET_ASIDE if self.aside else TAKEN


def outcome_of(
    dataset: Dataset, files: Sequence[Path | str], folder: Path, with_beam: bool = False
) -> Outcome:
    """Runs the component and checks what must hold whatever the input.

    Either nothing is left behind and one message says what was expected, or every row that went in
    came out or was set aside with its file, its row and a reason. Too many rows that are set aside
    are left behind, and are all that is.

    Raises:
        Exception: anything but an InputError is a fault of the component.
    """
    examples, aside = Examples(), RowsSetAside()
    examples.uri, aside.uri = str(folder / "examples"), str(folder / "rows_set_aside")
    outputs = {"examples": [examples], "rows_set_aside": [aside]}
    try:
        properties = ListExampleGen(dataset, list(map(str, files))).spec.exec_properties
        with nullcontext() if with_beam else _without_beam():
            executor.Executor().Do({}, outputs, properties)
    except InputError as error:
        left = [path for path in folder.rglob("*") if path.is_file() and path not in files]
        assert not [path for path in left if path.is_relative_to(folder / "examples")]
        assert not [path for path in left if path.is_relative_to(folder / "rows_set_aside")]
        if isinstance(error, BadRowsError):
            kept = of_stopped_run(aside.uri)
            assert ListCounts.load(kept).rows_set_aside == len(_rows(kept))
        _check_message(str(error))
        return Outcome(None, [], [], str(error))
    outcome = Outcome(ListCounts.load(aside.uri), _rows(aside.uri), _items(examples.uri))
    _check_complete(outcome)
    return outcome


def _check_message(message: str) -> None:
    words = ("expected", "cannot be", "cut off", "never closes")
    assert any(word in message for word in words), message
    assert "Traceback" not in message
    assert "Error(" not in message
    assert len(message) < 2000, message
    assert len(message.splitlines()) < 20, message


def _check_complete(outcome: Outcome) -> None:
    counts = outcome.counts
    assert counts is not None
    assert counts.rows_in == counts.rows_out + counts.rows_set_aside
    assert counts.rows_set_aside == len(outcome.aside) == sum(counts.reasons.values())
    assert counts.rows_out == len(outcome.items) == sum(counts.items.values()) + counts.items_cut
    places = [(row["file"], row["row"]) for row in outcome.aside]
    assert len(set(places)) == len(places)
    for row in outcome.aside:
        assert row["row"] >= 1
        assert row["reason"]


def _rows(folder: str) -> list[dict[str, Any]]:
    paths = sorted(Path(folder).glob("rows-*.jsonl"))
    # JSON lines end in \n alone; a text may hold other marks that Python takes for line breaks.
    lines = [line for path in paths for line in path.read_text().split("\n")]
    return [json.loads(line) for line in lines if line]


def _items(folder: str) -> list[tuple[bytes, bytes]]:
    paths = sorted(map(str, Path(folder).glob("Split-*/*")))
    found = []
    # A tf.data.Dataset of them would take longer to make than the component takes.
    read = tf.compat.v1.io.tf_record_iterator
    for record in itertools.chain.from_iterable(map(read, paths)):
        features = tf.train.Example.FromString(record).features.feature
        (list_id,) = features["list_id"].bytes_list.value
        found += [(list_id, title) for title in features["title"].bytes_list.value]
    return found


@contextmanager
def _without_beam() -> Iterator[None]:
    with (
        mock.patch.object(executor, "write_lists", _write_lists),
        mock.patch.object(executor.Executor, "_make_beam_pipeline", return_value=nullcontext()),
        # Nor is the disk waited for.
        mock.patch.object(files, "sync"),
    ):
        yield


def _write_lists(_: object, plan: Plan, folders: Folders) -> None:
    """What `beam_pipeline.write_lists` does, in one process and in order."""
    read = ReadLists(plan.dataset, plan.buckets, folders.aside)
    write = WriteLists(plan, folders.examples, folders.aside)
    read.setup()
    write.setup()
    total = Tally()
    parts, ids = defaultdict(list), defaultdict(list)
    for task in plan.tasks:
        for found in read.process(task):
            if not isinstance(found, TaggedOutput):
                parts[found[0]].append(found[1])
            elif found.tag == IDS:
                ids[found.value[0]].append(found.value[1])
            elif found.tag == TALLY:
                total.add(found.value)
    read_so_far = copy.deepcopy(total) if plan.dataset.timed else None
    for bucket in parts.items():
        for tally in write.process(bucket, read_so_far):
            total.add(tally)
    for bucket in ids.items():
        for tally in CountLists().process(bucket):
            total.add(tally)
    Path(folders.tally).parent.mkdir(parents=True, exist_ok=True)
    total.save(folders.tally)
