"""Rows that are scored come back as they went in."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from data.errors import InputError
from data.loading import load_dataset
from pipeline.scored_rows import ScoredRows
from seqmd import ranker


@pytest.fixture
def pushed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with two versions of a model whose score is the price."""

    def by_price(
        model: Path, dataset: str | None, patterns: Sequence[str], ranker: Any, attributes: None
    ) -> ScoredRows:
        assert (model.name, dataset) == ("2", None)
        rows = pq.read_table(patterns[0])
        if "price" not in rows.column_names:
            raise InputError(f"{patterns[0]} lacks price")
        scored = rows.append_column("score", rows["price"])
        return ScoredRows(scored, {}, {}, 0, {}, rows.num_rows, 1)

    monkeypatch.setattr(ranker, "score_logs", by_price)
    monkeypatch.setattr(ranker, "definition_of", lambda _: load_dataset("expedia"))
    monkeypatch.setattr(ranker, "ExportedModel", lambda _: None)
    for version in ("1", "2"):
        (tmp_path / version).mkdir()
        (tmp_path / version / "saved_model.pb").touch()
    return tmp_path


def test_a_table_comes_back_as_a_table(pushed: Path) -> None:
    rows = pa.table({"price": [3.0, 1.0]})
    assert ranker.score(pushed, rows).to_pydict() == {"price": [3.0, 1.0], "score": [3.0, 1.0]}


def test_a_frame_keeps_its_index_and_its_types(pushed: Path) -> None:
    rows = pd.DataFrame({"price": [3.0, 1.0], "shop": pd.Categorical(["a", "b"])}, index=["x", "x"])
    scored = ranker.load_ranker(pushed).score(rows)
    pd.testing.assert_frame_equal(scored[["price", "shop"]], rows)
    assert list(scored["score"]) == [3.0, 1.0]


def test_files_come_back_as_a_frame(pushed: Path, tmp_path: Path) -> None:
    pq.write_table(pa.table({"price": [2.0]}), tmp_path / "rows.parquet")
    assert list(ranker.score(pushed, tmp_path / "rows.parquet").columns) == ["price", "score"]


def test_the_newest_version_is_taken_and_knows_its_tasks(pushed: Path) -> None:
    loaded = ranker.load_ranker(pushed)
    assert (loaded.folder.name, loaded.tasks) == ("2", ["click", "booking"])


@pytest.mark.parametrize("rows", [pd.DataFrame({"shop": [1]}), pa.table({"shop": [1]})])
def test_rows_in_memory_are_called_rows(pushed: Path, rows: pd.DataFrame | pa.Table) -> None:
    with pytest.raises(InputError, match=r"^rows lacks price$"):
        ranker.score(pushed, rows)


def test_a_file_is_called_by_its_name(pushed: Path, tmp_path: Path) -> None:
    pq.write_table(pa.table({"shop": [2]}), tmp_path / "rows.parquet")
    with pytest.raises(InputError, match=re.escape(f"{tmp_path}/rows.parquet lacks price")):
        ranker.score(pushed, tmp_path / "rows.parquet")
