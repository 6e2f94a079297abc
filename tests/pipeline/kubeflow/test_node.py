"""What a container says of parameters that do not fit, and what it makes of those that do."""

import json
from pathlib import Path

import pytest

from data.errors import InputError
from data.loading import definition_path
from pipeline.beam_runner import beam_arguments
from pipeline.kubeflow.node import main, prepare_object_storage
from pipeline.kubeflow.node_pipeline import pipeline_of
from pipeline.kubeflow.parameters import PARAMETERS

TEXT = definition_path("simulated").read_text()


@pytest.fixture
def values(tmp_path: Path) -> dict[str, str]:
    given = {"root": f"{tmp_path}/", "dataset": "simulated", "input": "'/a b' /c"}
    given["metadata"] = str(tmp_path / "metadata.sqlite")
    return {one.name: one.default or "" for one in PARAMETERS} | given


def words(values: dict[str, str], node: str, run_id: str = "run") -> list[str]:
    options = [f"{one.option}={values[one.name]}" for one in PARAMETERS]
    return [node, f"--run-id={run_id}", *options]


def test_defaults_run_beam_in_the_pod_with_the_cache(
    values: dict[str, str], tmp_path: Path
) -> None:
    pipeline = pipeline_of(values, "Trainer")
    assert pipeline.enable_cache is True
    assert pipeline.beam_pipeline_args == beam_arguments("direct", ())
    assert pipeline.pipeline_info.pipeline_root == f"{tmp_path}/pipeline"
    (reader,) = [node for node in pipeline.components if node.id == "ListExampleGen"]
    assert reader.exec_properties["input"] == '["/a b", "/c"]'


def test_what_is_given_replaces_the_defaults(values: dict[str, str]) -> None:
    given = {"cache": "False", "beam_pipeline_args": "--runner=FlinkRunner", "dataset": TEXT}
    pipeline = pipeline_of({**values, **given, "root": "gs://bucket/run"}, "Trainer")
    assert pipeline.enable_cache is False
    assert pipeline.beam_pipeline_args == ["--runner=FlinkRunner"]
    assert pipeline.pipeline_info.pipeline_root == "gs://bucket/run/pipeline"


LISTINGS = "files: [/data/a.csv]\n  taxonomy: s3://shop/taxonomy.json\n  attributes: [colour]\n"


def with_listings(text: str) -> str:
    return f"{TEXT}item: item_id\nlistings:\n  {text}"


def test_only_the_nodes_that_read_them_look_at_listings(values: dict[str, str]) -> None:
    given = {**values, "dataset": with_listings(LISTINGS)}
    ids = [node.id for node in pipeline_of(given, "Trainer").components]
    assert ids[:2] == ["AttributeFill", "ListExampleGen"]
    with pytest.raises(InputError, match=r"listings\.files: input '/data/a\.csv'"):
        pipeline_of(given, "AttributeFill")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("/data/a", "a", "listings.files: expected an absolute path or a URI"),
        ("s3://shop/", "", "listings.taxonomy: expected an absolute path or a URI"),
        ("attributes:", "model: s3://shop/model\n  attributes:", "on a mounted volume"),
    ],
)
def test_paths_of_listings_mean_the_same_to_all_nodes(
    values: dict[str, str], old: str, new: str, message: str
) -> None:
    text = with_listings(LISTINGS.replace(old, new))
    with pytest.raises(InputError, match=message):
        pipeline_of({**values, "dataset": text}, "Trainer")


