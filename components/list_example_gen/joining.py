"""Joins the parts of a bucket, so that no list is on two sides."""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from components.list_example_gen.parts import Part, read_part
from components.list_example_gen.set_aside import SetAside
from data import keys
from data.lists import Lists, join_parts
from data.rows import FILE, ROW

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


def _without(lists: Lists, list_ids: pa.Array, set_aside: SetAside) -> Lists:
    repeated = _are_in(lists, list_ids)
    items = lists.take(np.flatnonzero(repeated)).items
    files = items[FILE].dictionary_decode()
    reasons = pa.array([IN_EVALUATION_INPUT]).take(pa.array(np.zeros(len(files), np.int64)))
    set_aside.add(pa.table([files, items[ROW], reasons], ["file", "row", "reason"]))
    return lists.take(np.flatnonzero(~repeated))


def _are_in(lists: Lists, list_ids: pa.Array) -> np.ndarray:
    found = pc.is_in(lists.context[keys.LIST_ID], value_set=list_ids)
    return np.asarray(found.to_numpy(zero_copy_only=False), bool)
