"""The import direction: data <- models, components <- pipeline <- benchmarks, seqmd."""

import ast
import sys
from pathlib import Path

import pytest

from tests import processes

ROOT = Path(__file__).parent.parent
ALLOWED = {
    "data": {"data"},
    "models": {"data", "models"},
    "components": {"data", "components"},
    "pipeline": {"data", "models", "components", "pipeline"},
    "benchmarks": {"data", "models", "components", "pipeline", "benchmarks"},
    "seqmd": {"data", "models", "components", "pipeline", "seqmd"},
}


def imported_packages(source: str) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            names.add(node.module.split(".")[0])
    return names


def test_imported_packages_sees_both_forms() -> None:
    source = (
        "import models.config\nfrom data import files\nif True:\n    from pipeline.cli import main"
    )
    assert imported_packages(source) == {"models", "data", "pipeline"}


@pytest.mark.parametrize("package", sorted(ALLOWED))
def test_imports_run_one_way(package: str) -> None:
    files = sorted((ROOT / package).rglob("*.py"))
    assert files
    for path in files:
        forbidden = (imported_packages(path.read_text()) & set(ALLOWED)) - ALLOWED[package]
        assert not forbidden, f"{path.relative_to(ROOT)} imports {sorted(forbidden)}"


@pytest.mark.parametrize("module", ["pipeline.cli", "pipeline.commands.run", "pipeline.config"])
def test_a_wrong_option_is_told_before_the_libraries_load(module: str) -> None:
    """They take ten seconds, and print to a screen that is not theirs."""
    program = (
        f"import sys, {module}; print({{'tensorflow', 'tfx', 'apache_beam'}} & {{*sys.modules}})"
    )
    done = processes.run([sys.executable, "-c", program], cwd=ROOT, check=True)
    assert done.stdout.strip() == "set()"


def test_ranking_library_is_imported_in_one_place() -> None:
    importing = [
        str(path.relative_to(ROOT))
        for package in ALLOWED
        for path in (ROOT / package).rglob("*.py")
        if "tensorflow_ranking" in imported_packages(path.read_text())
    ]
    assert importing == ["models/losses/tf_ranking.py"]
