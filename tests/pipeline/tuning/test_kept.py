"""What is kept of a search."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from data.errors import InputError
from data.simulator import SimulatorConfig, simulated_dataset
from pipeline.config import config_from
from pipeline.tuning.kept import KeptTrainings, claim_search, load_ndcg, save_ndcg

SEARCH: dict[str, Any] = {
    "model": {"ranker": "ple", "units": [64] * 20},
    "training": {"epochs": 2, "default_loss": {"losses": {"softmax": 1.0}}},
    "logs": ["abc", "None"],
    "schema": None,
}
CONFIG = config_from(simulated_dataset(SimulatorConfig()), "here")
OF_MODEL = "another model.ranker (ple, now seq), another model.units and another schema"
OF_LOSSES = (
    "another training.default_loss.losses.softmax (1.0, now none) and another "
    "training.default_loss.losses.chain (none, now 0.1)"
)
OF_MANY = (
    "another model.ranker (ple, now none), another model.units, another model.a (none, now a), "
    "another model.b (none, now b) and 2 more"
)


def test_the_same_search_goes_on(tmp_path: Path) -> None:
    claim_search(tmp_path, SEARCH)
    claim_search(tmp_path, dict(SEARCH))


def test_another_search_is_refused_and_said_in_what_it_differs(tmp_path: Path) -> None:
    claim_search(tmp_path, SEARCH)
    training = KeptTrainings(tmp_path).file(CONFIG)
    save_ndcg(training, {"click": np.ones(2)})
    before = (tmp_path / "search.json").read_text()
    for changes, differs in (
        ({"logs": ["xyz", "None"]}, "other logs"),
        ({"training": {**SEARCH["training"], "epochs": 3}}, "another training.epochs (2, now 3)"),
        ({"model": {"ranker": "seq", "units": []}, "schema": "feature {}"}, OF_MODEL),
        ({"training": {"epochs": 2, "default_loss": {"losses": {"chain": 0.1}}}}, OF_LOSSES),
        ({"model": dict(zip("abcd", "abcd", strict=True))}, OF_MANY),
    ):
        with pytest.raises(InputError) as refused:
            claim_search(tmp_path, {**SEARCH, **changes})
        assert str(refused.value) == (
            f"--output: {tmp_path} holds a search with {differs}: its trainings cannot be compared "
            "with new ones; expected the same, another --output, or that folder deleted"
        )
    assert (tmp_path / "search.json").read_text() == before


def test_a_search_that_stopped_before_its_first_training_gives_way(tmp_path: Path) -> None:
    claim_search(tmp_path, SEARCH)
    other = {**SEARCH, "logs": ["xyz", "None"]}
    claim_search(tmp_path, other)
    # One that was stopped within a training does not.
    checkpoints = KeptTrainings(tmp_path).checkpoints(CONFIG)
    checkpoints.mkdir(parents=True)
    claim_search(tmp_path, other)
    with pytest.raises(InputError, match="other logs"):
        claim_search(tmp_path, SEARCH)


@pytest.mark.parametrize("text", ["{", "[]"])
def test_a_file_that_tells_nothing_is_named(text: str, tmp_path: Path) -> None:
    (tmp_path / "search.json").write_text(text)
    (tmp_path / "trainings").mkdir()
    (tmp_path / "trainings" / "one.npz").touch()
    with pytest.raises(InputError, match=r"search\.json: expected a search, found: "):
        claim_search(tmp_path, SEARCH)


def test_ndcg_is_read_as_it_was_kept(tmp_path: Path) -> None:
    file = tmp_path / "trainings" / "one.npz"
    save_ndcg(file, {"graded": np.array([0.5, np.nan]), "click": np.array([1.0, 0.25])})
    found = load_ndcg(file)
    assert set(found) == {"graded", "click"}
    np.testing.assert_array_equal(found["graded"], [0.5, np.nan])
    assert [path.name for path in file.parent.iterdir()] == ["one.npz"]


def test_trainings_differ_by_model_and_training_alone(tmp_path: Path) -> None:
    kept = KeptTrainings(tmp_path)
    files = [
        kept.file(config_from({**simulated_dataset(SimulatorConfig()), **sections}, "market"))
        for sections in (
            {},
            {"evaluation": {"replicates": 50}},
            {"model": {"dropout": 0.2}},
            {"training": {"seed": 2}},
        )
    ]
    assert files[0] == files[1]
    assert len(set(files)) == 3
