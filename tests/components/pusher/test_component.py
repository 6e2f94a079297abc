from pathlib import Path

import pytest
from tfx.proto import pusher_pb2
from tfx.types import standard_artifacts
from tfx.utils import proto_utils

from components.pusher.component import Executor


@pytest.mark.parametrize("blessed", [True, False])
def test_a_blessed_model_is_pushed_and_kept(tmp_path: Path, blessed: bool) -> None:
    model, blessing, pushed = (
        standard_artifacts.Model(),
        standard_artifacts.ModelBlessing(),
        standard_artifacts.PushedModel(),
    )
    for artifact, name in ((model, "model"), (blessing, "blessing"), (pushed, "pushed")):
        artifact.uri = str(tmp_path / name)
    exported = tmp_path / "model" / "Format-Serving"
    exported.mkdir(parents=True)
    (exported / "saved_model.pb").write_text("graph")
    blessing.set_int_custom_property("blessed", int(blessed))
    destination = pusher_pb2.PushDestination()
    destination.filesystem.base_directory = str(tmp_path / "serving")
    Executor().Do(
        {"model": [model], "model_blessing": [blessing]},
        {"pushed_model": [pushed]},
        {"push_destination": proto_utils.proto_to_json(destination)},
    )
    assert pushed.get_int_custom_property("pushed") == blessed
    versions = list(tmp_path.glob("serving/*"))
    assert len(versions) == blessed
    for version in versions:
        assert (version / "saved_model.pb").read_text() == "graph"
        assert pushed.get_string_custom_property("pushed_destination") == str(version)
        assert pushed.get_string_custom_property("pushed_version") == version.name
        assert (tmp_path / "pushed" / "saved_model.pb").read_text() == "graph"
