"""How the nodes are wired."""

from pathlib import Path

import pytest

from data.errors import InputError
from data.loading import load_definition
from pipeline.code_version import code_version, libraries_version
from pipeline.config import config_from, load_config
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
    others = ("StatisticsGen", "SchemaGen")
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


def test_listings_are_filled_before_lists_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("listings.csv", "taxonomy.json", "logs.csv"):
        Path(name).write_text('{"mug": {"colour": ["red"]}}')
    section = {"files": "listings.csv", "taxonomy": "taxonomy.json", "attributes": ["colour"]}
    definition = {**load_definition("simulated"), "item": "item_id", "listings": section}
    words = (
        config_from(definition, "simulated"),
        Inputs(logs=(str(tmp_path / "logs.csv"),)),
        Folders(str(tmp_path)),
        (),
        metadata_connection(str(tmp_path / "metadata.sqlite")),
    )
    pipeline, fingerprint = create_data_pipeline(*words)
    nodes = {node.id: node for node in pipeline.components}
    assert list(nodes)[:2] == ["AttributeFill", "ListExampleGen"]
    assert [node.id for node in nodes["ListExampleGen"].upstream_nodes] == ["AttributeFill"]
    found = nodes["AttributeFill"].exec_properties
    names = ("components.attribute_fill.executor", "models.attributes.item_filling.fill_items")
    assert found["code_version"] == f"{code_version(*names)}-{libraries_version()}"
    # Relative paths are those of the folder that the command is called in.
    assert f'"taxonomy":"{tmp_path}/taxonomy.json"' in found["listings"]
    # A search goes on only where listings and logs are as they were.
    Path("taxonomy.json").write_text('{"mug": {"colour": ["blue"]}}')
    assert create_data_pipeline(*words)[1] != fingerprint
    Path("taxonomy.json").unlink()
    with pytest.raises(InputError, match=r"taxonomy\.json: cannot be opened"):
        create_data_pipeline(*words)
