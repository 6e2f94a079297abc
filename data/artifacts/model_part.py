"""What may go with an exported model as the whole content of a JSON file."""

from typing import ClassVar

import tensorflow as tf
from pydantic import ValidationError
from typing_extensions import Self

from data.artifacts.model_folder import ExtraFiles
from data.definition.base import Definition
from data.errors import InputError, describe


class ModelPart(Definition):
    """A file beside a SavedModel; each kind names its place among `ExtraFiles`."""

    PLACE: ClassVar[str]

    @classmethod
    def of_model(cls, folder: str) -> Self | None:
        """What goes with an exported model; None where there is nothing of the kind.

        Args:
            folder: the SavedModel, local or remote.

        Raises:
            InputError: the file is not of this form.
        """
        file = getattr(ExtraFiles(folder), cls.PLACE)
        if not tf.io.gfile.exists(file):
            return None
        with tf.io.gfile.GFile(file) as text:
            try:
                return cls.model_validate_json(text.read())
            except ValidationError as error:
                raise InputError(describe(error, file)) from None
