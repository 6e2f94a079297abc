"""`seqmd kubeflow`: the command, the graph, and a run that is submitted."""

import json
import re
import shlex
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
import yaml

from data.loading import definition_path, load_definition
from pipeline.cli import main
from pipeline.config import load_config
from pipeline.kubeflow.settings import task_name
from pipeline.locations import Folders, Inputs
from pipeline.metadata_address import metadata_connection
from pipeline.pipeline import create_pipeline
from tests import processes
from tests.kfp_environment import kfp_python

IMAGE = "registry/seqmd:1"
RUN = {"run_id": "42", "state": "PENDING", "created_at": "2026-01-31T00:00:00Z"}


def write(folder: Path, *words: str) -> list[Any]:
    """The documents of a package that the command writes."""
    package = folder / "pipeline.yaml"
    assert main(["kubeflow", "--image", IMAGE, "--output", str(package), *words]) == 0
    assert [path.name for path in folder.glob("pipeline*")] == ["pipeline.yaml"]
    return list(yaml.safe_load_all(package.read_text()))


def defaults(spec: dict[str, Any]) -> dict[str, str | None]:
    parameters = spec["root"]["inputDefinitions"]["parameters"]
    return {name: parameter.get("defaultValue") for name, parameter in parameters.items()}


def test_the_graph_is_that_of_the_pipeline(tmp_path: Path) -> None:
    """Of a definition with listings, which has a node more than others."""
    listings = {"files": "/mnt/a.csv", "taxonomy": "/mnt/t.json", "attributes": ["colour"]}
    definition = {**load_definition("simulated"), "item": "item_id", "listings": listings}
    (tmp_path / "shop.yaml").write_text(yaml.safe_dump(definition))
    (spec,) = write(tmp_path, "--dataset", f"{tmp_path}/shop.yaml")
    pipeline = create_pipeline(
        load_config(f"{tmp_path}/shop.yaml"),
        Inputs(logs=("logs",)),
        Folders("/root"),
        (),
        metadata_connection("grpc://localhost:1"),
        input_fingerprint="",
    )
    expected = {
        task_name(node.id): {task_name(upstream.id) for upstream in node.upstream_nodes}
        for node in pipeline.components
    }
    assert expected["list-example-gen"] == {"attribute-fill"}
    tasks = spec["root"]["dag"]["tasks"]
    assert {name: set(task.get("dependentTasks", ())) for name, task in tasks.items()} == expected
    started: set[str] = set()
    while len(started) < len(tasks):
        ready = {name for name in tasks if expected[name] <= started} - started
        assert ready, "a cycle"
        started |= ready
    executors = spec["deploymentSpec"]["executors"]
    labels = {
        spec["components"][task["componentRef"]["name"]]["executorLabel"] for task in tasks.values()
    }
    assert labels == set(executors)
    assert len(labels) == len(pipeline.components)
    commands = {executor["container"]["command"][-1] for executor in executors.values()}
    assert commands == {node.id for node in pipeline.components}
    assert {executor["container"]["image"] for executor in executors.values()} == {IMAGE}


def test_options_become_defaults_that_a_run_can_change(tmp_path: Path) -> None:
    definition = tmp_path / "shop.yaml"
    definition.write_text(definition_path("simulated").read_text())
    where = ("--dataset", str(definition), "--root", "/mnt/out", "--metadata", "grpc://host:8080")
    what = ("--input", "/mnt/a b.parquet", "s3://logs/*.parquet", "--from", "2026-01-31")
    (spec,) = write(tmp_path, *where, *what, "--seed", "0", "--no-cache")
    found = defaults(spec)
    assert yaml.safe_load(found["dataset"] or "") == yaml.safe_load(definition.read_text())
    assert found | {"dataset": ""} == {
        "root": "/mnt/out",
        "dataset": "",
        "input": "'/mnt/a b.parquet' 's3://logs/*.parquet'",
        "eval_input": "none",
        "serving_logs": "none",
        "from_date": "2026-01-31",
        "to_date": "none",
        "schema": "none",
        "warm_start": "none",
        "seed": "0",
        "beam_pipeline_args": "none",
        "metadata": "grpc://host:8080",
        "cache": "false",
    }


def test_a_sqlite_file_is_taken_as_the_nodes_take_it(
    tmp_path: Path, capsys: pytest.CaptureFixture
) -> None:
    (spec,) = write(tmp_path, "--dataset", "simulated", "--metadata", "/mnt/metadata.sqlite")
    assert defaults(spec)["metadata"] == "/mnt/metadata.sqlite"
    assert "/mnt/metadata.sqlite is one SQLite file for all nodes" in capsys.readouterr().out
    connection = metadata_connection("/mnt/metadata.sqlite", {})
    assert connection.sqlite.filename_uri == "/mnt/metadata.sqlite"


