"""What `import seqmd` offers, and that it costs little."""

import ast
import doctest
import os
import sys
from importlib import import_module
from pathlib import Path

import pytest

import seqmd
from tests import processes

ROOT = Path(__file__).parents[2]
MODULES = ["seqmd", *(f"seqmd.{path.stem}" for path in sorted((ROOT / "seqmd").glob("[a-z]*.py")))]


def test_it_imports_nothing_heavy() -> None:
    program = "import seqmd, sys; print(*sorted({name.split('.')[0] for name in sys.modules}))"
    done = processes.run([sys.executable, "-c", program], cwd=ROOT, check=True)
    loaded = set(done.stdout.split())
    assert "seqmd" in loaded
    heavy = {"tensorflow", "tfx", "apache_beam", "pandas", "numpy", "pyarrow", "pydantic"}
    assert not loaded & {*heavy, "data", "models", "components", "pipeline"}


def test_every_name_is_there_and_is_typed_where_it_comes_from() -> None:
    tree = ast.parse((ROOT / "seqmd" / "__init__.py").read_text())
    typed = {
        (alias.name, node.module)
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module not in ("importlib", "typing")
        for alias in node.names
    }
    assert typed == set(seqmd._MODULE_OF.items())
    assert sorted(seqmd._MODULE_OF) == seqmd.__all__
    assert [name for name in dir(seqmd) if not name.startswith("_")] == seqmd.__all__
    for name in seqmd.__all__:
        assert getattr(seqmd, name).__name__ == name
    assert (ROOT / "seqmd" / "py.typed").exists()


def test_other_names_are_refused_as_of_any_module() -> None:
    with pytest.raises(AttributeError, match="module 'seqmd' has no attribute 'rnu'"):
        _ = seqmd.rnu


def test_tensorflow_starts_without_errors_about_plugins() -> None:
    program = "import seqmd, tensorflow"
    quiet = {name: value for name, value in os.environ.items() if name != "TF_CPP_MIN_LOG_LEVEL"}
    done = processes.run([sys.executable, "-c", program], cwd=ROOT, check=True, env=quiet)
    assert done.stdout == ""
    assert "Unable to register" not in done.stderr


@pytest.mark.parametrize("name", MODULES)
def test_examples_in_docstrings_hold(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    options = doctest.ELLIPSIS | doctest.IGNORE_EXCEPTION_DETAIL
    assert doctest.testmod(import_module(name), optionflags=options).failed == 0


def test_there_are_examples() -> None:
    finder = doctest.DocTestFinder(exclude_empty=True)
    examples = [
        test.name for name in MODULES for test in finder.find(import_module(name)) if test.examples
    ]
    assert {"seqmd.measures.ndcg", "seqmd.losses.loss", "seqmd.definitions.simulate"} <= {*examples}
