"""Scores rows of logs and brings the results back to the rows' own order."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa

from data.artifacts.served_answer import SCORE, ExportedModel, probability
from data.artifacts.vocabulary_files import UnknownValues, exported_vocabularies, unknown_values
from data.definition.dataset import Dataset
from data.errors import InputError
from data.lists.encoding import encode
from data.lists.lists import ROW, Lists, group_rows, lists_in_conflict
from data.lists.repeated_items import first_rows
from data.loading import definition_of, load_dataset
from pipeline.log_rows import free_names, read_rows, rows_for_csv

RANK, NOT_SCORED = "rank", "not_scored"


@dataclass(frozen=True)
class ScoredRows:
    """The result of scoring.

    Attributes:
        rows: every row that went in, in its order, with `probability_TASK`, `score`, `rank` in
            its list (1 is best) and `not_scored`, the reason where a row could not be scored.
        renamed: those of these columns that bear another name, since the logs have a column of
            that name: the other name by the name.
        unknown: values that the model does not know, by categorical feature.
        repeated: rows that repeat an item of their list, and have the results of its first row.
        conflicts: lists whose rows disagree where a list has one value, by column; the first row's
            value was taken.
        scored: rows with a score.
        lists: lists that were scored.
    """

    rows: pa.Table
    renamed: dict[str, str]
    unknown: dict[str, UnknownValues]
    repeated: int
    conflicts: dict[str, int]
    scored: int
    lists: int


def score_logs(
    model: Path,
    dataset: str | None,
    patterns: Sequence[str],
    as_csv: bool = False,
    ranker: ExportedModel | None = None,
    attributes: str | None = None,
) -> ScoredRows:
    """Scores logs.

    Args:
        model: folder of a SavedModel.
        dataset: name or YAML of the dataset; None takes the definition in the model.
        patterns: files, patterns or folders of the logs.
        as_csv: whether the rows are meant for a CSV file.
        ranker: the model, where it is loaded already.
        attributes: file of the items' attributes, see `read_rows`.

    Returns:
        The rows with their scores.

    Raises:
        InputError: if the model, the logs or the definition are not as expected, or CSV has no
            place for the values of a column. Nothing is scored then.
    """
    trained = definition_of(model)
    definition = load_dataset(dataset) if dataset else trained
    check_definition(definition, trained)
    read = read_rows(definition, patterns, attributes)
    names = [*(probability(task.name) for task in trained.tasks), SCORE]
    rows = rows_for_csv(read.rows) if as_csv else read.rows
    added = free_names([*names, RANK, NOT_SCORED], rows.column_names)
    lists = group_rows(definition, read.canonical)
    firsts = first_rows(lists)
    once = lists.with_items(firsts == np.arange(len(firsts)))
    outputs = (ranker or ExportedModel(str(model)))(encode(once), once.row_lengths)
    results = {name: outputs[name] for name in names} | {RANK: _ranks(outputs[SCORE], once)}
    columns = _columns(results, firsts, lists.items[ROW].to_numpy(), rows.num_rows)
    columns[NOT_SCORED] = pa.array(read.reasons, pa.string())
    for name, values in columns.items():
        rows = rows.append_column(added[name], values)
    renamed = {name: other for name, other in added.items() if name != other}
    unknown = _unknown(read.canonical, exported_vocabularies(trained, str(model)))
    return ScoredRows(
        rows=rows,
        renamed=renamed,
        unknown=unknown,
        repeated=int((firsts != np.arange(len(firsts))).sum()),
        conflicts={
            column: int(found.sum())
            for column, found in lists_in_conflict(definition, lists).items()
        },
        scored=read.canonical.num_rows,
        lists=len(lists),
    )


def _unknown(canonical: pa.Table, vocabularies: dict[str, list[bytes]]) -> dict[str, UnknownValues]:
    found = {
        name: unknown_values(canonical[name], vocabulary)
        for name, vocabulary in vocabularies.items()
    }
    return {name: values for name, values in found.items() if values}


def check_definition(dataset: Dataset, trained: Dataset) -> None:
    """Refuses a definition of logs that lacks what a model was trained with.

    Args:
        dataset: how the logs are read.
        trained: the definition that travels with the model.

    Raises:
        InputError: a feature of the model is missing or of another form.
    """
    found = {feature.name: feature.form for feature in dataset.features}
    wrong = [
        f"  feature {feature.name!r}: expected {feature.form}, "
        f"found {found.get(feature.name, 'none')}"
        for feature in trained.features
        if found.get(feature.name) != feature.form
    ]
    if wrong:
        lines = "\n".join(wrong)
        raise InputError(f"--dataset: {dataset.name}: expected the model's features:\n{lines}")


def _columns(
    results: dict[str, np.ndarray], firsts: np.ndarray, places: np.ndarray, rows: int
) -> dict[str, pa.Array]:
    """Results of items at the places of all their rows; null elsewhere.

    Args:
        results: by name, a value of each item that was scored.
        firsts: int64 [N], the first row of each row's item.
        places: int64 [N], the place of each row among all rows.
        rows: all rows.
    """
    item_of_row = (np.cumsum(firsts == np.arange(len(firsts))) - 1)[firsts]
    scored = np.zeros(rows, bool)
    scored[places] = True
    columns = {}
    for name, values in results.items():
        spread = np.zeros(rows, values.dtype)
        spread[places] = values[item_of_row]
        columns[name] = pa.array(spread, mask=~scored)
    return columns


def _ranks(scores: np.ndarray, lists: Lists) -> np.ndarray:
    """Rank of each item in its list, 1 for the highest score; equal scores in their own order."""
    order = np.lexsort((-scores, lists.list_of_item))
    ranks = np.empty(len(scores), np.int64)
    ranks[order] = np.arange(len(scores)) - np.repeat(lists.starts, lists.row_lengths) + 1
    return ranks
