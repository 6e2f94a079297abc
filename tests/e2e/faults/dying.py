"""Ends a process inside a write: no thread watches for the moment, so it is never too late."""

import ctypes
import inspect
import os
import resource
import signal
from pathlib import Path
from typing import Any

from components.list_example_gen.writing import WriteLists
from pipeline.artifact_store import MARK

# Bytes of the file that the process leaves half-written; the larger number lets the sources pass
# that TensorFlow writes of functions while it traces them.
TORN = 97
TORN_MODEL = 20_011
# What becomes of a process that is ended there; it is heard of by no code of its own.
TORN_OFF = -signal.SIGXFSZ


def die_in_the_next_write(longest: int = TORN) -> None:
    """The system ends this process as soon as it writes a longer file, in whatever language."""
    library = ctypes.CDLL(None)
    # Python ignores the signal, and sets handlers from its main thread alone.
    library.signal(signal.SIGXFSZ, 0)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for descriptor in (1, 2):
        # They may lead to a log file.
        os.dup2(nowhere, descriptor)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (longest, longest))


def torn_files(output: Path) -> list[str]:
    """Files below a folder of which a process that died has written the beginning."""
    # The mark of a folder holds its path, and may by chance be as long; it is written before.
    found = (path for path in output.rglob("*") if path.is_file() and path.name != MARK)
    torn = (one for one in found if one.stat().st_size in (TORN, TORN_MODEL))
    return sorted(str(one.relative_to(output)) for one in torn)


def die_in_checkpoint(number: int) -> None:
    """This process dies while it writes the checkpoint of an epoch."""
    from models.training.checkpoints import EpochCheckpoints

    save = EpochCheckpoints.save

    def save_or_die(self: EpochCheckpoints, epoch: int) -> None:
        if epoch == number:
            die_in_the_next_write()
        save(self, epoch)

    EpochCheckpoints.save = save_or_die


def die_in_export() -> None:
    """This process dies while it writes a SavedModel."""
    import tensorflow as tf

    save = tf.saved_model.save

    def save_and_die(*arguments: Any, **options: Any) -> None:
        die_in_the_next_write(TORN_MODEL)
        save(*arguments, **options)

    tf.saved_model.save = save_and_die


def die_in_push() -> None:
    """This process dies while it copies a model to where servers look for it."""
    from components.pusher import component

    push = component.push

    def push_and_die(*arguments: str) -> int:
        die_in_the_next_write()
        return push(*arguments)

    component.push = push_and_die


class Trap:
    """Runs in the worker process of Beam that takes it out of its pickle, and nowhere else."""

    def __reduce__(self) -> tuple[Any, ...]:
        lines = [
            "import ctypes, os, resource, signal, sys",
            f"TORN = {TORN}",
            inspect.getsource(die_in_the_next_write),
            "if 'sdk_worker' in sys.argv[0]: die_in_the_next_write()",
        ]
        # Workers do not find the modules of tests.
        return exec, ("\n".join(lines), {})


def die_in_beam_worker() -> None:
    """Worker processes that this process starts die while they write lists."""
    from components.list_example_gen import executor

    def trapped(*arguments: Any) -> WriteLists:
        writer = WriteLists(*arguments)
        writer.trap = Trap()
        return writer

    executor.WriteLists = trapped


def run_node_that_dies_in_training(words: list[str]) -> int:
    """A node of a run in a container, which dies while it writes its second checkpoint."""
    from pipeline.kubeflow.node import main

    die_in_checkpoint(2)
    return main(words)
