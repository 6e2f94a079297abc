"""Checks after reading: no data lost, few rows set aside, lists consistent, no empty split."""

import datetime
from collections.abc import Mapping

import tensorflow as tf

from components.list_example_gen.counts import ListCounts
from components.list_example_gen.plan import Plan
from components.list_example_gen.tally import Tally
from data.amounts import counted
from data.definition import keys
from data.definition.roles import fields_of_context
from data.errors import InputError
from data.listings.item_attributes import item_column

_REASONS_SHOWN = 3
# Share of lists that may disagree on a column of which a list has one value.
_MOST_LISTS = 0.5


class LostDataError(RuntimeError):
    """Rows, lists or files went missing between reading and writing."""


class BadRowsError(InputError):
    """Too many rows had to be set aside; what was set aside stays for the user to look at."""


def check_complete(plan: Plan, tally: Tally) -> None:
    """Checks that every shard, row, list and file that went in came out.

    Args:
        plan: what was to be read.
        tally: what the workers report.

    Raises:
        InputError: a worker met an error that the user can mend.
        LostDataError: something is missing.
    """
    if tally.faults:
        raise InputError("\n".join(tally.faults))
    rows, distinct = tally.of("rows"), tally.of("distinct_lists")
    items = sum(tally.of("items").values()) + tally.of("cut").get("items", 0)
    items += tally.of("repeated").get("merged", 0)
    whole_lists = distinct.get("set_aside", 0)
    pairs = {
        "shards": (len(plan.tasks), tally.of("shards").get("in", 0)),
        "rows": (rows.get("in", 0), rows.get("out", 0) + rows.get("set_aside", 0)),
        "items": (rows.get("out", 0), items),
        "lists": (distinct.get("in", 0), sum(tally.of("lists").values()) + whole_lists),
        "ids of lists": (distinct.get("in", 0), distinct.get("out", 0) + whole_lists),
    }
    pairs |= {path: (size, _size(path)) for path, size in tally.written.items()}
    lost = [f"{what}: {of} in, {out} out" for what, (of, out) in pairs.items() if of != out]
    if lost:
        raise LostDataError("ListExampleGen lost data: " + "; ".join(lost))


def check_rows(plan: Plan, counts: ListCounts, tally: Tally, folder: str) -> None:
    """Refuses input without rows, and too many bad ones.

    Args:
        plan: what was read.
        counts: of the rows that went in and of those set aside.
        tally: where the first row of each reason stands.
        folder: where rows stay that stop a run.

    Raises:
        BadRowsError: too many are set aside: the commonest reasons, and where all rows stand.
        InputError: there are no rows.
    """
    if not counts.rows_in:
        raise InputError(f"{_files(plan)}: expected rows, found none")
    most = plan.dataset.most_bad_rows
    # Behind entries that are no numbers or times there may be a separator.
    lines = [reasons_told(counts.reasons, tally), *counts.told_of_separator()]
    lines.append(f"each of them, with its reason, is kept in {folder}/rows-*.jsonl")
    reasons = "\n".join(lines)
    if counts.rows_set_aside > most * counts.rows_in:
        raise BadRowsError(
            f"{counts.rows_set_aside:,} of {counts.rows_in:,} rows had to be set aside, more than"
            f" most_bad_rows = {most:g} allows:\n{reasons}"
        )
    if counts.rows_set_aside == counts.rows_in:
        raise BadRowsError(f"all {counted(counts.rows_in, 'row')} had to be set aside:\n{reasons}")


def check_usable(plan: Plan, counts: ListCounts, tally: Tally) -> None:
    """Refuses lists whose rows disagree, and splits without lists or actions.

    Raises:
        InputError: says which.
    """
    _check_listings(plan, tally.of("listings"))
    _check_conflicts(plan, counts, tally.of("conflicting").get("of", 0))
    _check_equal_rows(plan, counts, tally.of("repeated").get("of", 0))
    for split in keys.SPLITS:
        if not counts.lists[split]:
            raise InputError(_empty(plan, counts, split))
    if not any(positives[keys.TRAIN] for positives in counts.positives.values()):
        raise InputError(
            f"tasks: expected training lists with an action, found none in"
            f" {counts.lists[keys.TRAIN]:,} lists: all labels of"
            f" {', '.join(counts.positives)} are 0 or missing{_open(counts)}"
        )


