"""Results that a node writes into the folder of its artifact, for other nodes and for reports."""

from typing import ClassVar

import tensorflow as tf
from typing_extensions import Self

from data.definition.base import Definition
from data.files import below, write_whole


class ResultFile(Definition):
    """The whole content of a JSON file; each kind of result names its file."""

    FILE: ClassVar[str]

    @classmethod
    def load(cls, folder: str) -> Self:
        """Reads it.

        Args:
            folder: of the artifact, local or remote.

        Returns:
            The result.
        """
        with tf.io.gfile.GFile(below(folder, cls.FILE)) as file:
            return cls.model_validate_json(file.read())

    def save(self, folder: str) -> None:
        """Writes it, whole or not at all.

        Args:
            folder: of the artifact, local or remote.
        """
        write_whole(below(folder, self.FILE), self.model_dump_json(indent=2) + "\n")
