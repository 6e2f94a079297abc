"""Values and file names of an attacker's choice never name a file that is written."""

import re
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from tests.components.bad_input.logs import LISTS, ROWS, dataset, rows, write_csv
from tests.components.bad_input.running import outcome_of

HOSTILE = (
    "../../outside",
    "/tmp/outside",
    "..",
    "a\0b",
    "a\nb",
    "C:\\outside",
    "x" * 5000,
    "\uff0e\uff0e\uff0foutside",
    "\x1b[31m",
    "Split-train",
)
# What ListExampleGen may write.
WRITTEN = re.compile(
    r"examples/Split-(train|validation|eval)/data_tfrecord-\d{5}-of-\d{5}"
    r"|rows_set_aside/(rows-(bucket-)?\d{5}\.jsonl|counts\.json)"
)


def written(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def test_values_of_the_logs_are_no_places(tmp_path: Path) -> None:
    # Each list has another value as its region and in its id and titles; a row is set aside.
    table = [
        {**row, "search": value + row["search"], "country": value, "title": value}
        for row, value in zip(rows(), np.repeat(HOSTILE, ROWS // LISTS), strict=False)
    ]
    table[-1] |= {"price": HOSTILE[0]}
    logs = tmp_path / "logs" / "a.parquet"
    logs.parent.mkdir()
    pq.write_table(pa.Table.from_pylist(table), logs)
    outcome = outcome_of(dataset(), [logs], tmp_path / "output")
    assert outcome.counts is not None
    assert outcome.counts.rows_set_aside == 1
    assert set(outcome.counts.lists_by_region) == set(HOSTILE)
    assert {title.decode() for _, title in outcome.items} == set(HOSTILE)
    assert all(WRITTEN.fullmatch(name) for name in written(tmp_path / "output"))
    assert written(tmp_path) == {
        "logs/a.parquet",
        *(f"output/{name}" for name in written(tmp_path / "output")),
    }


def test_names_of_files_are_no_places(tmp_path: Path) -> None:
    names = ("a\nb", "\x1b[31m", "..a", "C:\\x", "$HOME", "[red]", "-rf", "x" * 240, "%2e%2e%2fx")
    files = [tmp_path / "logs" / f"{name}.csv" for name in names]
    files[0].parent.mkdir()
    for place, file in enumerate(files):
        bad = rows(1, 1, first=1000 + place)[0] | {"price": "dear"}
        write_csv(file, [*rows(first=LISTS * place), bad])
    outcome = outcome_of(dataset(), files, tmp_path / "output")
    assert {row["file"] for row in outcome.aside} == set(map(str, files))
    assert all(WRITTEN.fullmatch(place) for place in written(tmp_path / "output"))
    assert written(tmp_path / "logs") == {file.name for file in files}
