"""What a run is compared with; tests/e2e and tests/components/evaluator run it in pipelines."""

from typing import Any

import ml_metadata as mlmd
import pytest
from ml_metadata.proto.metadata_store_pb2 import Artifact, Event, Execution
from ml_metadata.proto.metadata_store_pb2 import ArtifactType as Kind
from ml_metadata.proto.metadata_store_pb2 import ExecutionType as Node
from tfx.types import standard_artifacts
from tfx.types.standard_artifacts import ExampleAnomalies, ExampleStatistics

from components.last_run import (
    MADE_FROM,
    MADE_WITH,
    LastAccepted,
    LastOfOtherRun,
    LatestOtherBlessedModel,
)
from components.region_split.component import RegionSplitArtifact


def statistics(*numbers: int) -> list[ExampleStatistics]:
    found = [ExampleStatistics() for _ in numbers]
    for artifact, number in zip(found, numbers, strict=True):
        artifact.id = number
    return found


def accepted(number: int, of: int) -> ExampleAnomalies:
    artifact = ExampleAnomalies()
    artifact.id = number
    artifact.set_int_custom_property(MADE_FROM, of)
    return artifact


@pytest.mark.parametrize(
    ("candidate", "anomalies", "expected"),
    [
        pytest.param(1, [], [], id="first run"),
        pytest.param(1, [(11, 1)], [], id="first run again"),
        pytest.param(2, [(11, 1)], [1], id="second run"),
        pytest.param(2, [(11, 1), (12, 2)], [1], id="second run again"),
        pytest.param(3, [(12, 2), (11, 1)], [2], id="third run"),
        pytest.param(3, [(11, 1)], [1], id="the second was refused"),
        pytest.param(3, [(11, 1), (12, 2), (13, 1)], [1], id="an older one is back"),
        pytest.param(3, [(11, 9)], [], id="of another pipeline"),
    ],
)
def test_the_latest_accepted_one_but_the_candidate(
    store: mlmd.MetadataStore, candidate: int, anomalies: list[tuple[int, int]], expected: list[int]
) -> None:
    found = LastAccepted().resolve_artifacts(
        store,
        {
            "candidate": statistics(candidate),
            "found": statistics(1, 2, 3),
            "accepted": [accepted(*one) for one in anomalies],
        },
    )
    assert [artifact.id for artifact in found["found"]] == expected


Run = tuple[int, str]


class Splits:
    """Region splits of runs in an ML Metadata of their own: (lists, settings) of each run."""

    def __init__(self, store: mlmd.MetadataStore, runs: list[Run]) -> None:
        self._store = store
        self._kind = store.put_artifact_type(Kind(name="RegionSplit"))
        self._node = store.put_execution_type(Node(name="RegionSplit"))
        self._found: dict[Run, RegionSplitArtifact] = {}
        for run in runs:
            self.add(run)

    def add(self, run: Run) -> None:
        """Adds a run; one that was there before is answered from the cache."""
        if run not in self._found:
            artifact = RegionSplitArtifact()
            (artifact.id,) = self._store.put_artifacts([Artifact(type_id=self._kind)])
            lists, settings = run
            if lists:
                artifact.set_int_custom_property(MADE_FROM, lists)
                artifact.set_string_custom_property(MADE_WITH, settings)
            self._found[run] = artifact
        (number,) = self._store.put_executions([Execution(type_id=self._node)])
        made = Event(artifact_id=self._found[run].id, execution_id=number, type=Event.Type.OUTPUT)
        self._store.put_events([made])

    def last_for(self, run: Run) -> Run | None:
        """What a run is compared with."""
        inputs = {"candidate": statistics(run[0]), "found": list(self._found.values())}
        found = LastOfOtherRun(run[1]).resolve_artifacts(self._store, inputs)["found"]
        return next((run for run, split in self._found.items() if split in found), None)


