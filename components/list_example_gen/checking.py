"""What must be true of every run: nothing lost, not too much set aside, no empty split."""

import datetime

import tensorflow as tf

from components.list_example_gen.counts import ListCounts
from components.list_example_gen.plan import Plan
from components.list_example_gen.tally import Tally
from data import keys
from data.errors import InputError

_REASONS_SHOWN = 3


class LostDataError(RuntimeError):
    """Rows, lists or files went missing between reading and writing."""


def check_complete(plan: Plan, tally: Tally) -> None:
    """Compares what came out with what went in.

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
    pairs = {
        "shards": (len(plan.tasks), tally.of("shards").get("in", 0)),
        "rows": (rows.get("in", 0), rows.get("out", 0) + rows.get("set_aside", 0)),
        "items": (rows.get("out", 0), items),
        "lists": (distinct.get("in", 0), sum(tally.of("lists").values())),
        "ids of lists": (distinct.get("in", 0), distinct.get("out", 0)),
    }
    pairs |= {path: (size, _size(path)) for path, size in tally.written.items()}
    lost = [f"{what}: {of} in, {out} out" for what, (of, out) in pairs.items() if of != out]
    if lost:
        raise LostDataError("ListExampleGen lost data: " + "; ".join(lost))


def check_usable(plan: Plan, counts: ListCounts, tally: Tally) -> None:
    """Refuses a run with too many bad rows or an empty split.

    Raises:
        InputError: says which, and the commonest reasons.
    """
    if not counts.rows_in:
        raise InputError(f"{_files(plan)}: expected rows, found none")
    most = plan.dataset.most_bad_rows
    if counts.rows_set_aside > most * counts.rows_in:
        raise InputError(
            f"{counts.rows_set_aside} of {counts.rows_in} rows had to be set aside, more than"
            f" most_bad_rows = {most:g} allows:\n{_reasons(counts, tally)}"
        )
    if counts.rows_set_aside == counts.rows_in:
        reasons = _reasons(counts, tally)
        raise InputError(f"all {counts.rows_in} rows had to be set aside:\n{reasons}")
    for split in keys.SPLITS:
        if not counts.lists[split]:
            raise InputError(_empty(plan, counts, split))


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


def _reasons(counts: ListCounts, tally: Tally) -> str:
    commonest = sorted(counts.reasons.items(), key=lambda pair: -pair[1])[:_REASONS_SHOWN]
    lines = []
    for reason, number in commonest:
        file, row, whole = tally.places[reason]
        lines.append(f"  {number} rows, such as {file}, row {row}: {whole}")
    return "\n".join(lines)


def _files(plan: Plan) -> str:
    return plan.files[0] + (f" and {len(plan.files) - 1} more files" if len(plan.files) > 1 else "")


def _size(path: str) -> int:
    return tf.io.gfile.stat(path).length if tf.io.gfile.exists(path) else 0
