"""Starts a run of a package, with Kubeflow Pipelines' client in its own environment."""

import datetime
import shutil
import subprocess
import sys
from pathlib import Path

from data.errors import InputError

# Its protobuf is not TFX's, so that the two cannot be in one environment.
CLIENT = ("kfp==2.13.0; python_version < '3.13'", "kfp==2.16.1; python_version >= '3.13'")


def submit(package: Path, host: str, experiment: str, namespace: str) -> int:
    """Starts a run.

    Args:
        package: the file.
        host: address of Kubeflow Pipelines' API.
        experiment: name of the experiment that the run belongs to.
        namespace: Kubernetes' namespace.

    Returns:
        The exit code of the client, which has told the rest.

    Raises:
        InputError: if `uv`, which makes the client's environment, is not there.
    """
    started = datetime.datetime.now().strftime("%Y-%m-%d %H:%M")
    command = [
        *client_command(),
        *("--endpoint", host, "--namespace", namespace),
        *("run", "create", "--experiment-name", experiment),
        *("--run-name", f"{experiment} {started}", "--package-file", str(package)),
    ]
    return subprocess.run(command, check=False).returncode


def client_command() -> list[str]:
    """The words that start the client, in an environment that `uv` makes and keeps.

    Raises:
        InputError: if there is no `uv`.
    """
    beside = Path(sys.executable).with_name("uv")
    uv = str(beside) if beside.exists() else shutil.which("uv")
    if uv is None:
        raise InputError("--submit: expected the program uv (pip install uv), found none")
    python = ("--python", sys.executable)
    packages = [word for package in CLIENT for word in ("--with", package)]
    return [uv, "run", "--isolated", "--no-project", "--quiet", *python, *packages, "kfp"]
