"""What this run's data is compared with; tests/e2e runs it in a pipeline."""

import pytest
from tfx.types.standard_artifacts import ExampleAnomalies, ExampleStatistics

from components.last_run import MADE_FROM, LastAccepted, LastOfOtherData
from components.region_split.artifact import RegionSplitArtifact


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
    candidate: int, anomalies: list[tuple[int, int]], expected: list[int]
) -> None:
    found = LastAccepted().resolve_artifacts(
        None,
        {
            "candidate": statistics(candidate),
            "found": statistics(1, 2, 3),
            "accepted": [accepted(*one) for one in anomalies],
        },
    )
    assert [artifact.id for artifact in found["found"]] == expected


@pytest.mark.parametrize(
    ("candidate", "splits", "expected"),
    [
        pytest.param(1, [], [], id="first run"),
        pytest.param(1, [(11, 1)], [], id="first run again"),
        pytest.param(2, [(11, 1), (12, 2)], [11], id="second run again"),
        pytest.param(3, [(12, 2), (11, 1)], [12], id="third run"),
        pytest.param(3, [(11, 0)], [], id="written before splits said so"),
    ],
)
def test_the_latest_split_of_other_lists(
    candidate: int, splits: list[tuple[int, int]], expected: list[int]
) -> None:
    artifacts = []
    for number, examples in splits:
        artifact = RegionSplitArtifact()
        artifact.id = number
        if examples:
            artifact.set_int_custom_property(MADE_FROM, examples)
        artifacts.append(artifact)
    inputs = {"candidate": statistics(candidate), "found": artifacts}
    found = LastOfOtherData().resolve_artifacts(None, inputs)
    assert [artifact.id for artifact in found["found"]] == expected
