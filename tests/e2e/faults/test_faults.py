"""One run that is killed, or runs out of disk, in every component in turn, over one folder."""

import json
import shutil
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import ml_metadata as mlmd
import pytest
from ml_metadata.proto import metadata_store_pb2

from pipeline.beam_workers import DIED
from pipeline.metadata_address import metadata_connection
from tests import processes
from tests.e2e.faults.dying import TORN_MODEL, TORN_OFF
from tests.e2e.running import EPOCHS, Marketplace
from tests.warm import ROOT

pytestmark = pytest.mark.thorough

Step = dict[str, Any]

BEFORE_TRAINING = (
    "ListExampleGen",
    "RegionStatistics",
    "StatisticsGen",
    "SchemaGen",
    "ExampleValidator",
    "RegionSplit",
)
KILLS = [
    *({"node": node, "within": "write"} for node in BEFORE_TRAINING),
    {"node": "Transform", "within": "write", "longest": TORN_MODEL},
    {"node": "Trainer", "within": "checkpoint"},
    {"node": "Trainer", "within": "export"},
    {"node": "Baseline", "within": "resolving"},
    {"node": "Evaluator", "within": "write"},
    {"node": "Pusher", "within": "push"},
    # After the version is there, before ML Metadata knows of it.
    {"node": "Pusher", "within": "telling"},
    {"node": "Diagnostics", "within": "write"},
]
# Where a write was torn off; elsewhere none was.
PLACES = {
    "checkpoint": "checkpoints/",
    "write": "pipeline/{node}/",
    "export": "pipeline/{node}/",
    "push": "serving_model/.",
}
# It copies the model to the system's folder for temporary files first.
TEMPORARY_FIRST = "Evaluator"
FULL_DISKS = ("Trainer", "Evaluator", "Pusher")


def small_disks() -> bool:
    """Whether this process may mount a disk of its own in memory."""
    command = ["unshare", "-rm", "mount", "-t", "tmpfs", "none", "/mnt"]
    return bool(shutil.which("unshare")) and not processes.run(command).returncode


def steps() -> Iterator[Step]:
    full = FULL_DISKS if small_disks() else ()
    before = ""
    yield {"fault": "worker", **KILLS[0]}
    for kill in KILLS:
        if kill["node"] in full and kill["node"] != before:
            yield {"fault": "disk", "node": kill["node"]}
        before = kill["node"]
        yield {"fault": "kill", **kill}
    yield {"fault": "other run"}
    yield {"fault": "lock", "node": "Diagnostics"}
    yield {}


class Disturbed:
    """What came of the disturbed runs and of an undisturbed one."""

    def __init__(self, folder: Path, market: Marketplace) -> None:
        self.undisturbed = market.first_run()
        (folder / "steps.json").write_text(json.dumps(list(steps())))
        output, found = folder / "disturbed", folder / "found.json"
        words = ["run", "--dataset", market.definition, "--input", market.logs, "--output", output]
        driver = ["-m", "tests.e2e.faults.disturbed", folder / "steps.json", output, found, *words]
        own_mounts = ["unshare", "-rm"] if small_disks() else []
        done = processes.run(
            [*own_mounts, sys.executable, *map(str, driver)],
            cwd=ROOT,
        )
        assert done.returncode == 0, done.stderr[-3000:]
        kept = folder / "disturbed-kept"
        self.output = kept if kept.exists() else output
        self.steps: list[Step] = json.loads(found.read_text())

    def of(self, fault: str) -> list[Step]:
        """The steps with a fault of that kind."""
        return [step for step in self.steps if step.get("fault") == fault]

    def store(self) -> mlmd.MetadataStore:
        return mlmd.MetadataStore(metadata_connection(str(self.output / "metadata.sqlite")))


@pytest.fixture(scope="module")
def disturbed(marketplace: Marketplace, tmp_path_factory: pytest.TempPathFactory) -> Disturbed:
    return Disturbed(tmp_path_factory.mktemp("faults"), marketplace)


@pytest.fixture
def survived(disturbed: Disturbed) -> Disturbed:
    """What counts as a fault that was survived: the last run has an undisturbed one's result."""
    check_result(disturbed)
    check_nothing_half_written(disturbed)
    return disturbed


