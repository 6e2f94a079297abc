import sys
from pathlib import Path

import pytest

from pipeline.code_version import code_version


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "versioned_package"
    folder.mkdir()
    (folder / "__init__.py").write_text("")
    (folder / "part.py").write_text("VALUE = 1\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    yield folder
    sys.modules.pop("versioned_package", None)


def test_changes_with_any_source_of_the_package(package: Path) -> None:
    before = code_version("versioned_package")
    assert code_version("versioned_package") == before
    (package / "part.py").write_text("VALUE = 2\n")
    changed = code_version("versioned_package")
    assert changed != before
    (package / "new.py").write_text("")
    assert code_version("versioned_package") not in (before, changed)


def test_a_single_module_is_only_that_module(package: Path) -> None:
    before = code_version("versioned_package.part")
    (package / "new.py").write_text("")
    assert code_version("versioned_package.part") == before


def test_unknown_module_is_named() -> None:
    with pytest.raises(ModuleNotFoundError, match="no_such_module"):
        code_version("no_such_module")
