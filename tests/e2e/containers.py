"""Containers of the image by podman, with a volume as Kubernetes mounts it."""

import itertools
import os
import re
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tests.kubeflow_pods import RUN_NODE, Kubeflow, Pod

MOUNT = Path("/mnt/seqmd")
# What `fsGroup` of a pod gives the volume, and its containers.
GROUP = 4000
# What a careful cluster allows: no writing but on the volume and in /tmp, and no capability.
HARDENED = (
    "--read-only",
    "--read-only-tmpfs=false",
    "--tmpfs=/tmp:rw,mode=1777",
    "--cap-drop=all",
    "--security-opt=no-new-privileges",
)
# Of a process that was killed.
KILLED = 137


@dataclass(frozen=True)
class Podman:
    """Starts containers of an image on the network of this machine.

    Attributes:
        image: its name.
        volume: the folder that every container mounts.
    """

    image: str
    volume: Path

    def run(
        self, *words: str | Path, options: tuple[str, ...] = ()
    ) -> subprocess.CompletedProcess[str]:
        """A command in a container; of a detached one only its start is waited for."""
        mount = ("--network=host", f"--volume={self.volume}:{MOUNT}", f"--group-add={GROUP}")
        gone = () if "--detach" in options else ("--rm",)
        return podman("run", *mount, *gone, *options, self.image, *map(str, words))


def podman(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["podman", *words], capture_output=True, text=True)


def made_volume(folder: Path) -> Path:
    """A volume of root that a group can write."""
    folder.mkdir(parents=True)
    os.chown(folder, 0, GROUP)
    folder.chmod(0o2775)
    return folder


@dataclass
class MetadataContainer:
    """`seqmd metadata-server` in a container, on a file of the volume."""

    podman: Podman
    name: str
    address: str = field(init=False)

    def __post_init__(self) -> None:
        self.start()

    def start(self) -> None:
        """Starts it, and waits until it says where it listens."""
        words = ("seqmd", "metadata-server", f"--database={MOUNT}/metadata.sqlite", "--port=0")
        options = ("--detach", f"--name={self.name}", *HARDENED)
        started = self.podman.run(*words, options=options)
        assert started.returncode == 0, started.stderr
        while not (found := re.search(r"grpc://\S+", podman("logs", self.name).stdout)):
            state = podman("inspect", "--format={{.State.Status}}", self.name).stdout.strip()
            assert state != "exited", podman("logs", self.name).stderr
            time.sleep(0.1)
        self.address = found[0]

    def stop(self) -> int:
        """Ends it as Kubernetes does, by SIGTERM; its exit code."""
        podman("stop", "--time=60", self.name)
        code = podman("inspect", "--format={{.State.ExitCode}}", self.name).stdout
        podman("rm", "--force", self.name)
        return int(code)


@dataclass
class KubeflowContainers(Kubeflow):
    """Runs the containers of a package as containers.

    Attributes:
        podman: starts them.
        options: of each container.
    """

    podman: Podman
    options: tuple[str, ...] = ()
    _names: itertools.count = field(default_factory=itertools.count)

    def run_task(
        self, task: str, run_id: str, values: Mapping[str, str], function: str = RUN_NODE
    ) -> Pod:
        assert function == RUN_NODE
        done = self.podman.run(*self.command(task, run_id, values), options=self.options)
        return Pod(task, done.returncode, done.stdout, done.stderr)

    def killed(self, task: str, run_id: str, values: Mapping[str, str], begun: str) -> int:
        """Kills a task's container by SIGKILL once a file of the volume is there.

        Args:
            task: of the package.
            run_id: the run.
            values: parameters of the run.
            begun: pattern of the file, from the volume's folder.

        Returns:
            The container's exit code.
        """
        name = f"killed-{next(self._names)}"
        started = self.podman.run(
            *self.command(task, run_id, values),
            options=(*self.options, "--detach", f"--name={name}"),
        )
        assert started.returncode == 0, started.stderr
        while not list(self.podman.volume.glob(begun)):
            state = podman("inspect", "--format={{.State.Status}}", name).stdout.strip()
            assert state == "running", podman("logs", name).stderr
            time.sleep(0.1)
        podman("kill", "--signal=KILL", name)
        code = int(podman("wait", name).stdout)
        podman("rm", "--force", name)
        return code