@pytest.mark.reliability("fault")
def test_a_process_killed_in_any_component(
    survived: Disturbed, record_property: Callable[[str, object], None]
) -> None:
    kills = survived.of("kill")
    for step in kills:
        place = PLACES.get(step["within"], "").format(node=step["node"])
        assert step["code"] == (TORN_OFF if place else -signal.SIGKILL), step["screen"]
        if place and step["node"] == TEMPORARY_FIRST:
            assert step["torn_temporary"], step
        elif place:
            assert any(torn.startswith(place) for torn in step["torn"]), step
    pushed = len(kills) - 2
    for step in kills[:pushed]:
        assert step["versions"] == [], "a version was seen before it was whole"
    for step in kills[pushed:]:
        assert len(step["versions"]) == 1
        assert step["versions"] == step["whole"]
    record_property("tried", len(kills))
    record_property("outcome", "completed by the next run, with the undisturbed run's metrics")


@pytest.mark.reliability("fault")
def test_a_worker_process_of_beam_killed(
    survived: Disturbed, record_property: Callable[[str, object], None]
) -> None:
    [step] = survived.of("worker")
    assert step["code"] == 1
    assert f"BeamWorkerError: {DIED}" in " ".join(step["screen"].split())
    assert "Traceback" not in step["screen"]
    # The process that lived on has cleared what the worker had begun.
    assert step["torn"] == []
    record_property("tried", 1)
    record_property("outcome", "one clear error; completed by the next run")


def test_training_goes_on_from_its_last_epoch(disturbed: Disturbed) -> None:
    in_training, in_export = (step for step in disturbed.of("kill") if step["node"] == "Trainer")
    assert in_training["checkpoints"] == 1
    assert f"epoch 1/{EPOCHS}" not in in_export["screen"]
    assert f"epoch {EPOCHS}/{EPOCHS}" in in_export["screen"]


@pytest.mark.reliability("fault")
def test_a_full_disk(survived: Disturbed, record_property: Callable[[str, object], None]) -> None:
    found = survived.of("disk")
    if not found:
        pytest.skip("no disk of its own can be mounted here: unshare or its rights are missing")
    for step in found:
        assert step["code"] == 1
        assert "no space left on the disk" in step["screen"]
        assert "Traceback" not in step["screen"]
        assert step["versions"] == []
        assert not step["summary"]
    record_property("tried", len(found))
    record_property("outcome", "a clear message; completed by the next run once there is space")


@pytest.mark.reliability("fault")
def test_metadata_locked_by_another_run_or_program(
    survived: Disturbed, record_property: Callable[[str, object], None]
) -> None:
    [other], [locked] = survived.of("other run"), survived.of("lock")
    assert other["code"] == 1
    assert "expected a folder that no run is at work in" in other["screen"]
    assert locked["code"] == 0
    record_property("tried", 2)
    record_property("outcome", "another run is refused; another program is waited for")


def check_result(disturbed: Disturbed) -> None:
    last = disturbed.steps[-1]
    assert last["code"] == disturbed.undisturbed.code == 0
    expected = disturbed.undisturbed.summary
    found = json.loads((disturbed.output / "summary.json").read_text())
    assert found["counts"] == expected["counts"]
    for name in ("country", "dependent", "invariant"):
        assert found["region_split"][name] == expected["region_split"][name]
    assert found["metrics"]["slices"] == approximately(expected["metrics"]["slices"])
    assert len(last["versions"]) == 1
    assert {one["cached"] for node, one in found["components"].items() if node != "Baseline"} == {
        True
    }


def approximately(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: approximately(one) for name, one in value.items()}
    if isinstance(value, list):
        return [approximately(one) for one in value]
    return pytest.approx(value, abs=1e-6) if isinstance(value, float) else value


def check_nothing_half_written(disturbed: Disturbed) -> None:
    store, states = disturbed.store(), metadata_store_pb2.Execution
    done = {states.COMPLETE, states.CACHED}
    executions = store.get_executions()
    assert {one.last_known_state for one in executions} == {*done, states.FAILED}
    complete = [one.id for one in executions if one.last_known_state in done]
    events = store.get_events_by_execution_ids(complete)
    made = {one.artifact_id for one in events if one.type == metadata_store_pb2.Event.OUTPUT}
    live = {
        one.id for one in store.get_artifacts() if one.state == metadata_store_pb2.Artifact.LIVE
    }
    assert live <= made
    failed = {str(one.id) for one in executions if one.last_known_state == states.FAILED}
    left = {path.name for path in disturbed.output.glob("pipeline/*/*/*") if path.is_dir()}
    assert not failed & left
    assert not list(disturbed.output.glob("serving_model/.*"))
