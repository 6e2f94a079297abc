"""A version of the code behind a node, so that changed code is never answered from the cache."""

import hashlib
from functools import cache
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

# The libraries that do the work of the nodes.
_LIBRARIES = (
    "tfx",
    "tfx-bsl",
    "tensorflow",
    "tensorflow-data-validation",
    "tensorflow-transform",
    "tensorflow-model-analysis",
    "tensorflow-ranking",
    "tensorflow-recommenders",
    "apache-beam",
    "pyarrow",
    "numpy",
)


def code_version(*modules: str) -> str:
    """Hash of the sources of modules and packages.

    Args:
        modules: dotted names; a package counts with all its modules.

    Returns:
        16 hexadecimal digits.
    """
    digest = hashlib.sha256()
    for module in modules:
        for path, name in _sources(module):
            digest.update(name.encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def library_versions() -> dict[str, str]:
    """Versions of the libraries that do the work, by their names."""
    return {name: version(name) for name in _LIBRARIES}


@cache
def libraries_version() -> str:
    """Hash of the versions of the libraries that do the work.

    Returns:
        8 hexadecimal digits.
    """
    found = "\n".join(f"{name}=={found}" for name, found in library_versions().items())
    return hashlib.sha256(found.encode()).hexdigest()[:8]


def _sources(module: str) -> list[tuple[Path, str]]:
    spec = find_spec(module)
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError(f"no module named {module!r}")
    origin = Path(spec.origin)
    if not spec.submodule_search_locations:
        return [(origin, module)]
    folder = origin.parent
    files = sorted(path for path in folder.rglob("*.py") if path.is_file())
    return [(path, f"{module}/{path.relative_to(folder)}") for path in files]
