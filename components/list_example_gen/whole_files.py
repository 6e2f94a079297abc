"""Output files that appear whole or not at all."""

from collections.abc import Iterator
from contextlib import contextmanager

import tensorflow as tf

from data import files

TEMPORARY = ".temporary"


@contextmanager
def whole_file(root: str, name: str) -> Iterator[str]:
    """Gives a temporary path to write to, and moves the file to its place in the end.

    A worker that dies leaves nothing in place, and one that does the work again replaces the file.

    Args:
        root: folder of the artifact.
        name: path of the file in it.

    Yields:
        The path to write to.
    """
    with files.whole_file(f"{root}/{name}", aside=f"{root}/{TEMPORARY}") as path:
        yield path


def remove_temporary(root: str) -> None:
    """Removes what `whole_file` left behind."""
    if tf.io.gfile.exists(f"{root}/{TEMPORARY}"):
        tf.io.gfile.rmtree(f"{root}/{TEMPORARY}")


def remove_everything(root: str) -> None:
    """Removes all that is in a folder."""
    for name in tf.io.gfile.listdir(root) if tf.io.gfile.isdir(root) else []:
        path = f"{root}/{name.rstrip('/')}"
        if tf.io.gfile.isdir(path):
            tf.io.gfile.rmtree(path)
        else:
            tf.io.gfile.remove(path)
