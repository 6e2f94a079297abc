"""What a piece of work takes: time, processor time and memory."""

import os
import resource
import time
from dataclasses import asdict, dataclass
from pathlib import Path

_PAGE = resource.getpagesize()


@dataclass(frozen=True)
class Usage:
    """What was taken.

    Attributes:
        seconds: on the clock.
        cpu_seconds: of all threads together; on a shared machine steadier than `seconds`.
        others_cpu_seconds: what everything else on the machine took in that time; on a quiet
            machine it is near 0.
        peak_megabytes: the most memory that the process ever held, its imports included.
        megabytes_before: memory that it held before the work, which is mostly imports.
    """

    seconds: float
    cpu_seconds: float
    others_cpu_seconds: float
    peak_megabytes: float
    megabytes_before: float

    def figures(self) -> dict[str, float]:
        """The figures by name."""
        return {name: round(value, 3) for name, value in asdict(self).items()}


class Meter:
    """Measures from its creation on; wants a process of its own, since peaks never come down."""

    def __init__(self) -> None:
        self._megabytes = held_megabytes()
        self._cpu = _cpu_seconds()
        self._machine = _machine_cpu_seconds()
        self._started = time.perf_counter()

    def read(self) -> Usage:
        """What was taken so far."""
        cpu_seconds = _cpu_seconds() - self._cpu
        of_all = _machine_cpu_seconds() - self._machine
        return Usage(
            seconds=time.perf_counter() - self._started,
            cpu_seconds=cpu_seconds,
            others_cpu_seconds=max(0.0, of_all - cpu_seconds),
            peak_megabytes=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
            megabytes_before=self._megabytes,
        )


def _cpu_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def _machine_cpu_seconds() -> float:
    """User, nice and system time of all processes since the machine started."""
    ticks = Path("/proc/stat").read_text().split(maxsplit=4)[1:4]
    return sum(map(int, ticks)) / os.sysconf("SC_CLK_TCK")


def held_megabytes() -> float:
    """Memory that this process holds now."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * _PAGE / 2**20
