import threading

from benchmarks.speed.latency import one_at_a_time, several_clients
from tests.processes import LONGEST


def test_every_way_is_asked_in_turn() -> None:
    asked: list[str] = []
    ways = {name: lambda name=name: asked.append(name) for name in ("a", "b")}
    figures = one_at_a_time(ways, 30)
    assert asked == ["a", "b"] * (len(asked) // 2)
    assert len(asked) >= 2 * 30
    for found in figures.values():
        assert 0 <= found["least_ms"] <= found["p50_ms"] <= found["p99_ms"]


def test_clients_ask_at_the_same_time() -> None:
    # Passes only once four threads have come.
    together = threading.Barrier(4, timeout=LONGEST)
    figures = several_clients({"way": lambda: together.wait()}, 80, 4)
    assert figures["way"]["answers_per_second"] > 0
