"""The calls of docs/serving.md, as they are written there."""

import json
import re
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from benchmarks.speed.model_server import ModelServer, model_server, wait_for_version
from benchmarks.speed.server_program import missing_server
from pipeline.cli import main
from pipeline.commands.rollback import roll_back
from tests import processes
from tests.serving.stand_in import stand_in

PAGE = (Path(__file__).parents[2] / "docs" / "serving.md").read_text()
BASH = re.findall(r"```bash\n(.*?)```", PAGE, re.DOTALL)
PYTHON = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)


@pytest.fixture(scope="module", params=["stand-in", "tensorflow_model_server"])
def server(request: pytest.FixtureRequest, serving_model: Path) -> Iterator[ModelServer]:
    if request.param == "stand-in":
        with stand_in(serving_model / "2") as running:
            yield running
        return
    if reason := missing_server():
        pytest.skip(reason)
    with model_server(serving_model, serving_model.parent / "log") as running:
        yield running


def _run(command: list[str], serving_model: Path) -> str:
    root = serving_model.parents[2]
    done = processes.run(command, cwd=root)
    assert done.returncode == 0, done.stderr
    return done.stdout


def _bash(block: str, server: ModelServer | None, serving_model: Path) -> str:
    if "curl" in block and not shutil.which("curl"):
        pytest.skip("curl is not on the PATH")
    return _run(["bash", "-ec", _at(block, server)], serving_model)


def _python(block: str, server: ModelServer | None, serving_model: Path) -> list[float]:
    printed = _run([sys.executable, "-c", _at(block, server)], serving_model)
    return [float(number) for number in re.findall(r"\d+\.?\d*(?:e-\d+)?", printed)]


def _at(block: str, server: ModelServer | None) -> str:
    if server is None:
        return block
    return block.replace(":8501", f":{server.rest_port}").replace(":8500", f":{server.grpc_port}")


@pytest.fixture(scope="module")
def in_process(serving_model: Path) -> list[float]:
    """Scores of the request, from a process that has TensorFlow."""
    write_request, _, load = BASH[0].partition("curl")
    assert load
    _bash(write_request, None, serving_model)
    return _python(PYTHON[-1], None, serving_model)


def test_the_answer_without_a_server(in_process: list[float]) -> None:
    assert len(in_process) == 3
    assert all(0 < score < 1 for score in in_process)


def test_the_rest_call(server: ModelServer, serving_model: Path, in_process: list[float]) -> None:
    outputs = json.loads(_bash(BASH[0], server, serving_model))["outputs"]
    tasks = ("click", "add_to_cart", "purchase")
    assert set(outputs) == {"score", *(f"probability_{task}" for task in tasks)}
    np.testing.assert_allclose(outputs["score"], in_process, rtol=1e-4)


@pytest.mark.parametrize("block", PYTHON[:2], ids=["serving_default", "serve_examples"])
def test_the_grpc_calls(
    server: ModelServer, serving_model: Path, in_process: list[float], block: str
) -> None:
    found = _python(block, server, serving_model)
    np.testing.assert_allclose(found, in_process, rtol=1e-4)


def test_examples_over_rest(
    server: ModelServer, serving_model: Path, in_process: list[float]
) -> None:
    # The block goes on after that of the same call over gRPC, which prints its scores first.
    found = _python(PYTHON[1] + PYTHON[2], server, serving_model)
    np.testing.assert_allclose(found, 2 * in_process, rtol=1e-4)


def test_the_onnx_call(serving_model: Path, in_process: list[float]) -> None:
    onnx = serving_model.parent / "onnx"
    assert main(["export", "--model", str(serving_model), "--onnx", str(onnx)]) == 0
    found = _python(PYTHON[3], None, serving_model)
    np.testing.assert_allclose(found, in_process, rtol=1e-4)


@pytest.mark.skipif(missing_server() is not None, reason=str(missing_server()))
def test_a_server_follows_a_rollback(serving_model: Path, tmp_path: Path) -> None:
    watched = tmp_path / "serving_model"
    shutil.copytree(serving_model, watched)
    with model_server(watched, tmp_path / "log") as running:
        roll_back(watched)
        wait_for_version(running, 1, None, tmp_path / "log")
        roll_back(watched, 2)
        wait_for_version(running, 2, None, tmp_path / "log")


@pytest.mark.skipif(missing_server() is not None, reason=str(missing_server()))
def test_a_server_with_batching_answers_examples(
    serving_model: Path, tmp_path: Path, in_process: list[float]
) -> None:
    _bash(BASH[1], None, serving_model)
    config = serving_model.parents[2] / "batching.config"
    options = ["--enable_batching", f"--batching_parameters_file={config}"]
    options.append("--enable_model_warmup=false")
    with model_server(serving_model, tmp_path / "log", options) as running:
        found = _python(PYTHON[1], running, serving_model)
    np.testing.assert_allclose(found, in_process, rtol=1e-4)
