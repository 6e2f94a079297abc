"""The cluster of processes that train together, as TF_CONFIG describes it; free of TensorFlow."""

import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from data.errors import InputError

VARIABLE = "TF_CONFIG"
_JOBS = ("chief", "worker")
_ADDRESS = re.compile(r".+:\d+")
_EXPECTED = (
    '{"cluster": {"worker": ["HOST:PORT", ...]}, "task": {"type": "worker", "index": 0}}, '
    "with a chief beside the workers or not"
)


class WorkerLostError(RuntimeError):
    """Another process of the training ended before the training was done."""

    def __init__(self, number: int) -> None:
        super().__init__(
            f"training on {number} workers: another one ended, or cannot be reached, before the "
            "training was done; start all of them again as before: it goes on after its last epoch"
        )


@dataclass(frozen=True)
class Cluster:
    """The processes that train together, and which of them this is.

    Attributes:
        number: number of processes.
        index: place of this one, the chief's being 0.
    """

    number: int = 1
    index: int = 0

    @classmethod
    def of_environment(cls) -> "Cluster":
        """Reads the environment variable TF_CONFIG.

        Returns:
            The cluster; this process alone where the variable is not set.

        Raises:
            InputError: it does not describe workers, or not which of them this is.
        """
        text = os.environ.get(VARIABLE, "")
        if not text:
            return cls()
        try:
            described = json.loads(text)
            hosts, task = _hosts(described), described["task"]
            kind, place = task["type"], int(task["index"])
            return cls(sum(hosts.values()), _index(hosts, kind, place))
        except (ValueError, TypeError, KeyError, AttributeError):
            raise InputError(f"{VARIABLE}: expected {_EXPECTED}; found {text}") from None

    @classmethod
    def of_chief(cls) -> "Cluster":
        """Reads TF_CONFIG in a process that runs the Trainer.

        Raises:
            InputError: TF_CONFIG is wrong, or names this process as another than the chief.
        """
        cluster = cls.of_environment()
        if not cluster.is_chief:
            raise InputError(
                f"{VARIABLE}: expected the chief, which alone runs the Trainer; a worker beside it "
                f"runs seqmd train-worker; found {os.environ[VARIABLE]}"
            )
        return cluster

    @property
    def is_chief(self) -> bool:
        """Whether this is the process that writes."""
        return self.index == 0


ALONE = Cluster()


def _hosts(described: Mapping[str, Any]) -> dict[str, int]:
    """Number of processes by job, the chief first."""
    cluster = described["cluster"]
    if not set(cluster) <= set(_JOBS) or len(cluster.get("chief", [])) > 1:
        raise ValueError(f"no cluster of workers: {cluster}")
    for job, addresses in cluster.items():
        if not isinstance(addresses, list) or not all(map(_ADDRESS.fullmatch, addresses)):
            raise ValueError(f"no addresses of {job}: {addresses}")
    return {job: len(cluster[job]) for job in _JOBS if cluster.get(job)}


def _index(hosts: Mapping[str, int], kind: str, place: int) -> int:
    if not 0 <= place < hosts[kind]:
        raise ValueError(f"no {kind} {place}")
    return place if kind == "chief" else place + hosts.get("chief", 0)


def check_is_worker() -> None:
    """Refuses a process that is not a worker beside a chief.

    Raises:
        InputError: TF_CONFIG names this process as the chief, or there is none.
    """
    if Cluster.of_environment().is_chief:
        raise InputError(
            f"{VARIABLE}: expected a worker beside a chief, which is what runs the Trainer; found "
            f"{os.environ.get(VARIABLE) or 'none'}"
        )
