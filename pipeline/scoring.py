"""Scores rows of logs and brings the results back to the rows' own order."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv as arrow_csv
import pyarrow.parquet as pq

from data.dataset import Dataset
from data.errors import InputError
from data.lists import ROW, Lists, encode, group_rows
from data.loading import load_dataset
from data.rows import canonical_rows
from data.sources import SET_ASIDE_SCHEMA, RowBatch, source_for
from models.export import DATASET_FILE, EXTRA_FOLDER
from models.serving import load_ranker
from models.signatures import SCORE

RANK, NOT_SCORED = "rank", "not_scored"


@dataclass(frozen=True)
class ScoredRows:
    """The result of scoring.

    Attributes:
        rows: every row that went in, in its order, with `probability_TASK`, `score`, `rank` in
            its list (1 is best) and `not_scored`, the reason where a row could not be scored.
        scored: rows with a score.
        lists: lists that were scored.
    """

    rows: pa.Table
    scored: int
    lists: int


@dataclass(frozen=True)
class _Read:
    """All rows in their order, and the canonical ones, whose `__row` is the place among all."""

    rows: pa.Table
    canonical: pa.Table
    reasons: np.ndarray


def score_logs(model: Path, dataset: str | None, patterns: Sequence[str]) -> ScoredRows:
    """Scores logs.

    Args:
        model: folder of a SavedModel.
        dataset: name or YAML of the dataset; None takes the definition in the model.
        patterns: files, patterns or folders of the logs.

    Returns:
        The rows with their scores.

    Raises:
        InputError: if the logs or the definition are not as expected.
    """
    definition = load_dataset(dataset or str(model / EXTRA_FOLDER / DATASET_FILE))
    read = _read(definition, patterns)
    lists = group_rows(definition, read.canonical)
    columns = _score(model, lists, read.rows.num_rows)
    columns[NOT_SCORED] = pa.array(read.reasons, pa.string())
    taken = sorted(set(columns) & set(read.rows.column_names))
    if taken:
        raise InputError(f"--input: the scores are called {taken}, as columns of the logs are")
    rows = read.rows
    for name, values in columns.items():
        rows = rows.append_column(name, values)
    return ScoredRows(rows, read.canonical.num_rows, len(lists))


def write_rows(rows: pa.Table, output: Path) -> None:
    """Writes a table as CSV or Parquet, by the file's ending, whole or not at all.

    Raises:
        InputError: if a column cannot be written as CSV, such as a vector.
    """
    partial = output.with_name(f"{output.name}.partial")
    try:
        if output.suffix == ".csv":
            arrow_csv.write_csv(rows, partial)
        else:
            pq.write_table(rows, partial)
    except pa.ArrowInvalid as error:
        partial.unlink(missing_ok=True)
        raise InputError(f"--output: {output}: {error}; expected a .parquet file") from error
    partial.replace(output)


def _read(dataset: Dataset, patterns: Sequence[str]) -> _Read:
    source = source_for(dataset, with_labels=False, every_column=True)
    files = source.files(patterns)
    source.check(files)
    parts: list[_Read] = []
    for file in files:
        before = sum(part.rows.num_rows for part in parts)
        batches = list(source.read(file))
        parts += [_read_file(dataset, batches, before)] if batches else []
    if not parts:
        raise InputError(f"--input: expected rows, found none in {len(files)} file(s)")
    return _Read(
        rows=_one_table([part.rows for part in parts]),
        canonical=pa.concat_tables([part.canonical for part in parts]),
        reasons=np.concatenate([part.reasons for part in parts]),
    )


def _one_table(tables: Sequence[pa.Table]) -> pa.Table:
    try:
        return pa.concat_tables(tables, promote=True)
    except pa.ArrowInvalid as error:
        raise InputError(f"--input: expected files with the same columns: {error}") from error


def _read_file(dataset: Dataset, batches: Sequence[RowBatch], before: int) -> _Read:
    """The rows of a file, with those in their place that the reader could not take apart."""
    tables = pa.concat_tables([batch.table for batch in batches])
    refused = pa.concat_tables([batch.set_aside for batch in batches])
    numbers = [batch.row_numbers for batch in batches] + [refused["row"].to_numpy()]
    order = np.argsort(np.concatenate(numbers), kind="stable")
    places = np.empty(len(order), np.int64)
    places[order] = np.arange(len(order))
    blank = pa.nulls(refused.num_rows)
    blanks = pa.table(dict.fromkeys(tables.column_names, blank)).cast(tables.schema)
    reasons = np.full(len(order), None, object)
    reasons[places[tables.num_rows :]] = refused["reason"].to_numpy()
    canonical, start = [], 0
    for batch in batches:
        own = places[start : start + batch.table.num_rows]
        start += batch.table.num_rows
        whole = replace(batch, numbers=own + before, set_aside=SET_ASIDE_SCHEMA.empty_table())
        checked = canonical_rows(dataset, whole, with_labels=False)
        canonical.append(checked.rows)
        reasons[checked.set_aside["row"].to_numpy() - before] = checked.set_aside["reason"]
    rows = pa.concat_tables([tables, blanks]).take(pa.array(order))
    return _Read(rows, pa.concat_tables(canonical), reasons)


def _score(model: Path, lists: Lists, rows: int) -> dict[str, pa.Array]:
    """Outputs and ranks by name, at the places of their rows; null elsewhere."""
    outputs = load_ranker(str(model))(encode(lists), lists.row_lengths)
    places = lists.items[ROW].to_numpy()
    scored = np.zeros(rows, bool)
    scored[places] = True
    columns = {}
    for name, values in {**outputs, RANK: _ranks(outputs[SCORE], lists)}.items():
        spread = np.zeros(rows, values.dtype)
        spread[places] = values
        columns[name] = pa.array(spread, mask=~scored)
    return columns


def _ranks(scores: np.ndarray, lists: Lists) -> np.ndarray:
    """Rank of each item in its list, 1 for the highest score; equal scores in their own order."""
    order = np.lexsort((-scores, lists.list_of_item))
    ranks = np.empty(len(scores), np.int64)
    ranks[order] = np.arange(len(scores)) - np.repeat(lists.starts, lists.row_lengths) + 1
    return ranks
