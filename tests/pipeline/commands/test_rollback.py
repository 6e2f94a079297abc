from pathlib import Path

import pytest

from data.artifacts.model_folder import newest_version
from data.errors import InputError
from pipeline import cli
from pipeline.commands.rollback import roll_back


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """Three versions; 9 < 10 < 11 as numbers, not as texts."""
    folder = tmp_path / "serving_model"
    for version in ("9", "10", "11"):
        _push(folder, version)
    return folder


def _push(folder: Path, version: str) -> None:
    (folder / version / "variables").mkdir(parents=True)
    (folder / version / "saved_model.pb").write_text(version)


def _versions(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.glob("*"))


def test_the_version_before_is_served_and_the_bad_one_kept(
    model: Path, capsys: pytest.CaptureFixture
) -> None:
    assert cli.main(["rollback", "--model", str(model)]) == 0
    assert newest_version(model) == model / "10"
    assert (model / "withdrawn" / "11" / "saved_model.pb").read_text() == "11"
    shown = capsys.readouterr().out.splitlines()
    assert shown[0].split() == ["served", "before", "version", "11"]
    assert shown[1].split() == ["served", "now", "version", "10,", str(model / "10")]
    assert shown[2].split() == ["withdrawn", str(model / "withdrawn" / "11")]


def test_to_an_older_version_and_forward_again(model: Path) -> None:
    done = roll_back(model, 9)
    assert (done.before, done.now) == (11, 9)
    assert _versions(model) == ["9", "withdrawn"]
    assert _versions(model / "withdrawn") == ["10", "11"]
    # Asked for again, it changes nothing.
    assert roll_back(model, 9).withdrawn == ()
    assert roll_back(model, 10).now == 10
    assert newest_version(model) == model / "10"
    assert roll_back(model, 11).withdrawn == ()
    assert _versions(model) == ["10", "11", "9", "withdrawn"]


def test_one_rename_changes_what_is_served(model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    served = [newest_version(model).name]
    rename = Path.rename

    def watched(folder: Path, target: Path) -> Path:
        moved = rename(folder, target)
        served.append(newest_version(model).name)
        return moved

    monkeypatch.setattr(Path, "rename", watched)
    roll_back(model, 9)
    assert served == ["11", "11", "9"]
    roll_back(model, 10)
    roll_back(model, 9)
    assert served == ["11", "11", "9", "10", "9"]


def test_a_rollback_that_was_killed_goes_on(model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rename = Path.rename

    def killed(folder: Path, target: Path) -> Path:
        if folder.name == "11":
            raise KeyboardInterrupt
        return rename(folder, target)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "rename", killed)
        with pytest.raises(KeyboardInterrupt):
            roll_back(model, 9)
    assert newest_version(model) == model / "11"
    assert roll_back(model, 9).before == 11
    assert newest_version(model) == model / "9"
    assert _versions(model / "withdrawn") == ["10", "11"]


def test_a_push_that_never_became_whole_is_withdrawn_too(model: Path) -> None:
    (model / "12").mkdir()
    # A server would try to load 12 and fail; 11 is the last that it could load.
    done = roll_back(model, 11)
    assert (done.before, done.now) == (11, 11)
    assert done.withdrawn == (model / "withdrawn" / "12",)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["--to", "7"], "--to: expected one of the versions [9, 10, 11], found 7"),
        (["--model", "absent"], "--model: expected a pushed model, found none in absent"),
    ],
)
def test_what_cannot_be_served_is_refused(
    model: Path, words: list[str], expected: str, capsys: pytest.CaptureFixture
) -> None:
    assert cli.main(["rollback", "--model", str(model), *words]) == 1
    assert expected in capsys.readouterr().err
    assert _versions(model) == ["10", "11", "9"]


@pytest.mark.parametrize("text", ["abc", "-1", "1.5", "\uff11\uff10"])
def test_what_is_no_version_is_refused(
    model: Path, text: str, capsys: pytest.CaptureFixture
) -> None:
    with pytest.raises(SystemExit, match="1"):
        cli.main(["rollback", "--model", str(model), f"--to={text}"])
    assert f"expected the number of a version, found {text!r}" in capsys.readouterr().err


def test_the_only_version_is_not_withdrawn(tmp_path: Path) -> None:
    _push(tmp_path, "3")
    with pytest.raises(InputError, match=f"to go back to, found 3 alone in {tmp_path}"):
        roll_back(tmp_path)
    with pytest.raises(InputError, match="expected a folder of versions"):
        roll_back(tmp_path / "3")
    assert _versions(tmp_path) == ["3"]


def test_a_version_that_is_there_twice_is_not_overwritten(model: Path) -> None:
    _push(model / "withdrawn", "11")
    with pytest.raises(InputError, match="keep one of the two"):
        roll_back(model)
    assert newest_version(model) == model / "11"


def test_digits_that_servers_do_not_know_are_no_version(model: Path) -> None:
    _push(model, "\uff19\uff19")  # int() reads 99.
    _push(model / "withdrawn", "../../outside/12")
    assert newest_version(model) == model / "11"
    with pytest.raises(InputError, match=r"expected one of the versions \[9, 10, 11\], found 12"):
        roll_back(model, to=12)
