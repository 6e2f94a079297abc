"""Writes simulated logs as Parquet files."""

import datetime
import filecmp
from contextlib import ExitStack
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from data.errors import InputError
from data.simulator.config import SimulatorConfig
from data.simulator.marketplace import simulate
from data.simulator.queries import DAY_MILLISECONDS, DAYS, FIRST_DAY

_UNFINISHED = ".unfinished"


def write_logs(config: SimulatorConfig, directory: str | Path, files: int = DAYS) -> list[Path]:
    """Simulates logs and writes them, sorted by list, to files of consecutive days.

    Every file is written under another name first, so that no half of one is ever seen. A file that
    is there already with equal content is left untouched, so caches that look at its time hold.

    Args:
        config: the marketplace.
        directory: where the files go; it is made where there is none.
        files: number of files that the 17 days are spread over.

    Returns:
        The files in the order of time; days without a list have none.

    Raises:
        InputError: the number of files is out of range, or the directory holds other Parquet files.
    """
    if not 1 <= files <= DAYS:
        raise InputError(f"files: expected 1 to {DAYS}, a day each at least; found {files}")
    directory = Path(directory)
    directory.mkdir(parents=True, exist_ok=True)
    first_days = [int(days[0]) for days in np.array_split(np.arange(DAYS), files)]
    paths = [directory / f"{_day(number)}.parquet" for number in first_days]
    try:
        written = _write(config, paths, first_days)
        _refuse_others(directory, written)
        for path in written:
            _put_in_place(path)
    finally:
        for path in paths:
            _unfinished(path).unlink(missing_ok=True)
    return written


def _day(number: int) -> str:
    return f"{FIRST_DAY + datetime.timedelta(days=number):%Y-%m-%d}"


def _refuse_others(directory: Path, paths: list[Path]) -> None:
    others = sorted(set(directory.glob("*.parquet")) - set(paths))
    if others:
        raise InputError(
            f"{directory}: expected no other Parquet files, since they would be read with the "
            f"simulated ones; found {others[0].name} ({len(others)} in all)"
        )


def _unfinished(path: Path) -> Path:
    return path.with_name(f".{path.name}{_UNFINISHED}")


def _write(config: SimulatorConfig, paths: list[Path], first_days: list[int]) -> list[Path]:
    """Writes the files under their unfinished names; returns those that have rows."""
    writers: dict[Path, pq.ParquetWriter] = {}
    with ExitStack() as opened:
        for table in simulate(config):
            for number, part in _by_file(table, first_days):
                path = paths[number]
                if path not in writers:
                    writer = pq.ParquetWriter(_unfinished(path), table.schema)
                    writers[path] = opened.enter_context(writer)
                writers[path].write_table(part)
    return list(writers)


def _by_file(table: pa.Table, first_days: list[int]) -> list[tuple[int, pa.Table]]:
    """Cuts a table, which is in the order of time, where a new file begins."""
    shown_at = table["shown_at"].cast(pa.int64()).to_numpy()
    day = (shown_at - int(FIRST_DAY.timestamp() * 1000)) // DAY_MILLISECONDS
    file = np.searchsorted(first_days, day, side="right") - 1
    starts = np.flatnonzero(np.diff(file, prepend=-1))
    lengths = np.diff(starts, append=len(file))
    pieces = zip(starts, lengths, strict=True)
    return [(int(file[start]), table.slice(start, length)) for start, length in pieces]


def _put_in_place(path: Path) -> None:
    unfinished = _unfinished(path)
    if not (path.is_file() and filecmp.cmp(unfinished, path, shallow=False)):
        unfinished.replace(path)
