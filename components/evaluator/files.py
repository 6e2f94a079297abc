"""Files that are either whole or not there."""

import os

from pydantic import BaseModel
from tfx.dsl.io import fileio


def write_json(folder: str, name: str, content: BaseModel) -> None:
    """Writes JSON under another name and renames it once it is complete.

    Args:
        folder: an existing folder, local or remote.
        name: of the file.
        content: what to write; NaN is not allowed in it.
    """
    path = os.path.join(folder, name)  # noqa: PTH118 - the folder may be a remote URI
    partial = f"{path}.partial"
    with fileio.open(partial, "w") as file:
        file.write(content.model_dump_json(indent=2))
    fileio.rename(partial, path, overwrite=True)


def write_text(folder: str, name: str, text: str) -> None:
    """Writes a text file into a folder."""
    with fileio.open(os.path.join(folder, name), "w") as file:  # noqa: PTH118
        file.write(text)
