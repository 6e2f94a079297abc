"""Which model a candidate is compared with; tests/components/evaluator runs it in a pipeline."""

from typing import Any

import ml_metadata as mlmd
import pytest
from tfx.types import standard_artifacts

from components.baseline import LatestOtherBlessedModel


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
