"""Lists the files of one split of an Examples artifact."""

from tfx import types
from tfx.types import artifact_utils

from data.errors import InputError
from data.files import files_in


def split_files(examples: list[types.Artifact], split: str, called: str) -> list[str]:
    """Paths of the files that hold the lists of a split.

    Args:
        examples: the artifact of the lists.
        split: its name.
        called: name of the split in the error message.

    Returns:
        Paths in ascending order.

    Raises:
        InputError: there is none.
    """
    folders = artifact_utils.get_split_uris(examples, split)
    files = [path for folder in folders for path in files_in(folder)]
    if not files:
        raise InputError(f"expected {called} examples in {folders}, found no file")
    return sorted(files)
