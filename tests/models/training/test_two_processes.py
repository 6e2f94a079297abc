"""Two processes train one model, as one process trains it on the same batches."""

import json
import signal
import socket
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest

from data.artifacts.served_answer import ExportedModel
from models.training.cluster import WorkerLostError
from tests import warm

pytestmark = pytest.mark.thorough
ONE_OF_TWO = "tests.models.training.one_of_two:main"
PARTS = ("CHIEF", "WORKER")
# The checkpoint of the epoch before the last one is whole: all have trained since.
DYING_EPOCH = 3
Train = Callable[..., Path]

# All 200 training lists are one batch: a half for each of two workers, whatever the order.
WHOLE = {
    "training": {
        "lists_per_batch": 200,
        "epochs": 3,
        "learning_rate": 0.01,
        "gradient_clip": 1.0,
        "weight_decay": 0.01,
        "averaged_weights": 0.9,
    },
    "model": {"unknown_region_share": 0.0},
}
# 60, 90 and 50 lists in three files: one worker has 110 lists, or 4 halves of a batch, and the
# other one 90, or 3. Steps so small leave the weights as they were.
UNEVEN = {
    "training": {"lists_per_batch": 64, "epochs": 2, "learning_rate": 1e-12},
    "model": {"unknown_region_share": 0.5, "dropout": 0.5},
}


class Trained:
    """Folders of the trainings by one process and by two."""

    def __init__(self, folder: Path) -> None:
        self.alone = {name: folder / "alone" / name for name in ("whole", "uneven")}
        self.together = {name: folder / "together" / name for name in ("resumed", "uneven")}
        self.checkpoints = folder / "checkpoints"
        self.processes = folder / "processes"
        self.dying: dict[str, dict[str, Process]] = {}
        self.history_of_the_dead: list[dict[str, Any]] = []


@pytest.fixture(scope="module")
def trained(
    tmp_path_factory: pytest.TempPathFactory,
    train: Train,
    learn: Callable[..., Any],
    arguments: Callable[..., dict[str, Any]],
    lists: list[Any],
    write_lists: Callable[[Path, Sequence[Any]], str],
) -> Trained:
    folder = tmp_path_factory.mktemp("workers")
    found = Trained(folder)
    for number, (start, end) in enumerate([(0, 60), (60, 150), (150, 200)]):
        write_lists(folder / f"uneven-{number}", lists[start:end])
    uneven = {**UNEVEN, "train_files": str(folder / "uneven-*")}
    train(found.alone["whole"], **WHOLE)
    learn(found.alone["uneven"], **uneven)
    resumed = {**WHOLE, "checkpoints": found.checkpoints}
    wanted = {"resumed": resumed, "uneven": uneven}
    trainings = {name: arguments(found.together[name], **given) for name, given in wanted.items()}
    for part in PARTS:
        place = folder / f"dying-{part}"
        found.dying[part] = _train_together([trainings["resumed"]], place, part)
    found.history_of_the_dead = _history(found.together["resumed"])
    ended = _train_together(list(trainings.values()), folder / "processes")
    assert [process.code for process in ended.values()] == [0, 0], ended
    return found


class Process(NamedTuple):
    """How one of the two processes ended."""

    code: int
    log: str


def _train_together(
    trainings: Sequence[dict[str, Any]], folder: Path, dying: str = ""
) -> dict[str, Process]:
    folder.mkdir()
    (folder / "arguments.json").write_text(json.dumps(trainings))
    hosts = [f"localhost:{port}" for port in _free_ports(2)]
    started = {}
    for index, part in enumerate(PARTS):
        task = {"cluster": {"worker": hosts}, "task": {"type": "worker", "index": index}}
        place = folder / part
        place.mkdir()
        words = [part, folder / "arguments.json", *([str(DYING_EPOCH)] if part == dying else [])]
        environment = {"TF_CONFIG": json.dumps(task)}
        started[part] = warm.start(ONE_OF_TWO, *words, folder=place, environment=environment)
    # Where one is killed, the other one must end by itself.
    ended = {part: process.wait() for part, process in started.items()}
    return {part: Process(done.returncode, done.stderr) for part, done in ended.items()}


