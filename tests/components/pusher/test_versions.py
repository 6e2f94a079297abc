import errno
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from components.pusher import versions
from components.pusher.versions import place_whole, push, served_version


@pytest.fixture
def model(tmp_path: Path) -> Path:
    return write_model(tmp_path / "model", "weights")


def write_model(folder: Path, weights: str) -> Path:
    (folder / "variables").mkdir(parents=True)
    (folder / "saved_model.pb").write_text("graph")
    (folder / "variables" / "data").write_text(weights)
    return folder


def content(folder: Path) -> dict[str, str]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.read_text() for path in files}


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    def set_clock(seconds: float) -> None:
        monkeypatch.setattr(versions.time, "time", lambda: seconds)

    return set_clock


class KilledError(BaseException):
    """Stands for SIGKILL: nothing of the process runs after it."""


def kill_at(monkeypatch: pytest.MonkeyPatch, owner: Any, name: str, call: int) -> None:
    """Ends the process instead of the given call of a function, counted from 1."""
    original, calls = getattr(owner, name), []

    def counted(*arguments: Any, **options: Any) -> Any:
        calls.append(arguments)
        if len(calls) == call:
            raise KilledError
        return original(*arguments, **options)

    monkeypatch.setattr(owner, name, counted)


def test_a_model_becomes_the_highest_version(
    tmp_path: Path, model: Path, at: Callable[[float], None]
) -> None:
    folder = tmp_path / "serving"
    at(100.7)
    assert push(str(model), str(folder)) == 100
    assert content(folder / "100") == content(model)
    assert names(folder) == ["100"]


def test_two_models_of_one_second_are_two_versions(
    tmp_path: Path, model: Path, at: Callable[[float], None]
) -> None:
    """TFX's own Pusher left the second one out, and recorded it as pushed."""
    other, folder = write_model(tmp_path / "other", "better"), tmp_path / "serving"
    at(100)
    assert [push(str(one), str(folder)) for one in (model, other)] == [100, 101]
    assert content(folder / "101") == content(other)


def test_a_clock_that_went_back_and_withdrawn_versions_hide_no_new_model(
    tmp_path: Path, model: Path, at: Callable[[float], None]
) -> None:
    folder = tmp_path / "serving"
    for version in ("7", "withdrawn/200"):
        write_model(folder / version, "old")
    at(100)
    assert push(str(model), str(folder)) == 201


# A copy opens two files; each kill leaves another part of the model.
@pytest.mark.reliability("fault")
def test_a_push_that_is_killed_shows_no_version_and_is_done_again(
    tmp_path: Path,
    model: Path,
    at: Callable[[float], None],
    monkeypatch: pytest.MonkeyPatch,
    record_property: Callable[[str, object], None],
) -> None:
    folder = tmp_path / "serving"
    places = [(versions.io_utils.fileio, "copy", 1), (versions.io_utils.fileio, "copy", 2)]
    places += [(os, "fsync", 1), (os, "fsync", 3), (Path, "rename", 1)]
    for second, (owner, name, call) in enumerate(places, 100):
        at(second)
        with monkeypatch.context() as patch:
            kill_at(patch, owner, name, call)
            with pytest.raises(KilledError):
                push(str(model), str(folder))
        assert [name.endswith(".partial") for name in names(folder)] == [True]
    at(200)
    assert push(str(model), str(folder)) == 200
    assert names(folder) == ["200"]
    assert content(folder / "200") == content(model)
    record_property("tried", len(places))
    record_property("outcome", "no version was seen before it was whole; pushed by the next try")


def test_a_model_that_was_pushed_before_the_kill_is_not_pushed_twice(
    tmp_path: Path, model: Path, at: Callable[[float], None]
) -> None:
    folder = tmp_path / "serving"
    at(100)
    push(str(model), str(folder))
    at(300)
    assert push(str(model), str(folder)) == 100
    assert names(folder) == ["100"]
    (model / "variables" / "data").write_text("WEIGHTS")
    assert push(str(model), str(folder)) == 300


def test_a_push_within_another_push_takes_the_next_number_and_leaves_the_other_whole(
    tmp_path: Path, model: Path, at: Callable[[float], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both saw the same versions: the second push runs whole between the first's last steps."""
    other, folder = write_model(tmp_path / "other", "better"), tmp_path / "serving"
    at(100)
    rename, found = Path.rename, []

    def late(partial: Path, place: Path) -> Path:
        if not found:
            found.append(0)
            found.append(push(str(other), str(folder)))
        return rename(partial, place)

    monkeypatch.setattr(Path, "rename", late)
    assert push(str(model), str(folder)) == 101
    assert found == [0, 100]
    assert content(folder / "100") == content(other)
    assert content(folder / "101") == content(model)
    assert names(folder) == ["100", "101"]


def test_pushes_of_several_processes_are_a_whole_version_each(tmp_path: Path) -> None:
    folder = tmp_path / "serving"
    models = [write_model(tmp_path / f"model-{number}", str(number)) for number in range(8)]
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda model: push(str(model), str(folder)), models))
    assert names(folder) == sorted(map(str, found))
    assert [content(folder / str(version)) for version in found] == [
        content(model) for model in models
    ]


def test_a_version_that_another_process_brought_back_stays(tmp_path: Path, model: Path) -> None:
    version = write_model(tmp_path / "serving" / "7", "there")
    place_whole(str(model), str(version))
    assert content(version)["variables/data"] == "there"
    assert names(version.parent) == ["7"]


def test_a_push_that_fails_leaves_nothing(
    tmp_path: Path, model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: Path) -> None:
        raise OSError(errno.ENOSPC, "no space left on device")

    monkeypatch.setattr(versions, "sync", full)
    with pytest.raises(OSError, match="no space left"):
        push(str(model), str(tmp_path / "serving"))
    assert names(tmp_path / "serving") == []


def test_in_an_object_store_the_file_that_makes_it_loadable_comes_last(
    model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written: list[str] = []
    copy = versions.io_utils.fileio.copy

    def recorded(source: str, target: str, **options: Any) -> None:
        written.append(Path(target).name)
        copy(source, target, **options)

    monkeypatch.setattr(versions.io_utils.fileio, "copy", recorded)
    # TensorFlow's own store in memory.
    version = "ram://bucket/7"
    place_whole(str(model), version)
    assert written == ["data", "saved_model.pb"]
    with versions.fileio.open(f"{version}/variables/data") as file:
        assert file.read() == "weights"


def test_digits_of_other_scripts_are_no_version(model: Path, tmp_path: Path) -> None:
    far = str(10**10)
    write_model(tmp_path / "versions" / far.replace("1", "\uff11"), "other")
    assert push(str(model), str(tmp_path / "versions")) < int(far)


def test_the_highest_whole_version_is_served(tmp_path: Path) -> None:
    assert served_version(str(tmp_path / "nowhere")) is None
    for folder in ("5", "6", "withdrawn/9"):
        (tmp_path / folder).mkdir(parents=True)
        (tmp_path / folder / "saved_model.pb").touch()
    (tmp_path / "7").mkdir()
    assert served_version(str(tmp_path)) == 6
    (tmp_path / "6" / "saved_model.pb").unlink()
    assert served_version(str(tmp_path)) == 5
