"""Two processes train one model, as one process trains it on the same batches."""

import contextlib
import json
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from data.errors import InputError
from models.checkpoints import EpochCheckpoints
from models.cluster import Cluster
from models.serving import load_ranker
from models.workers import Workers

SCRIPT = Path(__file__).with_name("one_of_two.py")
TIMEOUT = 600
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
        self.together = {
            name: folder / "together" / name for name in ("whole", "resumed", "uneven")
        }
        self.checkpoints = folder / "checkpoints"


@pytest.fixture(scope="module")
def trained(
    tmp_path_factory: pytest.TempPathFactory,
    train: Train,
    arguments: Callable[..., dict[str, Any]],
    lists: list[Any],
    write_lists: Callable[[Path, Sequence[Any]], str],
) -> Trained:
    folder = tmp_path_factory.mktemp("workers")
    found = Trained(folder)
    for number, (start, end) in enumerate([(0, 60), (60, 150), (150, 200)]):
        write_lists(folder / f"uneven-{number}", lists[start:end])
    uneven = {**UNEVEN, "train_files": str(folder / "uneven-*")}
    with _first_checkpoint_kept(found.checkpoints):
        train(found.alone["whole"], **WHOLE)
    train(found.alone["uneven"], **uneven)
    resumed = {**WHOLE, "checkpoints": found.checkpoints}
    wanted = {"whole": WHOLE, "resumed": resumed, "uneven": uneven}
    _train_together(
        [arguments(found.together[name], **given) for name, given in wanted.items()], folder
    )
    return found


@contextlib.contextmanager
def _first_checkpoint_kept(folder: Path) -> Iterator[None]:
    """Within it, the checkpoints of a training as its first epoch left them are copied."""
    save = EpochCheckpoints.save

    def save_and_copy(self: EpochCheckpoints, epoch: int) -> None:
        save(self, epoch)
        if epoch == 1:
            shutil.copytree(self._folder, folder / Path(self._folder).name)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(EpochCheckpoints, "save", save_and_copy)
        yield


def _train_together(trainings: Sequence[dict[str, Any]], folder: Path) -> None:
    (folder / "arguments.json").write_text(json.dumps(trainings))
    hosts = [f"localhost:{port}" for port in _free_ports(2)]
    processes = []
    try:
        for index, part in enumerate(("CHIEF", "WORKER")):
            task = {"cluster": {"worker": hosts}, "task": {"type": "worker", "index": index}}
            place = folder / part
            place.mkdir()
            with (folder / f"{part}.log").open("w") as log:
                command = [sys.executable, str(SCRIPT), part, str(folder / "arguments.json")]
                environment = {**os.environ, "TF_CONFIG": json.dumps(task)}
                processes.append(
                    subprocess.Popen(command, cwd=place, env=environment, stdout=log, stderr=log)
                )
        codes = [process.wait(TIMEOUT) for process in processes]
    finally:
        for process in processes:
            process.kill()
            process.wait()
    logs = "\n".join((folder / f"{part}.log").read_text()[-3000:] for part in ("CHIEF", "WORKER"))
    assert codes == [0, 0], logs


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
    ranker = load_ranker(str(folder / "model"))
    return ranker([one.serialized() for one in lists], row_lengths)["score"]


@pytest.mark.parametrize("name", ["whole", "resumed"])
def test_two_workers_have_the_losses_and_the_model_of_one(
    trained: Trained, lists: list[Any], name: str
) -> None:
    alone, together = _history(trained.alone["whole"]), _history(trained.together[name])
    assert len(together) == len(alone) == 3
    for one, two in zip(alone, together, strict=True):
        for part in ("train", "validation"):
            assert two[part] == pytest.approx(one[part], abs=1e-4), (one["epoch"], part)
    first, last = alone[0]["train"]["loss"], alone[-1]["train"]["loss"]
    assert abs(first - last) > 0.05
    np.testing.assert_allclose(
        _scores(trained.together[name], lists),
        _scores(trained.alone["whole"], lists),
        atol=1e-4,
    )


def test_workers_with_less_to_read_wait_for_nobody(trained: Trained) -> None:
    alone, together = _history(trained.alone["uneven"]), _history(trained.together["uneven"])
    assert [epoch["epoch"] for epoch in together] == [1, 2]
    for one, two in zip(alone, together, strict=True):
        assert two["validation"] == pytest.approx(one["validation"], abs=1e-4)
        # Other batches, and a fourth one that is small: about the same losses.
        assert two["train"]["loss"] == pytest.approx(one["train"]["loss"], rel=0.2)


def test_only_the_chief_writes(trained: Trained) -> None:
    assert not list(trained.checkpoints.iterdir())
    root = trained.checkpoints.parent
    assert not list((root / "CHIEF").iterdir())
    assert not list((root / "WORKER").iterdir())
    for folder in trained.together.values():
        assert {path.name for path in folder.iterdir()} <= {"model", "run", "checkpoints"}
        for part in ("train", "validation"):
            assert len(list((folder / "run" / part).glob("events.*"))) == 1


def test_files_and_batches_are_shared_out() -> None:
    first, second = (Workers(Cluster(2, index)) for index in (0, 1))
    assert first.files_of(["a", "b", "c"]) == ["a", "c"]
    assert second.files_of(["a", "b", "c"]) == ["b"]
    assert (first.share_of(7), second.share_of(7)) == (4, 3)
    with pytest.raises(InputError, match=r"at least 2 files .* found 1.*fewest_files = 2"):
        second.files_of(["a"])
    with pytest.raises(InputError, match="lists_per_batch of at least 2, found 1"):
        first.share_of(1)
    assert Workers().files_of([]) == []