def _free_ports(number: int) -> list[int]:
    sockets = [socket.socket() for _ in range(number)]
    for one in sockets:
        one.bind(("localhost", 0))
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


def _history(folder: Path) -> list[dict[str, Any]]:
    return json.loads((folder / "run" / "history.json").read_text())


def _scores(folder: Path, lists: Sequence[Any]) -> np.ndarray:
    row_lengths = np.array([len(one.item["rating"]) for one in lists])
    ranker = ExportedModel(str(folder / "model"))
    return ranker([one.serialized() for one in lists], row_lengths)["score"]


def test_two_workers_have_the_losses_and_the_model_of_one(
    trained: Trained, lists: list[Any]
) -> None:
    # Two deaths and restarts lie between: without them, no more could be equal.
    alone, together = _history(trained.alone["whole"]), _history(trained.together["resumed"])
    assert len(together) == len(alone) == 3
    for one, two in zip(alone, together, strict=True):
        for part in ("train", "validation"):
            assert two[part] == pytest.approx(one[part], abs=1e-4), (one["epoch"], part)
    first, last = alone[0]["train"]["loss"], alone[-1]["train"]["loss"]
    assert abs(first - last) > 0.05
    np.testing.assert_allclose(
        _scores(trained.together["resumed"], lists),
        _scores(trained.alone["whole"], lists),
        atol=1e-4,
    )


@pytest.mark.reliability("fault")
@pytest.mark.parametrize("dying", PARTS)
def test_when_one_is_killed_the_other_one_says_so_and_ends(
    trained: Trained, dying: str, record_property: Callable[[str, object], None]
) -> None:
    ended = trained.dying[dying]
    [other] = set(PARTS) - {dying}
    assert ended[dying].code == -signal.SIGKILL
    assert ended[other].code == 1
    assert f"WorkerLostError: {WorkerLostError(2)}" in ended[other].log
    record_property("what", f"a process of two that train together is killed: the {dying.lower()}")
    record_property("tried", 1)
    record_property("outcome", "the other one ends with one clear error; both go on when restarted")


def test_after_a_death_they_go_on_from_the_last_epoch(trained: Trained) -> None:
    # The seconds that an epoch took are those of the processes that were killed.
    before, after = trained.history_of_the_dead, _history(trained.together["resumed"])
    assert len(before) == DYING_EPOCH - 1
    # Which epoch is kept follows from those that come after it.
    entries = [{**epoch, "kept": False} for epoch in before]
    assert [{**epoch, "kept": False} for epoch in after[: len(before)]] == entries
    assert [epoch["epoch"] for epoch in after if epoch["kept"]] == [len(after)]


def test_workers_with_less_to_read_wait_for_nobody(trained: Trained) -> None:
    alone, together = _history(trained.alone["uneven"]), _history(trained.together["uneven"])
    assert [epoch["epoch"] for epoch in together] == [1, 2]
    for one, two in zip(alone, together, strict=True):
        assert two["validation"] == pytest.approx(one["validation"], abs=1e-4)
        # Other batches, and a fourth one that is small: about the same losses.
        assert two["train"]["loss"] == pytest.approx(one["train"]["loss"], rel=0.2)


def test_only_the_chief_writes(trained: Trained) -> None:
    assert not list(trained.checkpoints.iterdir())
    for part in PARTS:
        assert not list((trained.processes / part).iterdir())
    for name, folder in trained.together.items():
        chiefs = 1 + len(trained.dying) if name == "resumed" else 1
        assert {path.name for path in folder.iterdir()} <= {"model", "run", "checkpoints"}
        for part in ("train", "validation"):
            assert len(list((folder / "run" / part).glob("events.*"))) == chiefs
