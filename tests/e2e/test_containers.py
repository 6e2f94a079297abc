"""The image and the whole package of Kubeflow Pipelines, node by node, in containers.

`make containers` builds the image and starts these. They build on one another in their order: nodes
that fail and are killed and a run that goes on, then an unchanged one that only the cache answers.
"""

import json
from collections.abc import Iterator
from dataclasses import replace

import ml_metadata as mlmd
import pytest
import yaml
from ml_metadata.proto import metadata_store_pb2

from data.simulator import SimulatorConfig, write_logs
from pipeline.kubeflow.settings import task_name
from tests.e2e.containers import (
    GROUP,
    HARDENED,
    KILLED,
    MOUNT,
    KubeflowContainers,
    MetadataContainer,
    Podman,
    made_volume,
    podman,
)
from tests.e2e.running import NODES as RUN_NODES
from tests.e2e.running import definition

pytestmark = pytest.mark.thorough
NODES = (*RUN_NODES, "Baseline")
LISTS = 600
ROOT, LOGS = MOUNT / "market", MOUNT / "logs"
# As OpenShift starts containers: a user that the image does not know, of the group 0.
RANDOM_USER = "--user=1000660000:0"
STATES = metadata_store_pb2.Execution
LARGEST_IMAGE = 3.3e9


@pytest.fixture(scope="module")
def image(request: pytest.FixtureRequest) -> str:
    name = request.config.getoption("--podman-image")
    if name is None:
        pytest.skip("no image was given (--podman-image NAME); `make containers` builds one")
    return name


@pytest.fixture(scope="module")
def engine(image: str, tmp_path_factory: pytest.TempPathFactory) -> Podman:
    return Podman(image, made_volume(tmp_path_factory.mktemp("containers") / "volume"))


@pytest.fixture(scope="module")
def metadata(engine: Podman) -> Iterator[MetadataContainer]:
    server = MetadataContainer(engine, "seqmd-metadata")
    yield server
    server.stop()


@pytest.fixture(scope="module")
def kubeflow(engine: Podman, metadata: MetadataContainer) -> KubeflowContainers:
    """The package, which a container writes as well."""
    write_logs(SimulatorConfig(lists=LISTS), engine.volume / "logs")
    # The gates are not what is tried here; a model that they refused would not be pushed.
    market = definition(training={"epochs": 2}, evaluation={"gates": []})
    (engine.volume / "market.yaml").write_text(yaml.safe_dump(market))
    words = ("--dataset", MOUNT / "market.yaml", "--image", engine.image, "--input", LOGS)
    places = ("--metadata", metadata.address, "--output", MOUNT / "pipeline.yaml")
    written = engine.run("seqmd", "kubeflow", *words, *places)
    assert written.returncode == 0, written.stderr
    (engine.volume / "market.yaml").unlink()
    return KubeflowContainers(engine.volume / "pipeline.yaml", {}, engine)


@pytest.fixture
def store(metadata: MetadataContainer) -> mlmd.MetadataStore:
    host, port = metadata.address.removeprefix("grpc://").split(":")
    return mlmd.MetadataStore(
        metadata_store_pb2.MetadataStoreClientConfig(host=host, port=int(port))
    )


def states(store: mlmd.MetadataStore, run_id: str) -> list[int]:
    """The states of a run's executions, of which every node has one."""
    run = store.get_context_by_type_and_name("pipeline_run", run_id)
    return [one.last_known_state for one in store.get_executions_by_context(run.id)]


def test_the_image_is_small_has_no_headers_and_a_user_of_its_own(image: str) -> None:
    (found,) = json.loads(podman("image", "inspect", image).stdout)
    print(f"{found['Size'] / 1e9:.2f} GB")
    assert found["Size"] < LARGEST_IMAGE
    assert found["Config"]["User"] == "1000"


def test_a_user_that_the_image_does_not_know_runs_a_node(
    engine: Podman, kubeflow: KubeflowContainers
) -> None:
    hardened = replace(kubeflow, options=(*HARDENED, RANDOM_USER))
    pod = hardened.run_task("list-example-gen", "random-user", {"root": str(MOUNT / "openshift")})
    assert pod.code == 0, pod.log
    (records,) = engine.volume.glob("openshift/pipeline/ListExampleGen/examples/*/Split-train/*")
    assert (records.stat().st_uid, records.stat().st_gid) == (1000660000, GROUP)


def test_a_node_that_fails_ends_with_1_and_says_why(kubeflow: KubeflowContainers) -> None:
    values = {"root": str(ROOT), "input": str(MOUNT / "absent")}
    pod = kubeflow.run_task("list-example-gen", "failing", values)
    assert pod.code == 1
    *_, last = pod.log.splitlines()
    assert last.startswith("seqmd: ListExampleGen: ")
    assert str(MOUNT / "absent") in last


def test_a_run_completes_whose_trainer_is_killed(
    engine: Podman, kubeflow: KubeflowContainers, store: mlmd.MetadataStore
) -> None:
    values = {"root": str(ROOT)}
    codes = []

    def kill_trainer() -> None:
        begun = "market/pipeline/Trainer/model_run/*"
        codes.append(kubeflow.killed("trainer", "first", values, begun))

    pods = kubeflow.run("first", values, {"trainer": kill_trainer})
    assert codes == [KILLED]
    assert set(pods) == {task_name(node) for node in NODES}
    assert len(states(store, "first")) == len(NODES)
    assert set(states(store, "first")) <= {STATES.COMPLETE, STATES.CACHED}
    (pushed,) = engine.volume.glob("market/serving_model/*/saved_model.pb")
    assert (pushed.stat().st_uid, pushed.stat().st_gid) == (1000, GROUP)


def test_the_metadata_server_ends_on_sigterm_and_goes_on(metadata: MetadataContainer) -> None:
    assert metadata.stop() == 0
    metadata.start()


def test_the_cache_answers_a_second_run_in_hardened_containers(
    engine: Podman, kubeflow: KubeflowContainers, metadata: MetadataContainer
) -> None:
    before = sorted(engine.volume.glob("market/serving_model/*"))
    hardened = replace(kubeflow, options=HARDENED)
    pods = hardened.run("second", {"root": str(ROOT), "metadata": metadata.address})
    cached = {node for node in NODES if f"seqmd: {node}: cached" in pods[task_name(node)].screen}
    # It looks the last blessed model up in every run.
    assert set(NODES) - cached == {"Baseline"}
    assert sorted(engine.volume.glob("market/serving_model/*")) == before


def test_the_pushed_model_scores_in_the_image(engine: Podman) -> None:
    places = (
        "--model",
        ROOT / "serving_model",
        "--input",
        LOGS,
        "--output",
        MOUNT / "scores.parquet",
    )
    done = engine.run("seqmd", "score", *places, options=HARDENED)
    assert done.returncode == 0, done.stderr
    assert (engine.volume / "scores.parquet").stat().st_size > 0
