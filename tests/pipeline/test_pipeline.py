"""How the nodes are wired."""

from pathlib import Path

from pipeline.code_version import code_version, libraries_version
from pipeline.config import load_config
from pipeline.locations import Folders, Inputs
from pipeline.metadata_address import metadata_connection
from pipeline.pipeline import create_data_pipeline, create_pipeline
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


def test_a_search_prepares_logs_by_the_nodes_of_a_run(tmp_path: Path) -> None:
    """So the cache of one answers the other."""
    logs = tmp_path / "logs.csv"
    logs.write_text("list_id\n1\n")
    words = (
        load_config("simulated"),
        Inputs(logs=(str(logs),)),
        Folders(str(tmp_path)),
        (),
        metadata_connection(str(tmp_path / "metadata.sqlite")),
    )
    whole = {node.id: node.exec_properties for node in create_pipeline(*words).components}
    pipeline, fingerprint = create_data_pipeline(*words)
    data = {node.id: node.exec_properties for node in pipeline.components}
    assert list(data) == list(whole)[: len(data)]
    assert list(whole)[len(data)] == "Trainer"
    assert data == {name: whole[name] for name in data}
    assert fingerprint == whole["ListExampleGen"]["input_fingerprint"]
