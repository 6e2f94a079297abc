from collections.abc import Callable, Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from data.errors import InputError
from data.simulator import SimulatorConfig, logs, simulate, write_logs

Simulate = Callable[..., pa.Table]
CONFIG = SimulatorConfig(lists=300)


def test_a_file_a_day_holds_the_logs_in_order(tmp_path: Path, simulated: Simulate) -> None:
    paths = write_logs(CONFIG, tmp_path / "new" / "folder")
    assert [path.name for path in paths] == [f"2024-03-{4 + day:02d}.parquet" for day in range(17)]
    for path in paths:
        days = {str(moment.date()) for moment in pq.read_table(path)["shown_at"].to_pylist()}
        assert days == {path.stem}
    assert pa.concat_tables([pq.read_table(path) for path in paths]).equals(simulated(lists=300))


def test_every_file_says_where_it_comes_from(tmp_path: Path) -> None:
    for path in write_logs(CONFIG, tmp_path, files=2):
        assert pq.read_schema(path).metadata[b"simulator_version"] == b"1"


def test_days_can_share_files_without_tearing_a_list(tmp_path: Path) -> None:
    paths = write_logs(CONFIG, tmp_path, files=3)
    # 17 days as 6, 6 and 5
    assert [path.stem for path in paths] == ["2024-03-04", "2024-03-10", "2024-03-16"]
    ids = [set(pq.read_table(path)["list_id"].to_pylist()) for path in paths]
    assert sum(map(len, ids)) == len(set.union(*ids)) == 300


def test_a_relative_folder_may_have_any_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (path,) = write_logs(CONFIG, "my logs [1]", files=1)
    assert pq.read_table(tmp_path / path).num_rows > 0


def test_equal_configurations_give_equal_bytes(tmp_path: Path) -> None:
    first, second = (write_logs(CONFIG, tmp_path / name) for name in ("a", "b"))
    assert [path.read_bytes() for path in first] == [path.read_bytes() for path in second]


def test_equal_files_are_left_untouched_and_others_replaced(tmp_path: Path) -> None:
    times = [path.stat().st_mtime_ns for path in write_logs(CONFIG, tmp_path)]
    assert [path.stat().st_mtime_ns for path in write_logs(CONFIG, tmp_path)] == times
    again = write_logs(SimulatorConfig(lists=301), tmp_path)
    assert all(path.stat().st_mtime_ns > time for path, time in zip(again, times, strict=True))


def test_days_without_a_list_have_no_file(tmp_path: Path) -> None:
    assert len(write_logs(SimulatorConfig(lists=5), tmp_path)) == 5


def test_other_parquet_files_are_refused_and_nothing_is_written(tmp_path: Path) -> None:
    write_logs(CONFIG, tmp_path)
    with pytest.raises(InputError, match=r"expected a new.*2024-03-05\.parquet \(14 in all"):
        write_logs(CONFIG, tmp_path, files=3)
    assert len(list(tmp_path.iterdir())) == 17


@pytest.mark.parametrize("name", ["notes.txt", "more.csv", "day=1/a.parquet"])
def test_other_files_of_any_kind_are_refused_and_nothing_is_written(
    tmp_path: Path, name: str
) -> None:
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).write_text("kept")
    with pytest.raises(InputError, match=f"expected a new folder.*found {name.split('/')[0]}"):
        write_logs(CONFIG, tmp_path)
    assert len(list(tmp_path.iterdir())) == 1
    assert (tmp_path / name).read_text() == "kept"


def test_a_file_in_the_folders_place_is_refused(tmp_path: Path) -> None:
    (tmp_path / "logs").write_text("kept")
    with pytest.raises(InputError, match="expected a new folder"):
        write_logs(CONFIG, tmp_path / "logs")


def test_what_readers_pass_over_may_stay(tmp_path: Path) -> None:
    (tmp_path / ".DS_Store").write_text("")
    (tmp_path / "_SUCCESS").write_text("")
    assert len(write_logs(CONFIG, tmp_path)) == 17


def test_logs_of_other_settings_can_be_kept(tmp_path: Path) -> None:
    paths = write_logs(CONFIG, tmp_path)
    before = [path.read_bytes() for path in paths]
    assert write_logs(CONFIG, tmp_path, replace=False) == paths
    with pytest.raises(InputError, match=r"2024-03-04\.parquet with other content \(17 in all"):
        write_logs(SimulatorConfig(lists=301), tmp_path, replace=False)
    assert [path.read_bytes() for path in paths] == before
    assert len(list(tmp_path.iterdir())) == 17


@pytest.mark.parametrize("files", [0, 18])
def test_a_number_of_files_out_of_range_is_refused(tmp_path: Path, files: int) -> None:
    with pytest.raises(InputError, match=f"expected 1 to 17.*found {files}"):
        write_logs(CONFIG, tmp_path, files=files)


def test_an_interrupted_run_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(config: SimulatorConfig) -> Iterator[pa.Table]:
        yield next(simulate(config))
        raise KeyboardInterrupt

    monkeypatch.setattr(logs, "simulate", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write_logs(CONFIG, tmp_path)
    assert list(tmp_path.iterdir()) == []
