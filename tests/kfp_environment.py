"""Kubeflow Pipelines' SDK, in an environment of its own: its protobuf is not TFX's."""

import shutil
import sys
from functools import cache
from pathlib import Path

import pytest

from pipeline.kubeflow.submit import CLIENT
from tests import processes

KUBERNETES = (
    "kfp-kubernetes==1.5.0; python_version < '3.13'",
    "kfp-kubernetes==2.16.1; python_version >= '3.13'",
)


def kfp_python() -> list[str]:
    """The words that start a Python with the SDK; skips the test where there can be none."""
    beside = Path(sys.executable).with_name("uv")
    uv = str(beside) if beside.exists() else shutil.which("uv")
    if uv is None:
        pytest.skip("there is no uv to make the environment of Kubeflow Pipelines' SDK with")
    packages = [word for package in (*CLIENT, *KUBERNETES) for word in ("--with", package)]
    python = ("--python", sys.executable, *packages, "python")
    words = [uv, "run", "--isolated", "--no-project", "--quiet", *python]
    if complaint := _complaint(tuple(words)):
        pytest.skip(f"the environment of Kubeflow Pipelines' SDK cannot be made: {complaint}")
    return words


@cache
def _complaint(words: tuple[str, ...]) -> str:
    done = processes.run([*words, "-c", "import kfp"])
    return done.stderr[-300:] if done.returncode else ""
