"""How the nodes are wired."""

from pathlib import Path

from pipeline.code_version import code_version, libraries_version
from pipeline.config import load_config
from pipeline.locations import Folders, Inputs
from pipeline.metadata_address import metadata_connection
from pipeline.pipeline import create_pipeline
from tests.pipeline.test_code_version import NODES


def test_each_node_has_the_version_of_the_code_that_it_runs(tmp_path: Path) -> None:
    pipeline = create_pipeline(
        load_config("simulated"),
        Inputs(logs=("/nowhere",), serving_logs=("/nowhere",)),
        Folders(str(tmp_path)),
        (),
        metadata_connection(str(tmp_path / "metadata.sqlite")),
        input_fingerprint="",
    )
    found = {node.id: node.exec_properties.get("code_version") for node in pipeline.components}
    own = {node: code_version(*names) for node, names in NODES.items()}
    assert {node: found[node] for node in own} == {
        node: f"{version}-{libraries_version()}" for node, version in own.items()
    }
    others = ("StatisticsGen", "RegionStatistics", "SchemaGen")
    assert {found[node] for node in others} == {libraries_version()}