def test_every_form_of_a_definition_is_the_same_run(values: dict[str, str], tmp_path: Path) -> None:
    file = tmp_path / "shop.yaml"
    file.write_text(TEXT)
    found = []
    for dataset in ("simulated", TEXT, str(file), f"file://{file}"):
        pipeline = pipeline_of({**values, "dataset": dataset}, "Trainer")
        (trainer,) = [node for node in pipeline.components if node.id == "Trainer"]
        found.append(trainer.exec_properties)
    assert found == [found[0]] * 4


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"seed": "seven"}, "seed: expected a whole number, found 'seven'"),
        ({"from_date": "yesterday"}, "from_date: expected YYYY-MM-DD, found 'yesterday'"),
        ({"cache": "maybe"}, "cache: expected true or false"),
        ({"input": "none"}, "input: expected paths"),
        ({"root": "output"}, "root: expected an absolute path or a URI"),
        ({"root": "/volume/out [1]"}, "root: expected a folder without"),
        ({"metadata": "grpc://127.0.0.1:1"}, "expected ML Metadata's gRPC service at 127.0.0.1:1"),
        ({"input": "'open"}, "input: expected words as in a shell"),
        ({"dataset": "name: shop\nregon: x\n"}, "regon: no such field"),
        ({"dataset": "file:///no/such.yaml"}, "cannot be opened"),
        ({"warm_start": "gs://bucket/model"}, "warm_start: expected a folder on a mounted volume"),
    ],
)
def test_a_value_that_does_not_fit_fails_the_container(
    values: dict[str, str], wrong: dict[str, str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(words({**values, **wrong}, "Trainer")) == 1
    errors = capsys.readouterr().err
    assert message in errors.split("seqmd: Trainer: ")[-1]
    assert "Traceback" not in errors


def test_a_process_that_trains_with_another_one_is_not_the_trainer(
    values: dict[str, str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    task = '{"cluster": {"worker": ["a:1", "b:1"]}, "task": {"type": "worker", "index": 1}}'
    monkeypatch.setenv("TF_CONFIG", task)
    assert main(words(values, "Trainer")) == 1
    assert "runs seqmd train-worker" in capsys.readouterr().err


def test_an_option_that_is_missing_fails_the_container_as_all_else_does(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(SystemExit) as stop:
        main(["Trainer", "--run-id=run"])
    assert stop.value.code == 1
    assert "expected --root, --dataset, --input, found none" in capsys.readouterr().err


def test_new_code_does_not_go_on_from_checkpoints_of_old_code(
    values: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    found = []
    for version in ("old", "new"):
        monkeypatch.setattr("pipeline.pipeline.code_version", lambda *_, now=version: now)
        nodes = pipeline_of(values, "Trainer").components
        (trainer,) = [node for node in nodes if node.id == "Trainer"]
        # Whatever stands in it tells checkpoints apart.
        found.append(json.loads(trainer.exec_properties["custom_config"])["code_version"])
    assert [version.split("-")[0] for version in found] == ["old", "new"]


def test_a_node_that_comes_too_early_is_told_what_it_waits_for(
    values: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(words(values, "Trainer")) == 1
    told = capsys.readouterr().err.splitlines()[-1]
    assert "its inputs did not resolve" in told
    for node in ("ListExampleGen", "SchemaGen", "RegionSplit", "Transform"):
        assert node in told


def test_each_root_is_a_pipeline_of_its_own(values: dict[str, str]) -> None:
    roots = ("/volume/a", "/volume/a/", "/volume/b")
    found = [pipeline_of({**values, "root": root}, "Trainer").pipeline_info for root in roots]
    names = [info.pipeline_name for info in found]
    assert names[0] == names[1] != names[2]
    assert all(name.startswith("seqmd-simulated-") for name in names)


def test_an_unknown_node_is_named_with_those_that_are_known(
    values: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(words(values, "Traner")) == 1
    error = capsys.readouterr().err
    assert "'Trainer'" in error
    assert "found 'Traner'" in error


def test_logs_are_looked_at_by_the_node_that_reads_them(
    values: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(words(values, "ListExampleGen")) == 1
    assert "seqmd: ListExampleGen: input '/a b'" in capsys.readouterr().err


def test_a_backend_that_fills_in_no_run_id_is_named(
    values: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(words(values, "Trainer", "{{$.pipeline_job_uuid}}")) == 1
    assert "from backend 2.5 on" in capsys.readouterr().err


@pytest.mark.parametrize("run_id", ["../../elsewhere", "..", "a/b", "a\\\\b"])
def test_a_run_id_never_leads_out_of_the_output_folder(
    run_id: str, values: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(words(values, "Trainer", run_id)) == 1
    assert f"--run-id: expected a name without slashes, found {run_id!r}" in capsys.readouterr().err


def test_s3_as_root_needs_a_package(values: dict[str, str]) -> None:
    with pytest.raises(InputError, match=r"root: s3:// needs the package tensorflow_io"):
        prepare_object_storage({**values, "root": "s3://bucket/run"})
    prepare_object_storage({**values, "input": "s3://bucket/logs"})