@pytest.mark.parametrize(
    ("root", "settings", "told"),
    [
        ("/mnt/seqmd/shop", "{}", "lies on no volume of any node"),
        ("/mnt/seqmd/shop", "defaults: {volumes: [{claim: c, path: /mnt/other}]}", "any node"),
        ("/mnt/seqmd/shop", "defaults: {volumes: [{claim: c, path: /mnt/seqmd}]}", None),
        (
            "/mnt/seqmd",
            "defaults: {volumes: [{claim: c, path: /mnt}]}\nnodes: {Trainer: {volumes: []}}",
            "lies on no volume of Trainer, so",
        ),
        ("gs://bucket/shop", "{}", None),
    ],
)
def test_a_root_that_goes_with_the_pod_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture, root: str, settings: str, told: str | None
) -> None:
    (tmp_path / "settings.yaml").write_text(settings)
    write(
        tmp_path,
        "--dataset",
        "simulated",
        "--root",
        root,
        "--settings",
        f"{tmp_path}/settings.yaml",
    )
    printed = capsys.readouterr().out
    assert ("Mind:" in printed) == bool(told)
    assert (told or "") in printed


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--dataset", "no_such"), "expected a YAML file or one of"),
        (("--dataset", "simulated", "--input", "logs-{{day}}"), "input: expected no '{{'"),
        (("--dataset", "simulated", "--root", "output"), "root: expected an absolute path"),
        (("--dataset", "simulated", "--input", "/a", "logs/*"), "input: expected an absolute path"),
        (
            ("--dataset", "simulated", "--input", "/a", "--serving-logs", "served/*"),
            "serving_logs: expected an absolute path",
        ),
        (("--dataset", "simulated", "--warm-start", "s3://b/m"), "warm_start: expected a folder"),
        (("--dataset", "simulated", "--metadata", "host:8080"), "expected cluster, grpc://"),
        (("--dataset", "simulated", "--metadata", "my.sqlite"), "absolute path of a SQLite file"),
        (("--dataset", "simulated", "--beam-args='open"), "beam_pipeline_args: expected words as"),
        (("--dataset", "simulated", "--settings", "none.yaml"), "--settings: expected a YAML file"),
        (("--dataset", "simulated", "--submit", "localhost:1"), "expected --root and --input"),
    ],
)
def test_what_does_not_fit_is_refused_and_nothing_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], words: tuple[str, ...], message: str
) -> None:
    package = tmp_path / "pipeline.yaml"
    assert main(["kubeflow", "--image", IMAGE, "--output", str(package), *words]) == 1
    assert message in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


class _Api(BaseHTTPRequestHandler):
    """As much of Kubeflow Pipelines' API as a run needs."""

    runs: list[dict[str, Any]]

    def do_GET(self) -> None:
        if self.path.startswith("/apis/v2beta1/healthz"):
            self._answer({"multi_user": False})
        elif "/runs/" in self.path:
            self._answer(RUN)
        else:
            self._answer({"experiments": [{"experiment_id": "7", "display_name": "seqmd"}]})

    def do_POST(self) -> None:
        content = self.rfile.read(int(self.headers["Content-Length"]))
        # A package is uploaded as a form.
        body = {} if "/upload" in self.path else json.loads(content)
        type(self).runs.append({"path": self.path, "token": self.headers["Authorization"], **body})
        self._answer({**body, **RUN})

    def _answer(self, body: dict[str, Any]) -> None:
        content = json.dumps(body).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: Any) -> None:
        """Says nothing."""


@pytest.fixture
def api() -> Iterator[tuple[str, list[dict[str, Any]]]]:
    class Api(_Api):
        runs: list[dict[str, Any]] = []

    with HTTPServer(("127.0.0.1", 0), Api) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}", Api.runs
        server.shutdown()


def test_a_run_is_submitted_with_the_package(
    tmp_path: Path, api: tuple[str, list[dict[str, Any]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    kfp_python()
    monkeypatch.setenv("KFP_EXISTING_TOKEN", "a-token")
    host, runs = api
    words = ("--dataset", "simulated", "--root", "/mnt/out", "--input", "/mnt/logs")
    (spec,) = write(tmp_path, *words, "--submit", host)
    (run,) = runs
    assert run["path"].startswith("/apis/v2beta1/runs")
    assert run["experiment_id"] == "7"
    assert run["token"] == "Bearer a-token"
    sent = run["pipeline_spec"]
    assert sent["root"]["dag"] == spec["root"]["dag"]
    assert sent["deploymentSpec"] == spec["deploymentSpec"]


@pytest.mark.thorough
def test_the_recurring_run_of_the_docs_is_switched_on(
    tmp_path: Path, api: tuple[str, list[dict[str, Any]]]
) -> None:
    sdk = kfp_python()
    host, posted = api
    page = (Path(__file__).parents[3] / "docs" / "deploying.md").read_text()
    (block,) = re.findall(r"```\n(kfp --endpoint .*?)```", page, re.DOTALL)
    write(tmp_path, "--dataset", "simulated")
    for line in block.replace("\\\n", " ").replace("http://localhost:8080", host).splitlines():
        words = [*sdk[:-1], *shlex.split(line)]
        done = processes.run(words, cwd=tmp_path)
        assert done.returncode == 0, done.stderr
    upload, recurring = posted
    assert "/pipelines/upload" in upload["path"]
    assert recurring["mode"] == "ENABLE"
    assert recurring["trigger"] == {"cron_schedule": {"cron": "0 0 2 * * *"}}
    assert recurring["runtime_config"]["parameters"]["root"] == "/mnt/seqmd/my_shop"


def test_a_host_that_does_not_answer_is_an_error(tmp_path: Path) -> None:
    kfp_python()
    package = str(tmp_path / "pipeline.yaml")
    words = ["--dataset", "simulated", "--root", "/mnt/out", "--input", "/mnt/logs"]
    more = ["--image", IMAGE, "--output", package, "--submit", "http://127.0.0.1:9"]
    assert main(["kubeflow", *words, *more]) == 1
