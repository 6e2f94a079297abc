"""Places that may be remote: `gs://bucket/folder` as well as `/folder`."""


def below(folder: str, *names: str) -> str:
    """The place of a name in a folder; pathlib would make `gs:/bucket` of `gs://bucket`.

    Args:
        folder: path or URI.
        *names: names of folders and of a file, each in the one before it.

    Returns:
        Path or URI.
    """
    return "/".join([folder.rstrip("/"), *names])
