"""Versions of the code: the cache answers a node only for the code that it ran with."""

import ast
import hashlib
import re
from collections.abc import Iterable, Iterator
from functools import cache
from importlib.metadata import version
from itertools import accumulate
from pathlib import Path

PACKAGES = ("data", "models", "components", "pipeline")
_ROOT = Path(__file__).parent.parent
# A dotted name, or the path of a file beside a module.
_NAME = re.compile(r"\w[\w-]*([./]\w[\w-]*)*")
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


def code_version(*names: str, root: Path = _ROOT) -> str:
    """Hash of the modules that are named and of all that they import; see `import_closure`.

    Args:
        names: dotted names of modules, or of something in a module.
        root: folder of the packages.

    Returns:
        16 hexadecimal digits; empty where no name leads to one of the own modules.
    """
    files = import_closure(names, root)
    return _hash(files, root) if files else ""


def packages_version(root: Path = _ROOT) -> str:
    """Hash of all of the own code.

    Args:
        root: folder of the packages.

    Returns:
        16 hexadecimal digits.
    """
    return _hash((path for name in PACKAGES for path in (root / name).rglob("*.py")), root)


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


def import_closure(names: Iterable[str], root: Path = _ROOT) -> set[Path]:
    """Files of the modules that are named, and of all that these import.

    Sources are read, not run. An import counts wherever it stands, in a function too, unless it is
    for type checkers alone. So does a text that is the dotted name of a module, or of something in
    a module. A text that is the name of a data file or folder beside its module adds those files.

    Args:
        names: dotted names; those of other packages are passed over.
        root: folder of the packages.

    Returns:
        Paths of source and data files.
    """
    waiting = [path for name in names for path in _sources(name, root)]
    found: set[Path] = set()
    while waiting:
        path = waiting.pop()
        if path in found:
            continue
        found.add(path)
        package = ".".join(path.parent.relative_to(root).parts)
        imported, texts = _named_in(path.read_bytes(), package)
        waiting.extend(source for name in imported | texts for source in _sources(name, root))
        found.update(file for text in texts for file in _data_files(path.parent / text))
    return found


def _hash(files: Iterable[Path], root: Path) -> str:
    digest = hashlib.sha256()
    for path in sorted(files):
        for part in (str(path.relative_to(root)).encode(), path.read_bytes()):
            digest.update(len(part).to_bytes(8, "big") + part)
    return digest.hexdigest()[:16]


def _sources(name: str, root: Path) -> Iterator[Path]:
    """Files of the module that a dotted name leads to, and of the packages it lies in."""
    parts = name.split(".")
    if parts[0] not in PACKAGES:
        return
    for place in accumulate(parts, Path.joinpath, initial=root):
        for path in (place.with_name(f"{place.name}.py"), place / "__init__.py"):
            if path.is_file() and path.is_relative_to(root) and place != root:
                yield path


@cache
def _named_in(source: bytes, package: str) -> tuple[frozenset[str], frozenset[str]]:
    """The names that a source imports, and its texts that may name modules or files."""
    imported: set[str] = set()
    texts: set[str] = set()
    for node in _executed(ast.parse(source)):
        if isinstance(node, ast.Import):
            imported.update(one.name for one in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package.split(".")[: len(package.split(".")) - node.level + 1]
            base = [*(above if node.level else ()), *filter(None, [node.module])]
            imported.update(".".join([*base, one.name]) for one in node.names)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            texts.add(node.value)
    return frozenset(imported), frozenset(filter(_NAME.fullmatch, texts))


def _executed(tree: ast.AST) -> Iterator[ast.AST]:
    """All nodes of a syntax tree but those that only type checkers read."""
    yield tree
    if isinstance(tree, ast.If) and ast.unparse(tree.test).endswith("TYPE_CHECKING"):
        children: Iterable[ast.AST] = tree.orelse
    else:
        children = ast.iter_child_nodes(tree)
    for child in children:
        yield from _executed(child)


def _data_files(place: Path) -> Iterator[Path]:
    """Data files at a path: the file itself, or those of a folder without sources."""
    if place.is_file() and place.suffix != ".py":
        yield place
    elif place.is_dir() and not any(place.rglob("*.py")):
        yield from (path for path in place.rglob("*") if path.is_file())
