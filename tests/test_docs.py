"""What the documentation and the code point to is there."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SOURCES = [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")] + [
    path
    for package in ("data", "models", "components", "pipeline", "benchmarks", "seqmd")
    for ending in ("py", "yaml")
    for path in (ROOT / package).rglob(f"*.{ending}")
]
FOLDERS = "docs|data|models|components|pipeline|benchmarks|seqmd|examples|tests"
NAMED = re.compile(rf"(?<![\w/])((?:{FOLDERS})/[\w/]+\.(?:md|py|yaml|ipynb|svg))\b")


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_files_that_are_named_exist(path: Path) -> None:
    for name in NAMED.findall(path.read_text()):
        assert (ROOT / name).exists(), name


def test_the_readme_names_every_page_of_the_documentation() -> None:
    readme = (ROOT / "README.md").read_text()
    for page in (ROOT / "docs").glob("*.md"):
        assert f"docs/{page.name}" in readme
