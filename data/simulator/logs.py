"""Writes simulated logs as Parquet files."""

import datetime
import filecmp
from contextlib import ExitStack
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from data.errors import InputError
from data.simulator.config import DAYS, SimulatorConfig
from data.simulator.marketplace import simulate
from data.simulator.queries import DAY_MILLISECONDS, FIRST_DAY

_UNFINISHED = ".unfinished"


def write_logs(
    config: SimulatorConfig, directory: str | Path, files: int = DAYS, replace: bool = True
) -> list[Path]:
    """Simulates logs and writes them, sorted by list, to files of consecutive days.

    Every file is written under another name first, so that no half of one is ever seen. A file that
    is there already with equal content is left untouched, so caches that look at its time hold.

    Args:
        config: the marketplace.
        directory: where the files go; it is made where there is none.
        files: number of files that the 17 days are spread over.
        replace: whether files of the same days with other content are replaced, such as other
            settings leave; False refuses them.

    Returns:
        The files in the order of time; days without a list have none.

    Raises:
        InputError: the number of files is out of range, or the directory holds other files.
            Nothing is written then.
    """
    if not 1 <= files <= DAYS:
        raise InputError(f"files: expected 1 to {DAYS}, a day each at least; found {files}")
    directory = Path(directory)
    first_days = _first_days(files)
    paths = _paths(directory, first_days)
    _refuse(directory, other_files(directory, files))
    directory.mkdir(parents=True, exist_ok=True)
    try:
        written = _write(config, paths, first_days)
        _refuse(directory, _others(directory, written))
        changed = [path for path in written if path.exists() and not _as_before(path)]
        _refuse(directory, [] if replace else changed, "with other content")
        for path in written:
            _put_in_place(path)
    finally:
        for path in paths:
            _unfinished(path).unlink(missing_ok=True)
    return written


def other_files(directory: Path, files: int = DAYS) -> list[Path]:
    """What lies in a directory but is not named as its simulated logs would be.

    Args:
        directory: where the logs go; there need be none.
        files: number of files that the days are spread over.

    Returns:
        Paths in ascending order; the directory itself where it is a file. Names that begin with
        `.` or `_` are passed over, as readers pass over them.
    """
    return _others(directory, _paths(directory, _first_days(files)))


def _others(directory: Path, paths: list[Path]) -> list[Path]:
    if not directory.is_dir():
        return [directory] if directory.exists() else []
    visible = {path for path in directory.iterdir() if not path.name.startswith((".", "_"))}
    return sorted(visible - set(paths))


def _refuse(directory: Path, found: list[Path], fault: str = "") -> None:
    if found:
        raise InputError(
            f"{directory}: expected a new folder, or these simulated logs alone; "
            f"found {found[0].name} {fault}".rstrip()
            + f" ({len(found)} in all)"
        )


def _first_days(files: int) -> list[int]:
    return [int(days[0]) for days in np.array_split(np.arange(DAYS), files)]


def _paths(directory: Path, first_days: list[int]) -> list[Path]:
    days = [FIRST_DAY + datetime.timedelta(days=number) for number in first_days]
    return [directory / f"{day:%Y-%m-%d}.parquet" for day in days]


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
                    # Arrow takes a relative path with a space or a bracket for a URI.
                    writer = pq.ParquetWriter(_unfinished(path).absolute(), table.schema)
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
    if not _as_before(path):
        _unfinished(path).replace(path)


def _as_before(path: Path) -> bool:
    return path.is_file() and filecmp.cmp(_unfinished(path), path, shallow=False)
