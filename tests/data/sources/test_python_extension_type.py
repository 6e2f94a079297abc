"""Arrow's Python extension type, which old versions of Arrow unpickle as they open a file.

Everything that opens a user's Parquet file runs in a process of its own here: Beam's import, which
other tests bring along, closes the hole by itself.
"""

import os
import pickle
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from data.errors import InputError
from data.sources.parquet_files import parquet_columns, read_parquet
from data.sources.source import Shard
from tests import processes

ROWS = [1, 2]
# Later ones take the values as they are stored, and leave the pickle alone.
ARROW_KNOWS_THE_TYPE = hasattr(pa, "PyExtensionType")
COLUMNS = "from data.sources.parquet_files import parquet_columns as look; look({path!r})"
INIT = "from pipeline.cli import main; sys.exit(main(['init', '--input', {path!r}]))"


class Touch:
    """What a pickle can do: it makes a file."""

    def __init__(self, file: Path) -> None:
        self.file = file

    def __reduce__(self) -> tuple:
        return Path.touch, (self.file,)


def write(path: Path, pickled: bytes) -> str:
    extension = {
        "ARROW:extension:name": "arrow.py_extension_type",
        "ARROW:extension:metadata": pickled,
    }
    field = pa.field("id", pa.int64(), metadata=extension)
    pq.write_table(pa.table([ROWS], schema=pa.schema([field])), path)
    return str(path)


@pytest.mark.parametrize("code", [COLUMNS, INIT], ids=["the reader", "seqmd init"])
def test_no_process_of_ours_runs_what_a_file_holds(tmp_path: Path, code: str) -> None:
    path = write(tmp_path / "logs.parquet", pickle.dumps(Touch(tmp_path / "it_ran")))
    assert pickle.loads(pickle.dumps(Touch(tmp_path / "it_runs"))) is None
    assert (tmp_path / "it_runs").exists()
    done = processes.run(
        [sys.executable, "-c", f"import sys; {code.format(path=path)}"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(Path.cwd())},
    )
    assert not (tmp_path / "it_ran").exists(), done.stderr
    if ARROW_KNOWS_THE_TYPE:
        assert done.returncode == 1
        assert f"{path}: expected plain columns, found one of Arrow's Python" in done.stderr


@pytest.mark.skipif(not ARROW_KNOWS_THE_TYPE, reason="this Arrow has no such type")
@pytest.mark.parametrize(
    "pickled", [pickle.dumps(Touch(Path("x"))), b"no pickle", b""], ids=["one", "none", "empty"]
)
def test_the_error_names_the_file(tmp_path: Path, pickled: bytes) -> None:
    path = write(tmp_path / "logs.parquet", pickled)
    with pytest.raises(InputError, match=r"logs\.parquet: "):
        parquet_columns(path)
    with pytest.raises(InputError, match=r"logs\.parquet: "):
        list(read_parquet(Shard(path), ["id"]))


@pytest.mark.skipif(ARROW_KNOWS_THE_TYPE, reason="this Arrow would have to unpickle it")
def test_values_are_read_where_the_type_is_unknown(tmp_path: Path) -> None:
    path = write(tmp_path / "logs.parquet", pickle.dumps(Touch(tmp_path / "it_ran")))
    (batch,) = read_parquet(Shard(path), ["id"])
    assert batch.table["id"].to_pylist() == ROWS
    assert not (tmp_path / "it_ran").exists()
