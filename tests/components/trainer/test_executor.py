import json
from pathlib import Path

import pytest
from tfx.types import artifact_utils, standard_artifacts
from tfx.types.artifact import Artifact
from tfx.types.channel import Channel

from components.region_split.component import RegionSplitArtifact
from components.trainer.component import Trainer
from components.trainer.executor import Executor
from data.artifacts.region_split import FILE_NAME, FeatureSplit

RUN_FN = """
import json
from pathlib import Path

from data.artifacts.region_split import FeatureSplit


def run_fn(fn_args):
    config = fn_args.custom_config
    split = FeatureSplit.load(config["region_split"])
    Path(fn_args.serving_model_dir).mkdir(parents=True)
    found = {
        "dependent": split.dependent,
        "seed": config["seed"],
        "train": list(fn_args.train_files),
        "validation": list(fn_args.eval_files),
    }
    Path(fn_args.serving_model_dir, "found.json").write_text(json.dumps(found))
"""


@pytest.fixture
def run_fn(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Dotted name of a run_fn that writes down what it was given."""
    (tmp_path / "recording_run_fn.py").write_text(RUN_FN)
    monkeypatch.syspath_prepend(str(tmp_path))
    return "recording_run_fn.run_fn"


def _artifact(kind: type[Artifact], folder: Path) -> Artifact:
    folder.mkdir(parents=True)
    artifact = kind()
    artifact.uri = str(folder)
    return artifact


def _trainer(run_fn: str) -> Trainer:
    return Trainer(
        run_fn=run_fn,
        examples=Channel(type=standard_artifacts.Examples),
        transform_graph=Channel(type=standard_artifacts.TransformGraph),
        schema=Channel(type=standard_artifacts.Schema),
        region_split=Channel(type=RegionSplitArtifact),
        custom_config={"seed": 7},
    )


def test_run_fn_gets_the_split_and_its_config(run_fn: str, tmp_path: Path) -> None:
    examples = _artifact(standard_artifacts.Examples, tmp_path / "examples")
    examples.split_names = artifact_utils.encode_split_names(["train", "validation", "eval"])
    schema = _artifact(standard_artifacts.Schema, tmp_path / "schema")
    (tmp_path / "schema" / "schema.pbtxt").write_text("")
    inputs = {"examples": [examples], "schema": [schema]}
    inputs["region_split"] = [_artifact(RegionSplitArtifact, tmp_path / "split")]
    FeatureSplit(dependent=("price",)).save(tmp_path / "split" / FILE_NAME)
    model = _artifact(standard_artifacts.Model, tmp_path / "model")
    run = _artifact(standard_artifacts.ModelRun, tmp_path / "run")
    properties = _trainer(run_fn).exec_properties
    Executor().Do(inputs, {"model": [model], "model_run": [run]}, properties)
    found = json.loads(next((tmp_path / "model").rglob("found.json")).read_text())
    assert found == {
        "dependent": ["price"],
        "seed": 7,
        "train": [f"{tmp_path}/examples/Split-train/*"],
        "validation": [f"{tmp_path}/examples/Split-validation/*"],
    }


def test_the_component_declares_what_it_takes(run_fn: str) -> None:
    trainer = _trainer(run_fn)
    assert trainer.id == "Trainer"
    assert trainer.inputs["region_split"].type is RegionSplitArtifact
    assert json.loads(trainer.exec_properties["train_args"]) == {"splits": ["train"]}
    assert json.loads(trainer.exec_properties["eval_args"]) == {"splits": ["validation"]}


def test_no_trainer_runs_before_its_split(run_fn: str) -> None:
    # The launcher waits for what is not optional.
    assert not _trainer(run_fn).spec.INPUTS["region_split"].optional
