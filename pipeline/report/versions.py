"""What a run was made with."""

import platform
from typing import Any

from pipeline.code_version import library_versions, packages_version


def versions() -> dict[str, Any]:
    """Versions of the code, of Python and of the libraries that do the work."""
    return {
        "code": packages_version(),
        "python": platform.python_version(),
        "system": platform.platform(),
        "libraries": library_versions(),
    }
