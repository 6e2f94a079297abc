from pathlib import Path

from pipeline.node_result import NodeResult, Output
from pipeline.pushed_version import pushed_version, restore_push, withdrawn_push


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
