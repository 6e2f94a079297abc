import shutil
from pathlib import Path

import ml_metadata as mlmd
import pytest
from tfx import v1 as tfx
from tfx.utils import dependency_utils

from pipeline.artifact_store import forget_lost_artifacts
from pipeline.beam_runner import beam_arguments
from pipeline.local_runner import run_locally
from pipeline.node_launcher import compile_run, launch_node
from pipeline.node_result import NodeResult


@tfx.dsl.components.component
def Stamp(  # noqa: N802 - components are named as classes
    text: tfx.dsl.components.Parameter[str],
    stamped: tfx.dsl.components.OutputArtifact[tfx.types.standard_artifacts.String],
) -> None:
    if text == "broken":
        raise ValueError("a stamp that breaks")
    stamped.value = text


class Seen:
    def __init__(self) -> None:
        self.lines: list[str] = []

    def node_started(self, node: str) -> None:
        self.lines.append(f"{node} starts")

    def node_finished(self, result: NodeResult) -> None:
        self.lines.append(f"{result.node} {'cached' if result.cached else 'done'}")


def pipeline_of(folder: Path, text: str) -> tfx.dsl.Pipeline:
    connection = tfx.orchestration.metadata.sqlite_metadata_connection_config
    return tfx.dsl.Pipeline(
        pipeline_name="stamps",
        pipeline_root=str(folder / "root"),
        components=[Stamp(text=text)],
        enable_cache=True,
        metadata_connection_config=connection(str(folder / "metadata.sqlite")),
    )


def test_runs_then_answers_from_the_cache_with_the_first_outputs(tmp_path: Path) -> None:
    first, second = Seen(), Seen()
    done = run_locally(pipeline_of(tmp_path, "red"), first)["Stamp"]
    again = run_locally(pipeline_of(tmp_path, "red"), second)["Stamp"]
    assert first.lines == ["Stamp starts", "Stamp done"]
    assert second.lines == ["Stamp starts", "Stamp cached"]
    assert again.outputs["stamped"].uri == done.outputs["stamped"].uri
    assert Path(again.outputs["stamped"].uri).read_text() == "red"


def test_what_was_deleted_is_made_again(tmp_path: Path) -> None:
    uri = run_locally(pipeline_of(tmp_path, "red"), Seen())["Stamp"].outputs["stamped"].uri
    shutil.rmtree(tmp_path / "root")
    seen = Seen()
    again = run_locally(pipeline_of(tmp_path, "red"), seen)["Stamp"].outputs["stamped"].uri
    assert seen.lines == ["Stamp starts", "Stamp done"]
    assert again != uri
    assert Path(again).read_text() == "red"


def test_a_node_that_had_succeeded_in_a_run_whose_artifacts_are_gone_runs_again(
    tmp_path: Path,
) -> None:
    """As a container does that is started again with the id of its run."""
    pipeline = pipeline_of(tmp_path, "red")
    connection = pipeline.metadata_connection_config

    def launched() -> NodeResult:
        forget_lost_artifacts(mlmd.MetadataStore(connection), "stamps")
        compiled = compile_run(pipeline, "one")
        return launch_node(compiled, compiled.nodes[0].pipeline_node, connection)

    first = launched()
    assert launched().outputs == first.outputs
    Path(first.outputs["stamped"].uri).unlink()
    again = launched()
    assert Path(again.outputs["stamped"].uri).read_text() == "red"
    started = Path(again.outputs["stamped"].uri).stat().st_mtime_ns
    assert launched().outputs == again.outputs
    assert Path(again.outputs["stamped"].uri).stat().st_mtime_ns == started


def test_a_failure_is_raised_and_leaves_no_output(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="a stamp that breaks"):
        run_locally(pipeline_of(tmp_path, "broken"), Seen())
    assert not list((tmp_path / "root").rglob("stamped/*/value"))


def test_tfx_packs_nothing_for_workers_in_this_process() -> None:
    flags = beam_arguments("direct", ())
    assert dependency_utils.make_beam_dependency_flags(flags) == flags
