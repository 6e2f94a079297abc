"""Every container of a package, in its order, over ML Metadata by gRPC, as a cluster runs it.

The tests of this file build on one another in their order: a run that is disturbed and goes on,
then an unchanged one.
"""

from collections.abc import Callable, Iterator
from pathlib import Path

import ml_metadata as mlmd
import pytest
import yaml
from ml_metadata.proto import metadata_store_pb2

from data.simulator import write_logs
from pipeline.kubeflow.settings import task_name
from pipeline.metadata_address import metadata_connection
from tests.e2e.faults.dying import TORN_OFF
from tests.e2e.running import NODES as RUN_NODES
from tests.e2e.running import SIMULATED, definition, seqmd
from tests.kubeflow_pods import Kubeflow
from tests.metadata_server import metadata_server

NODES = (*RUN_NODES, "Baseline")
pytestmark = pytest.mark.thorough
STATES = metadata_store_pb2.Execution


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("kubeflow")


@pytest.fixture(scope="module")
def address(folder: Path) -> Iterator[str]:
    with metadata_server(folder / "metadata.sqlite") as address:
        yield address


@pytest.fixture(scope="module")
def kubeflow(folder: Path, address: str) -> Kubeflow:
    market = folder / "market.yaml"
    # The gates are not what is tried here; a model that they refused would not be pushed.
    market.write_text(yaml.safe_dump(definition(training={"epochs": 2}, evaluation={"gates": []})))
    write_logs(SIMULATED, folder / "logs")
    package = folder / "pipeline.yaml"
    words = ("--dataset", market, "--image", "seqmd:test", "--output", package)
    done = seqmd("kubeflow", *words, "--input", folder / "logs")
    assert done.returncode == 0, done.stderr
    market.unlink()
    host, port = address.removeprefix("grpc://").split(":")
    return Kubeflow(
        package, {"METADATA_GRPC_SERVICE_HOST": host, "METADATA_GRPC_SERVICE_PORT": port}
    )


@pytest.fixture(scope="module")
def values(folder: Path) -> dict[str, str]:
    return {"root": str(folder / "output")}


@pytest.fixture
def store(address: str) -> mlmd.MetadataStore:
    return mlmd.MetadataStore(metadata_connection(address))


def executions(store: mlmd.MetadataStore, run_id: str) -> dict[str, list[STATES]]:
    """Executions of a run by node."""
    run = store.get_context_by_type_and_name("pipeline_run", run_id)
    found: dict[str, list[STATES]] = {}
    for execution in store.get_executions_by_context(run.id):
        contexts = store.get_contexts_by_execution(execution.id)
        names = {context.name.rsplit(".", 1)[-1] for context in contexts}
        (node,) = names & set(NODES)
        found.setdefault(node, []).append(execution)
    return found


def inputs_of(store: mlmd.MetadataStore, execution: STATES) -> set[int]:
    events = store.get_events_by_execution_ids([execution.id])
    return {one.artifact_id for one in events if one.type == metadata_store_pb2.Event.INPUT}


def test_a_node_that_is_started_before_its_inputs_fails(
    kubeflow: Kubeflow, values: dict[str, str], store: mlmd.MetadataStore
) -> None:
    pod = kubeflow.run_task("statistics-gen", "first", values)
    assert pod.code == 1
    assert "seqmd: StatisticsGen: " in pod.log
    assert "inputs did not resolve" in pod.log
    (execution,) = executions(store, "first")["StatisticsGen"]
    assert execution.last_known_state == STATES.FAILED


@pytest.mark.reliability("fault")
def test_a_disturbed_run_completes_every_node(
    kubeflow: Kubeflow,
    values: dict[str, str],
    store: mlmd.MetadataStore,
    folder: Path,
    record_property: Callable[[str, object], None],
) -> None:
    output = folder / "output"

    def schema_gen_fails() -> None:
        in_the_way = output / "pipeline" / "SchemaGen" / "schema"
        in_the_way.parent.mkdir(parents=True)
        in_the_way.write_text("a file where a folder should be")
        pod = kubeflow.run_task("schema-gen", "first", values)
        assert pod.code == 1
        assert "seqmd: SchemaGen: " in pod.log
        in_the_way.unlink()

    def trainer_is_killed() -> None:
        pod = kubeflow.run_task(
            "trainer", "first", values, "tests.e2e.faults.dying:run_node_that_dies_in_training"
        )
        assert pod.code == TORN_OFF
        (execution,) = executions(store, "first")["Trainer"]
        assert execution.last_known_state == STATES.RUNNING
        (leftovers,) = output.glob(f"pipeline/Trainer/model_run/{execution.id}")
        (leftovers / "half-written").write_text("")

    pods = kubeflow.run(
        "first", values, {"schema-gen": schema_gen_fails, "trainer": trainer_is_killed}
    )
    assert set(pods) == {task_name(node) for node in NODES}
    found = executions(store, "first")
    assert {node: len(several) for node, several in found.items()} == dict.fromkeys(NODES, 1)
    assert {one.last_known_state for (one,) in found.values()} <= {STATES.COMPLETE, STATES.CACHED}
    # The cache never answers a Resolver.
    cacheable = [one for node, (one,) in found.items() if node != "Baseline"]
    assert all(one.custom_properties["code_version"].string_value for one in cacheable)
    assert not list(output.rglob("half-written"))
    assert list((output / "serving_model").glob("*/saved_model.pb"))
    record_property("what", "containers of Kubeflow Pipelines: one fails, one is killed")
    record_property("tried", 2)
    record_property("outcome", "each completes when it is started again, nothing half-written left")


def test_a_node_that_came_too_early_is_linked_to_its_inputs(
    kubeflow: Kubeflow, store: mlmd.MetadataStore
) -> None:
    found = executions(store, "first")
    examples = {
        event.artifact_id
        for event in store.get_events_by_execution_ids([found["ListExampleGen"][0].id])
    }
    assert inputs_of(store, found["StatisticsGen"][0]) == (
        inputs_of(store, found["RegionStatistics"][0])
    )
    assert inputs_of(store, found["StatisticsGen"][0]) < examples


def test_a_node_that_has_succeeded_in_the_run_stays_as_it_is(
    kubeflow: Kubeflow, values: dict[str, str], store: mlmd.MetadataStore
) -> None:
    before = store.get_artifacts()
    pod = kubeflow.run_task("example-validator", "first", values)
    assert pod.code == 0
    assert len(executions(store, "first")["ExampleValidator"]) == 1
    assert len(store.get_artifacts()) == len(before)


def test_a_second_run_is_answered_from_the_cache(
    kubeflow: Kubeflow, values: dict[str, str], store: mlmd.MetadataStore, folder: Path
) -> None:
    before = {artifact.id for artifact in store.get_artifacts()}
    versions = sorted((folder / "output" / "serving_model").iterdir())
    pods = kubeflow.run("second", values)
    cached = {node for node in NODES if f"seqmd: {node}: cached" in pods[task_name(node)].screen}
    # It looks the last blessed model up in every run.
    assert set(NODES) - cached == {"Baseline"}
    assert {artifact.id for artifact in store.get_artifacts()} == before
    assert sorted((folder / "output" / "serving_model").iterdir()) == versions
