from pathlib import Path

import pytest

from pipeline.node_result import NodeResult, Output
from pipeline.pushed_version import (
    pushed_version,
    restore_push,
    told_of_serving,
    withdrawn_push,
)


def _pusher(artifact: Path, destination: Path | None) -> NodeResult:
    named = {"pushed_destination": str(destination)} if destination else {}
    return NodeResult("Pusher", 0.0, True, {"pushed_model": Output(str(artifact), named)})


def test_a_deleted_version_comes_back_whole(tmp_path: Path) -> None:
    artifact = tmp_path / "artifact"
    (artifact / "variables").mkdir(parents=True)
    (artifact / "variables" / "data").write_text("weights")
    version = tmp_path / "serving_model" / "7"
    assert restore_push(_pusher(artifact, version)) == str(version)
    assert (version / "variables" / "data").read_text() == "weights"
    assert [path.name for path in version.parent.iterdir()] == ["7"]
    assert restore_push(_pusher(artifact, version)) is None


def test_nothing_is_brought_back_where_nothing_was_pushed(tmp_path: Path) -> None:
    assert restore_push(_pusher(tmp_path, None)) is None


def test_a_withdrawn_version_stays_withdrawn(tmp_path: Path) -> None:
    withdrawn = tmp_path / "serving_model" / "withdrawn" / "7"
    withdrawn.mkdir(parents=True)
    pusher = _pusher(tmp_path, tmp_path / "serving_model" / "7")
    assert restore_push(pusher) is None
    assert withdrawn_push(pusher) == str(withdrawn)
    assert pushed_version(pusher) is None
    assert not (tmp_path / "serving_model" / "7").exists()
    withdrawn.rename(tmp_path / "serving_model" / "7")
    assert withdrawn_push(pusher) is None
    assert pushed_version(pusher) == str(tmp_path / "serving_model" / "7")


@pytest.mark.parametrize(
    ("before", "left", "own", "said"),
    [
        (None, [7], 7, None),
        (6, [6, 7], 7, None),
        (6, [6], None, None),
        (7, [6, 7], 7, None),
        (6, [5, 7], 7, "version 6 was withdrawn; version 7, which this run has pushed, is served"),
        (6, [5], None, "version 6 was withdrawn; version 5 is served."),
        (6, [], None, "version 6 was withdrawn; no version is served."),
        (6, [6], 7, "The pushed version was withdrawn and stays so: "),
        (6, [6, 7, 8], 7, "version 8 came on top, which this run has not pushed"),
    ],
)
def test_what_is_served_is_compared_with_before(
    tmp_path: Path, before: int | None, left: list[int], own: int | None, said: str | None
) -> None:
    for version in {*left, *([own] if own else [])}:
        folder = tmp_path if version in left else tmp_path / "withdrawn"
        (folder / str(version)).mkdir(parents=True)
        (folder / str(version) / "saved_model.pb").touch()
    pusher = _pusher(tmp_path, tmp_path / str(own) if own else None)
    told = told_of_serving(str(tmp_path), before, pusher)
    assert told == said if said is None else told and said in told
