import json
from typing import Any

import pytest

from data.errors import InputError
from models.training.cluster import ALONE, Cluster, check_is_worker

TWO = ["a:1", "b:1"]


def described(cluster: dict[str, list[str]], kind: str, index: int) -> str:
    return json.dumps({"cluster": cluster, "task": {"type": kind, "index": index}})


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ALONE),
        (described({"worker": TWO}, "worker", 1), Cluster(2, 1)),
        (described({"chief": ["c:1"], "worker": TWO}, "chief", 0), Cluster(3, 0)),
        (described({"chief": ["c:1"], "worker": TWO}, "worker", 1), Cluster(3, 2)),
        (described({"worker": ["a:1"]}, "worker", 0), ALONE),
    ],
)
def test_reads_the_environment(
    text: str, expected: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TF_CONFIG", text)
    assert Cluster.of_environment() == expected


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "[]",
        '{"cluster": {"worker": ["a:1"]}}',
        described({"worker": TWO}, "worker", 2),
        '{"cluster": {"worker": "a:1"}, "task": {"type": "worker", "index": 0}}',
        described({"worker": ["a", "b"]}, "worker", 1),
        described({"worker": TWO}, "chief", 0),
        described({"worker": TWO, "ps": ["p:1"]}, "worker", 0),
        described({"chief": TWO, "worker": TWO}, "worker", 0),
    ],
)
def test_refuses_what_it_cannot_mean(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TF_CONFIG", text)
    with pytest.raises(InputError) as error:
        Cluster.of_environment()
    assert str(error.value).startswith("TF_CONFIG: expected {")
    assert text in str(error.value)


def test_the_chief_alone_trains(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TF_CONFIG", described({"worker": TWO}, "worker", 0))
    assert Cluster.of_chief() == Cluster(2, 0)
    monkeypatch.setenv("TF_CONFIG", described({"worker": TWO}, "worker", 1))
    with pytest.raises(InputError, match=r"expected the chief.* runs seqmd train-worker"):
        Cluster.of_chief()


@pytest.mark.parametrize("given", [None, described({"worker": TWO}, "worker", 0)])
def test_a_worker_is_not_the_chief(given: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TF_CONFIG", raising=False)
    if given:
        monkeypatch.setenv("TF_CONFIG", given)
    with pytest.raises(InputError, match="expected a worker beside a chief"):
        check_is_worker()
