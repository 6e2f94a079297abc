"""What a run was made with."""

import platform
from typing import Any

from pipeline.code_version import code_version, library_versions

_PACKAGES = ("data", "models", "components", "pipeline")


def versions() -> dict[str, Any]:
    """Versions of the code, of Python and of the libraries that do the work."""
    return {
        "code": code_version(*_PACKAGES),
        "python": platform.python_version(),
        "system": platform.platform(),
        "libraries": library_versions(),
    }
