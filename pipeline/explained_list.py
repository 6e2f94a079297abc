"""A list of the logs as a pushed model ranks it, and why one of its items stands above another."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from data.artifacts.served_answer import SCORE, probability
from data.definition import keys
from data.definition.dataset import Dataset
from data.errors import InputError
from data.explanation.explained_model import ExplainedModel, ListColumns, PairShares
from data.explanation.values import values_by_feature
from data.lists.encoding import encode
from data.lists.lists import ROW, Lists, group_rows, lists_in_conflict
from data.lists.repeated_items import first_rows
from data.loading import definition_of, load_dataset
from data.metrics.ranked import Floats
from data.rows.raw import RawColumn
from data.rows.text import as_category
from data.similar_names import did_you_mean
from pipeline.log_rows import read_rows
from pipeline.scored_rows import check_definition

# Ids that are looked through for one that may be meant.
_MOST_IDS = 2_000


@dataclass(frozen=True)
class ExplainedList:
    """A list of L items, ranked.

    Attributes:
        items: what tells the items apart: ids, or without `item` in the definition their places in
            the logs, from 1.
        scores: float [L], what they are ranked by.
        values: by feature, the items' values as they stand in the logs, as text; of features with
            one value an item.
    """

    items: tuple[str, ...]
    scores: Floats
    values: dict[str, tuple[str, ...]]
    _model: ExplainedModel
    _columns: ListColumns
    _output: str

    @property
    def order(self) -> list[int]:
        """Places of the items, the best first; equal scores in their own order."""
        return np.argsort(-self.scores, kind="stable").tolist()

    def place(self, item: str) -> int:
        """The place of an item, from 0.

        Raises:
            InputError: the list has no such item.
        """
        if item not in self.items:
            few = ", ".join(self.items[:10]) + (", ..." if len(self.items) > 10 else "")
            raise InputError(
                f"--items: expected items of the list, {few}; "
                f"found {item!r}{did_you_mean(item, self.items)}"
            )
        return self.items.index(item)

    def explain(self, first: int, second: int) -> PairShares:
        """Why an item has another score than a second one, by feature.

        Args:
            first: place of the item, from 0.
            second: place of the other one.
        """
        return self._model.explain(self._columns, first, second, self._output)


def explained_list(
    model: Path,
    dataset: str | None,
    patterns: Sequence[str],
    list_id: str,
    task: str | None,
    attributes: str | None = None,
) -> ExplainedList:
    """Reads one list of the logs and ranks it.

    Args:
        model: folder of a SavedModel.
        dataset: name or YAML of the dataset; None takes the definition in the model.
        patterns: files, patterns or folders of the logs.
        list_id: id of the list; of several columns, with `, ` between their values.
        task: ranks by its probability; None by the score.
        attributes: file of the items' attributes, see `read_rows`.

    Returns:
        The list.

    Raises:
        InputError: the model, the logs or the definition are not as expected, the model has no such
            task, or the logs no such list of two items or more.
    """
    trained = definition_of(model)
    definition = load_dataset(dataset) if dataset else trained
    check_definition(definition, trained)
    output = _output(trained, task)
    explained = ExplainedModel(str(model))
    read = read_rows(definition, patterns, attributes)
    lists = group_rows(definition, _rows_of(read.canonical, list_id))
    _check_one(definition, lists, list_id)
    firsts = first_rows(lists)
    once = lists.with_items(firsts == np.arange(len(firsts)))
    items = int(once.row_lengths.sum())
    if items < 2:
        raise InputError(f"--list: expected a list of two items or more, found one in {list_id!r}")
    columns = explained.columns(encode(once)[0])
    rows = read.rows.take(once.items[ROW])
    return ExplainedList(
        items=_names(definition, rows),
        scores=explained.scores(columns, output),
        values=_values(trained, rows, once.items),
        _model=explained,
        _columns=columns,
        _output=output,
    )


def _values(trained: Dataset, rows: pa.Table, items: pa.RecordBatch) -> dict[str, tuple[str, ...]]:
    stated = {
        feature.name: rows[feature.column]
        for feature in trained.item_features
        if feature.column in rows.column_names
    }
    return values_by_feature(trained, items, stated)


def _output(trained: Dataset, task: str | None) -> str:
    tasks = [one.name for one in trained.tasks]
    if task is None:
        return SCORE
    if task not in tasks:
        raise InputError(
            f"--task: expected one of {', '.join(tasks)}, found {task!r}{did_you_mean(task, tasks)}"
        )
    return probability(task)


def _rows_of(canonical: pa.Table, list_id: str) -> pa.Table:
    ids = pc.replace_substring(canonical[keys.LIST_ID].cast(pa.string()), keys.ID_SEPARATOR, ", ")
    rows = canonical.filter(pc.equal(ids, list_id))
    if not rows.num_rows:
        known = pc.unique(ids)
        near = did_you_mean(list_id, known[:_MOST_IDS].to_pylist())
        raise InputError(
            f"--list: expected the id of one of {len(known):,} lists, found {list_id!r}{near}"
        )
    return rows


def _check_one(definition: Dataset, lists: Lists, list_id: str) -> None:
    """Refuses rows of several lists that are called alike."""
    if len(lists) > 1:
        ids = lists.context[keys.LIST_ID].to_pylist()
        told = "; ".join(repr(tuple(one.decode().split(keys.ID_SEPARATOR))) for one in ids)
        raise InputError(
            f"--list: expected one list, found {len(ids)} that {list_id!r} may be: {told}"
        )
    columns = ", ".join(map(repr, lists_in_conflict(definition, lists)))
    if columns:
        raise InputError(
            f"--list: expected one list, found rows with several values of {columns} in"
            f" {list_id!r}: lists with the same id? `list_id: [column, column]` in the definition,"
            " or fewer files with --input, tell them apart"
        )


def _names(definition: Dataset, rows: pa.Table) -> tuple[str, ...]:
    if definition.item is None:
        return tuple(str(place + 1) for place in range(rows.num_rows))
    values = rows[definition.item].combine_chunks()
    names = as_category(RawColumn(values, definition.item, "item", "--input")).to_pylist()
    return tuple(name or f"row {place + 1}" for place, name in enumerate(names))