def _check_listings(plan: Plan, joined: Mapping[str, int]) -> None:
    rows = joined.get("rows", 0)
    if plan.dataset.listings and rows and joined["without"] == rows:
        raise InputError(
            f"listings: expected listings of the items of the logs, found none of {rows:,} rows:"
            f" column {item_column(plan.dataset)!r} of {', '.join(plan.dataset.listings.files)}"
            f" and column {plan.dataset.item!r} of the logs have no id in common"
        )


def _check_conflicts(plan: Plan, counts: ListCounts, of: int) -> None:
    wrong = {name: found for name, found in counts.conflicts.items() if found > _MOST_LISTS * of}
    if wrong:
        lines = [
            f"  {fields_of_context(plan.dataset, name)}: {found:,} of {of:,} lists of several rows"
            f" {_disagree(plan, name)}"
            for name, found in wrong.items()
        ]
        raise InputError(
            "expected one value a list, and the first row's would be taken:\n"
            + "\n".join(lines)
            + "\nname a column with one value a list or none; give a feature `scope: item`; or add"
            " columns to `list_id` that tell the lists apart"
        )


def _disagree(plan: Plan, column: str) -> str:
    if plan.dataset.time and column == plan.dataset.time.column:
        return f"have times in column {column!r} that lie more than a day apart"
    return f"disagree on column {column!r}"


def _check_equal_rows(plan: Plan, counts: ListCounts, of: int) -> None:
    found, most = counts.lists_with_repeated_rows, plan.dataset.most_equal_rows
    if counts.rows_equal and found > most * of:
        raise InputError(
            "expected lists without rows that are equal in all columns of the definition, found"
            f" {found:,} of {of:,} lists with some ({counts.rows_equal:,} rows), more than"
            f" most_equal_rows = {most:g} allows: logs that were read or written twice? Name the"
            " column that identifies an item with `item:`, and each list gets one entry an item;"
            " where such rows are different items, set `most_equal_rows: 1`"
        )


def _empty(plan: Plan, counts: ListCounts, split: str) -> str:
    rule = plan.dataset.split
    found = ", ".join(f"{name}: {number}" for name, number in counts.lists.items())
    message = f"split: expected lists of {split}, found none ({found})"
    if rule.by != "time":
        return f"{message}; there are too few lists, or too small a share for {split}"
    times = [datetime.datetime.fromtimestamp(time, datetime.timezone.utc) for time in counts.times]
    first, last = (f"{time:%Y-%m-%d %H:%M}" for time in times)
    return (
        f"{message}; validation_from is {rule.validation_from}, evaluation_from is"
        f" {rule.evaluation_from}, and the lists are from {first} to {last} (UTC)"
    )


def _open(counts: ListCounts) -> str:
    """Says of which tasks it is too early to say anything."""
    lists = counts.lists[keys.TRAIN]
    early = [task for task, found in counts.lists_open.items() if found[keys.TRAIN] == lists]
    return f"; the windows of all training lists are open for {', '.join(early)}" if early else ""


def reasons_told(reasons: Mapping[str, int], tally: Tally) -> str:
    """Lines with the commonest reasons for rows that were set aside, and all others together."""
    commonest = sorted(reasons.items(), key=lambda pair: -pair[1])
    lines = []
    for reason, number in commonest[:_REASONS_SHOWN]:
        file, row, whole = tally.places[reason]
        lines.append(f"  {counted(number, 'row')}, such as {file}, row {row}: {whole}")
    others = commonest[_REASONS_SHOWN:]
    if others:
        told = "; ".join(reason for reason, _ in others)
        lines.append(f"  {counted(sum(number for _, number in others), 'row')} besides: {told}")
    return "\n".join(lines)


def _files(plan: Plan) -> str:
    return plan.files[0] + (f" and {len(plan.files) - 1} more files" if len(plan.files) > 1 else "")


def _size(path: str) -> int:
    return tf.io.gfile.stat(path).length if tf.io.gfile.exists(path) else 0
