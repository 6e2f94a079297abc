"""How long answers take, several ways to answer among each other."""

import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor

import numpy as np

# Sends a request and waits for its answer.
Ask = Callable[[], object]
Figures = dict[str, float]

_WARM_UP = 10
# Requests that one way answers before the next one's turn, where several clients ask.
_BLOCK = 20


def one_at_a_time(ways: Mapping[str, Ask], requests: int) -> dict[str, Figures]:
    """Asks every way in turn, so that all meet the same disturbances.

    Args:
        ways: by name.
        requests: to each.

    Returns:
        By way: `p50_ms`, `p99_ms` and `least_ms` on the clock; `cpu_ms`, the median of this
        process's processor time, which other processes on the machine disturb less.
    """
    taken: dict[str, list[tuple[float, float]]] = {name: [] for name in ways}
    for number in range(-_WARM_UP, requests):
        for name, ask in ways.items():
            cpu, started = time.process_time(), time.perf_counter()
            ask()
            seconds = time.perf_counter() - started, time.process_time() - cpu
            if number >= 0:
                taken[name].append(seconds)
    return {name: _figures(np.array(pairs)) for name, pairs in taken.items()}


def several_clients(ways: Mapping[str, Ask], requests: int, clients: int) -> dict[str, Figures]:
    """Clients that ask at the same time, each again as soon as it has its answer.

    Args:
        ways: by name; they take turns.
        requests: to each, at least.
        clients: threads.

    Returns:
        By way: `p50_ms`, `p99_ms`, `least_ms` and `answers_per_second`.
    """
    rounds = max(1, requests // (clients * _BLOCK))
    taken: dict[str, list[float]] = {name: [] for name in ways}
    seconds = dict.fromkeys(ways, 0.0)
    with ThreadPoolExecutor(clients) as pool:
        for _ in range(rounds):
            for name, ask in ways.items():
                started = time.perf_counter()
                for block in pool.map(_block, [ask] * clients):
                    taken[name] += block
                seconds[name] += time.perf_counter() - started
    return {
        name: {
            **_clock(np.array(times)),
            "answers_per_second": round(len(times) / seconds[name], 1),
        }
        for name, times in taken.items()
    }


def _block(ask: Ask) -> list[float]:
    seconds = []
    for _ in range(_BLOCK):
        started = time.perf_counter()
        ask()
        seconds.append(time.perf_counter() - started)
    return seconds


def _figures(pairs: np.ndarray) -> Figures:
    return {**_clock(pairs[:, 0]), "cpu_ms": round(1000 * float(np.median(pairs[:, 1])), 3)}


def _clock(seconds: np.ndarray) -> Figures:
    middle, late = np.percentile(seconds, [50, 99])
    named = {"p50_ms": middle, "p99_ms": late, "least_ms": seconds.min()}
    return {name: round(1000 * float(value), 3) for name, value in named.items()}
