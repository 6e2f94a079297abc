from pathlib import Path

import pyarrow.parquet as pq
import pytest

from data.loading import load_dataset
from data.simulator import SimulatorConfig, write_logs
from pipeline import cli


def simulate(folder: Path, *words: str) -> int:
    return cli.main(["simulate", "--lists", "30", "--output", str(folder), *words])


def contents(folder: Path) -> dict[Path, tuple[bytes, int]]:
    files = [path for path in folder.rglob("*") if path.is_file()]
    return {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in files}


def test_the_same_command_twice_changes_nothing(tmp_path: Path) -> None:
    assert simulate(tmp_path / "new" / "logs") == 0
    assert load_dataset(str(tmp_path / "new" / "logs.yaml")).name == "simulated"
    before = contents(tmp_path)
    assert simulate(tmp_path / "new" / "logs") == 0
    assert contents(tmp_path) == before


def test_lists_that_nobody_has_seen_yet_are_not_counted(
    tmp_path: Path, capsys: pytest.CaptureFixture
) -> None:
    assert simulate(tmp_path / "logs", "--late-feedback", "--seen-days", "5") == 0
    logs = pq.read_table(tmp_path / "logs", columns=["list_id"])
    lists = len(logs.column(0).unique())
    assert 0 < lists < 30
    assert f"Wrote {lists} lists to " in capsys.readouterr().out


@pytest.mark.parametrize(
    ("name", "words", "expected"),
    [
        ("logs/notes.txt", (), "notes.txt (1 in all)"),
        ("logs.yaml", (), "logs.yaml with other content"),
        (None, ("--seed", "2"), "with other content"),
        (None, ("--tasks", "2"), "logs.yaml with other content"),
    ],
)
def test_what_others_wrote_is_never_lost(
    tmp_path: Path,
    capsys: pytest.CaptureFixture,
    name: str | None,
    words: tuple[str, ...],
    expected: str,
) -> None:
    assert simulate(tmp_path / "logs") == 0
    if name:
        (tmp_path / name).write_text("mine")
    before = contents(tmp_path)
    assert simulate(tmp_path / "logs", *words) == 1
    error = capsys.readouterr().err
    assert "expected a new folder" in error
    assert expected in error
    assert contents(tmp_path) == before


def test_all_that_is_in_the_way_is_named_at_once(
    tmp_path: Path, capsys: pytest.CaptureFixture
) -> None:
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "notes.txt").write_text("mine")
    (tmp_path / "logs.yaml").write_text("mine")
    assert simulate(tmp_path / "logs") == 1
    error = capsys.readouterr().err
    assert "notes.txt" in error
    assert "logs.yaml with other content" in error
    assert len(contents(tmp_path)) == 2


def test_a_run_may_write_its_logs_again_with_another_simulator(tmp_path: Path) -> None:
    write_logs(SimulatorConfig(lists=30), tmp_path)
    assert write_logs(SimulatorConfig(lists=30, seed=2), tmp_path)


@pytest.mark.parametrize("place", [".", "..", "/"])
def test_a_folder_without_a_name_is_refused(
    place: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture,
) -> None:
    monkeypatch.chdir(tmp_path)
    assert simulate(Path(place)) == 1
    assert "--output: expected a folder by its name, found" in capsys.readouterr().err
    assert not contents(tmp_path)


def test_funnels_that_are_not_clean_are_asked_for_by_name(tmp_path: Path) -> None:
    assert simulate(tmp_path / "logs", "--skipped-steps") == 0
    assert not load_dataset(str(tmp_path / "logs.yaml")).actions_imply_previous


def test_listings_are_those_of_the_logs(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    logs = tmp_path / "my logs"
    assert simulate(logs, "--silent-sellers") == 0
    listings = load_dataset(str(tmp_path / "my logs.yaml")).listings
    assert listings is not None
    items = pq.read_table(listings.files[0])["item_id"]
    assert items.to_pylist() == pq.read_table(logs)["item_id"].to_pylist()
    assert f"seqmd run --dataset '{logs}.yaml' --input '{logs}'\n" in capsys.readouterr().out
