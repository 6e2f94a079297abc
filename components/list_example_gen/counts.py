"""Counts of ListExampleGen: `counts.json`."""

import datetime
import json
from collections.abc import Sequence
from typing import Literal

from components.list_example_gen.tally import Tally
from data.artifacts.result_file import ResultFile
from data.definition import keys
from data.definition.dataset import Dataset
from data.files import below, write_whole
from data.lists.feedback import ARRIVAL_PARTS
from data.rows.separators import WrongSeparator

_DAY = 86_400


class ListCounts(ResultFile):
    """Counts of the rows that went in and of the lists that came out.

    Attributes:
        version: version of this format.
        files: input files.
        rows_in: rows of all files; rows_in = rows_out + rows_set_aside.
        rows_out: rows that became an item of a list, those that were then merged or cut included:
            rows_out = sum of items + rows_merged + items_cut.
        rows_set_aside: rows that did not, see `rows-*.jsonl`.
        reasons: rows set aside by what was expected of them; what was found stands beside each
            row.
        lists: lists by split.
        items: items by split, after cutting.
        positives: items with a positive label by task and split, after cutting.
        labelled: items whose label is known by task and split, after cutting: neither missing nor
            too early to say.
        lists_with_action: by task and split, lists in which the action was done.
        seen_until: where tasks have times: until when lists have been seen, in seconds since 1970;
            of the main input, and of files for evaluation only where there are some.
        lists_open: by task with a window and by split, lists that have not been seen for as long
            as that: their labels are not final.
        actions_after_window: by task, actions after its window, which count as not done.
        arrivals: by task with times and a window and by region, of lists whose windows have closed:
            actions (those taken back, where the task has `undone_by`) by tenths of the window.
        actions_taken_back: by task, actions that were taken back.
        tasks_without_positives: tasks whose labels are positive nowhere in the training lists.
        lists_by_region: lists by region and split.
        lists_by_platform: lists by platform and split.
        lists_cut: training lists that were longer than `longest_training_list`.
        items_cut: items cut off them.
        positives_cut: positive labels among these items by task.
        labels_implied: by task, labels that were 0 or unknown and became 1, since a later action
            was reached (`actions_imply_previous`).
        lists_with_conflicting_context: lists whose rows disagree on a context column; the first
            row was taken.
        numbers_rounded: by feature, how many different `values` a sample of its numbers has, and
            how many are `left` in 32 bits; those that keep nine in ten are left out. `least` is the
            smallest, a good `origin`.
        wrong_separator: where histories are text and none holds the separator of the definition,
            but many hold another one.
        conflicts: such lists by column of the logs; for the time, those whose rows lie more than a
            day apart.
        lists_with_repeated_rows: lists in which an item, or without `item` a row that is equal in
            all columns, stands more than once.
        rows_merged: rows that repeat an item and were merged with its first row.
        rows_equal: rows that equal an earlier one of their list, kept where no `item` is named.
        rows_without_listing: where listings of the items are joined: rows whose item has none, so
            that its attributes are missing.
        times: times of the earliest and the latest list in seconds since 1970; empty where the
            dataset has none.
    """

    FILE = "counts.json"

    version: Literal[1] = 1
    files: int
    rows_in: int
    rows_out: int
    rows_set_aside: int
    reasons: dict[str, int]
    lists: dict[str, int]
    items: dict[str, int]
    positives: dict[str, dict[str, int]]
    lists_by_region: dict[str, dict[str, int]]
    lists_by_platform: dict[str, dict[str, int]]
    lists_cut: int
    items_cut: int
    positives_cut: dict[str, int]
    labels_implied: dict[str, int]
    lists_with_conflicting_context: int
    numbers_rounded: dict[str, dict[str, int | float]] = {}
    wrong_separator: WrongSeparator | None = None
    conflicts: dict[str, int] = {}
    lists_with_repeated_rows: int = 0
    rows_merged: int = 0
    rows_equal: int = 0
    times: tuple[int, ...] = ()
    tasks_without_positives: tuple[str, ...] = ()
    labelled: dict[str, dict[str, int]] = {}
    lists_with_action: dict[str, dict[str, int]] = {}
    seen_until: tuple[int, ...] = ()
    lists_open: dict[str, dict[str, int]] = {}
    actions_after_window: dict[str, int] = {}
    actions_taken_back: dict[str, int] = {}
    arrivals: dict[str, dict[str, tuple[int, ...]]] = {}
    rows_without_listing: int = 0

    @classmethod
    def of(
        cls, tally: Tally, files: int, tasks: Sequence[str], seen_until: Sequence[int] = ()
    ) -> "ListCounts":
        """The counts of a complete run over some files, with the tasks in their order."""
        rows, cut = tally.of("rows"), tally.of("cut")
        repeated = tally.of("repeated")
        positives = {task: _by_split(tally.of(f"positives {task}")) for task in tasks}
        positives_cut, implied = tally.of("positives_cut"), tally.of("implied")
        separators = tally.separators
        return cls(
            files=files,
            rows_in=rows.get("in", 0),
            rows_out=rows.get("out", 0),
            rows_set_aside=rows.get("set_aside", 0),
            reasons=tally.of("reasons"),
            lists=_by_split(tally.of("lists")),
            items=_by_split(tally.of("items")),
            positives=positives,
            labelled={task: _by_split(tally.of(f"labelled {task}")) for task in tasks},
            lists_with_action={task: _by_split(tally.of(f"done {task}")) for task in tasks},
            lists_by_region=_by_name(tally, "region"),
            lists_by_platform=_by_name(tally, "platform"),
            lists_cut=cut.get("lists", 0),
            items_cut=cut.get("items", 0),
            positives_cut={task: positives_cut.get(task, 0) for task in tasks},
            labels_implied={task: implied.get(task, 0) for task in tasks},
            lists_with_conflicting_context=tally.of("conflicting").get("lists", 0),
            numbers_rounded={
                name: found._asdict() for name, found in sorted(tally.rounded.items())
            },
            wrong_separator=None if separators is None else separators.wrong,
            conflicts=tally.of("conflicts"),
            lists_with_repeated_rows=repeated.get("lists", 0),
            rows_merged=repeated.get("merged", 0),
            rows_equal=repeated.get("equal", 0),
            times=tuple(tally.times),
            seen_until=tuple(seen_until),
            lists_open={
                task: _by_split(tally.of(f"open {task}"))
                for task in tasks
                if tally.of(f"open {task}")
            },
            actions_after_window=tally.of("late"),
            actions_taken_back=tally.of("taken_back"),
            arrivals=_arrivals(tally, tasks),
            rows_without_listing=tally.of("listings").get("without", 0),
            tasks_without_positives=tuple(
                task for task, found in positives.items() if not found[keys.TRAIN]
            ),
        )

    def told_without_positives(self) -> list[str]:
        """Lines for people about tasks that no training list has a positive label of."""
        lists = self.lists[keys.TRAIN]
        lines = []
        for task in self.tasks_without_positives:
            if self.lists_open.get(task, {}).get(keys.TRAIN) == lists:
                found = f"{task}: too early to say in all {lists:,} training lists, so there is"
                lines.append(f"{found} nothing to learn unless `training.feedback` takes open ones")
            else:
                found = f"{task}: no positive label in {lists:,} training lists"
                lines.append(f"{found}, so there is nothing to learn")
        return lines

    def told_of_windows(self, dataset: Dataset) -> list[str]:
        """Lines for people: of how many lists it is too early to say, and what came too late."""
        windows = {task.name: task.matures_after for task in dataset.tasks}
        lines = []
        for task, found in self.lists_open.items():
            number, of = sum(found.values()), sum(self.lists.values())
            if number:
                lines.append(
                    f"{task}: {number:,} of {of:,} lists are younger than its window of"
                    f" {windows[task]}, too early to say ({found[keys.TRAIN]:,} of them are"
                    " training lists)"
                )
        for one in dataset.tasks:
            if number := self.actions_after_window.get(one.name, 0):
                longest = dataset.limits_action(one).matures_after
                lines.append(f"{one.name}: {number:,} actions after {longest} count as not done")
        return lines

    def told_of_newest(self, dataset: Dataset, now: float) -> list[str]:
        """Lines for people where the newest time in the logs can hardly be when they were written.

        Args:
            dataset: its windows, and whether the newest time counts.
            now: seconds since 1970.
        """
        windows = [task.window for task in dataset.tasks if task.window is not None]
        if dataset.seen_until != "newest" or not windows or not self.times:
            return []
        lines = []
        for until in self.seen_until:
            after = until - self.times[1]
            if until > now + _DAY:
                why = "lies in the future"
            elif after > max(windows):
                why = f"lies {after // _DAY:,} days after the last list"
            else:
                continue
            moment = datetime.datetime(1970, 1, 1) + datetime.timedelta(seconds=until)
            lines.append(
                f"seen_until: the newest time in the logs, {moment} UTC, {why}; windows are taken"
                " for closed by it. If the logs were written earlier, name that moment"
            )
        return lines

    def told_of_separator(self) -> list[str]:
        """A line for people where histories seem to have another separator."""
        return [] if self.wrong_separator is None else [self.wrong_separator.told()]

    def told_of_listings(self) -> list[str]:
        """A line for people where items have no listing."""
        found = self.rows_without_listing
        if not found:
            return []
        of = f"{found:,} of {self.rows_in:,} rows"
        return [f"listings: {of} are of items without a listing, whose attributes are missing"]

    def save(self, folder: str) -> None:
        """Writes the counts; a reason may quote half a surrogate pair, which pydantic refuses."""
        text = json.dumps(self.model_dump(), indent=2, ensure_ascii=False) + "\n"
        write_whole(below(folder, self.FILE), text)


def _arrivals(tally: Tally, tasks: Sequence[str]) -> dict[str, dict[str, tuple[int, ...]]]:
    found: dict[str, dict[str, tuple[int, ...]]] = {}
    for task in tasks:
        start = f"arrived {task} "
        for kind in sorted(kind for kind in tally.numbers if kind.startswith(start)):
            parts = tally.of(kind)
            counts = tuple(parts.get(f"{part}", 0) for part in range(ARRIVAL_PARTS))
            found.setdefault(task, {})[kind.removeprefix(start)] = counts
    return found


def _by_split(numbers: dict[str, int]) -> dict[str, int]:
    return {split: numbers.get(split, 0) for split in keys.SPLITS}


def _by_name(tally: Tally, kind: str) -> dict[str, dict[str, int]]:
    """Counts by name and split, from counts by split and name."""
    by_split = {split: tally.of(f"{kind} {split}") for split in keys.SPLITS}
    names = sorted({name for numbers in by_split.values() for name in numbers})
    return {
        name: {split: numbers.get(name, 0) for split, numbers in by_split.items()} for name in names
    }