@pytest.mark.parametrize(
    ("earlier", "run", "expected"),
    [
        pytest.param([], (1, "a"), None, id="first run"),
        pytest.param([(1, "a")], (1, "a"), None, id="first run again"),
        pytest.param([(1, "a")], (2, "a"), (1, "a"), id="other lists"),
        pytest.param([(1, "a"), (2, "a")], (2, "a"), (1, "a"), id="other lists again"),
        pytest.param([(1, "a"), (2, "a")], (2, "b"), (2, "a"), id="settings"),
        pytest.param([(1, "a"), (2, "a"), (2, "b")], (2, "b"), (2, "a"), id="settings again"),
        pytest.param([(1, "a"), (2, "a"), (2, "b")], (3, "a"), (2, "b"), id="a third kind"),
        # The split of the last run is older than that of the run before.
        pytest.param([(1, "a"), (2, "a"), (2, "b"), (2, "a")], (3, "a"), (2, "a"), id="cached"),
        pytest.param([(0, "")], (1, "a"), None, id="written before splits said so"),
    ],
)
def test_the_split_of_the_last_run_with_other_lists_or_settings(
    store: mlmd.MetadataStore, earlier: list[Run], run: Run, expected: Run | None
) -> None:
    assert Splits(store, earlier).last_for(run) == expected


def test_what_a_cached_check_accepted_is_the_latest(store: mlmd.MetadataStore) -> None:
    kind = store.put_artifact_type(Kind(name="ExampleAnomalies"))
    node = store.put_execution_type(Node(name="ExampleValidator"))
    numbers = store.put_artifacts([Artifact(type_id=kind), Artifact(type_id=kind)])
    checks = [accepted(number, of) for number, of in zip(numbers, (1, 2), strict=True)]
    inputs = {"candidate": statistics(3), "found": statistics(1, 2, 3), "accepted": checks}
    for number, expected in ((0, 1), (1, 2), (0, 1)):
        (run,) = store.put_executions([Execution(type_id=node)])
        made = Event(artifact_id=numbers[number], execution_id=run, type=Event.Type.OUTPUT)
        store.put_events([made])
        (found,) = LastAccepted().resolve_artifacts(store, inputs)["found"]
        assert found.id == expected


def model(number: int) -> standard_artifacts.Model:
    artifact = standard_artifacts.Model()
    artifact.id = number
    return artifact


def blessing(number: int, of: int, blessed: int = 1) -> standard_artifacts.ModelBlessing:
    artifact = standard_artifacts.ModelBlessing()
    artifact.id = number
    artifact.set_int_custom_property("current_model_id", of)
    artifact.set_int_custom_property("blessed", blessed)
    return artifact


@pytest.mark.parametrize(
    ("candidate", "blessings", "expected"),
    [
        pytest.param(1, [], None, id="first run"),
        pytest.param(1, [blessing(11, of=1)], None, id="first run again"),
        pytest.param(2, [blessing(11, of=1)], 1, id="second model"),
        pytest.param(2, [blessing(11, of=1), blessing(12, of=2)], 1, id="second model again"),
        pytest.param(3, [blessing(11, of=1), blessing(12, of=2, blessed=0)], 1, id="not blessed"),
        pytest.param(3, [blessing(11, of=1), blessing(12, of=2)], 2, id="third model"),
        # Model 1 came back after model 2 and is what is served now.
        pytest.param(3, [blessing(13, of=1), blessing(12, of=2)], 1, id="an older model is back"),
        pytest.param(3, [blessing(11, of=9)], None, id="model of another pipeline"),
    ],
)
def test_latest_blessed_model_but_the_candidate(
    store: mlmd.MetadataStore, candidate: int, blessings: list[Any], expected: int | None
) -> None:
    inputs = {
        "candidate": [model(candidate)],
        "model": [model(1), model(2), model(3)],
        "model_blessing": blessings,
    }
    found = LatestOtherBlessedModel().resolve_artifacts(store, inputs)
    assert found is not None
    assert [artifact.id for artifact in found["model"]] == ([expected] if expected else [])
    assert [artifact.id for artifact in found["candidate"]] == [candidate]
    assert len(found["model_blessing"]) == len(found["model"])
