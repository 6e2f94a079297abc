from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import tensorflow as tf

from data.errors import InputError
from data.files import below, check_plain, expanded, files_in, whole_file, write_whole

# Names that a pattern would take for other files, or for none.
ODD = ("r?n", "out [1]", "a*b", "[!a]", "{a,b}", "back\\slash", "~")


def test_a_bucket_keeps_its_scheme() -> None:
    assert (
        below("gs://bucket/run", "assets.extra", "a.yaml") == "gs://bucket/run/assets.extra/a.yaml"
    )
    assert below("gs://bucket/run/", "a") == "gs://bucket/run/a"


def test_a_folder_on_disk() -> None:
    assert below("/tmp/run", "a") == "/tmp/run/a"


@pytest.mark.parametrize("name", ODD)
def test_names_are_not_patterns(name: str, tmp_path: Path) -> None:
    for folder in (name, "ran", "out 1", "aab", "b"):
        write_whole(tmp_path / folder / f"{name}-1", folder)
        write_whole(tmp_path / folder / "below" / f"{name}-1", "")
        write_whole(tmp_path / folder / "other", "")
    found = files_in(str(tmp_path / name), f"{name}-")
    assert found == [f"{tmp_path}/{name}/{name}-1"]
    assert Path(found[0]).read_text() == name


@pytest.mark.parametrize("place", ["disk", "ram://store"])
def test_files_of_a_folder_are_listed_in_order_without_hidden_ones(
    place: str, tmp_path: Path
) -> None:
    folder = below(place if "://" in place else str(tmp_path), "folder")
    for name in ("b.txt", "a.txt", ".hidden.txt", "a.csv", "deeper/c.txt"):
        write_whole(below(folder, name), name)
    assert files_in(folder, end=".txt") == [below(folder, "a.txt"), below(folder, "b.txt")]
    assert files_in(below(folder, "nowhere")) == []


def write_half(file: str) -> None:
    with whole_file(file) as partial, tf.io.gfile.GFile(partial, "w") as half:
        half.write("half")
        raise KeyboardInterrupt


@pytest.mark.parametrize("place", ["disk", "ram://failing"])
def test_a_writer_that_fails_leaves_what_was_there(place: str, tmp_path: Path) -> None:
    folder = place if "://" in place else str(tmp_path)
    file = below(folder, "a.txt")
    write_whole(file, "before")
    with pytest.raises(KeyboardInterrupt):
        write_half(file)
    with tf.io.gfile.GFile(file) as whole:
        assert whole.read() == "before"
    assert tf.io.gfile.listdir(folder) == ["a.txt"]


def test_nothing_is_seen_before_it_is_whole_and_two_writers_do_not_meet(tmp_path: Path) -> None:
    file = tmp_path / "a.txt"
    with whole_file(file) as first, whole_file(file) as second:
        Path(first).write_text("first")
        Path(second).write_text("second")
        assert not file.exists()
        assert files_in(str(tmp_path)) == []
    # The inner one ends first.
    assert file.read_text() == "first"
    assert [path.name for path in tmp_path.iterdir()] == ["a.txt"]


def test_a_file_is_written_in_another_folder_meanwhile(tmp_path: Path) -> None:
    with whole_file(tmp_path / "lists" / "a", aside=str(tmp_path / "aside")) as partial:
        Path(partial).write_text("whole")
        assert Path(partial).parent == tmp_path / "aside"
    assert (tmp_path / "lists" / "a").read_text() == "whole"


def test_where_to_write_meanwhile_is_no_relative_path_that_arrow_takes_for_a_uri(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with whole_file("my scores [1]/a.parquet") as partial:
        pq.write_table(pa.table({"a": [1]}), partial)
    assert pq.read_table(tmp_path / "my scores [1]" / "a.parquet").num_rows == 1


def test_half_a_surrogate_pair_is_written_as_a_question_mark(tmp_path: Path) -> None:
    write_whole(tmp_path / "a.txt", "brand \ud800 é")
    assert (tmp_path / "a.txt").read_text(encoding="utf-8") == "brand ? é"


def test_home_is_filled_in_at_the_start_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    assert expanded("~") == str(tmp_path)
    assert expanded("~/logs/*.csv") == f"{tmp_path}/logs/*.csv"
    for path in ("a/~", "./~/a", "/~", "gs://bucket/~/a", ""):
        assert expanded(path) == path


def test_a_home_of_nobody_is_named() -> None:
    with pytest.raises(InputError, match="~nobody-of-this-name/a: expected a home folder"):
        expanded("~nobody-of-this-name/a")


@pytest.mark.parametrize("path", ["/runs/out [1]", "/r?n/out", "/runs/*", "/a\\b", "gs://b/[x]"])
def test_a_folder_that_reads_as_a_pattern_is_refused(path: str) -> None:
    with pytest.raises(InputError, match=r"--output: expected a folder without \* \? \[ and"):
        check_plain(path, "--output")


@pytest.mark.parametrize("path", ["/runs/a b (1)]", "/ru,ns/{a}", "gs://bucket/run~1", "/é"])
def test_other_folders_are_taken(path: str) -> None:
    check_plain(path, "--output")
