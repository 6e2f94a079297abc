"""Makes `s3://` known to TensorFlow, which by itself knows `gs://` and disks only."""

from collections.abc import Mapping
from importlib import import_module

from data.errors import InputError

_S3 = "s3://"
# Logs are read by PyArrow, which knows S3.
_READ_BY_TENSORFLOW = ("root", "schema", "warm_start")


def prepare_object_storage(values: Mapping[str, str]) -> None:
    """Loads TensorFlow's file system for S3 where a value names a place there.

    Args:
        values: parameters of a run by name.

    Raises:
        InputError: if the package that brings it is not installed.
    """
    named = [name for name in _READ_BY_TENSORFLOW if values[name].strip().startswith(_S3)]
    if not named:
        return
    try:
        import_module("tensorflow_io")
    except ModuleNotFoundError as error:
        raise InputError(
            f"{named[0]}: {_S3} needs the package {error.name}, which this image lacks; "
            f"docs/deploying.md says on which lane an image can have it"
        ) from None
