"""Which files are the code of a node: a changed line in one of them is another version."""

import shutil
from pathlib import Path

import pytest

from pipeline.code_version import PACKAGES, code_version, import_closure, packages_version

ROOT = Path(__file__).parents[2]


def written(root: Path, files: dict[str, str]) -> Path:
    for name, content in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(content)
    return root


def closure(root: Path, *names: str) -> set[str]:
    return {str(path.relative_to(root)) for path in import_closure(names, root)}


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("import data.lists", {"data/__init__.py", "data/lists.py"}),
        ("import data.rows.text as text", {"data/rows/__init__.py", "data/rows/text.py"}),
        ("from data import lists", {"data/lists.py"}),
        ("from data.lists import anything", {"data/lists.py"}),
        ("from data.rows import *", {"data/rows/__init__.py"}),
        ("from . import beside", {"models/beside.py"}),
        ("from .beside import anything", {"models/beside.py"}),
        ("def later():\n    from data import lists", {"data/lists.py"}),
        ("try:\n    import data.lists\nexcept ImportError:\n    pass", {"data/lists.py"}),
        ("run = ['-m', 'data.lists']", {"data/lists.py"}),
        ("function = 'data.lists.read'", {"data/lists.py"}),
        ("PATH = Path(__file__).parent / 'words.txt'", {"models/words.txt"}),
        (
            "PATH = Path(__file__).parent / 'texts'",
            {"models/texts/a.yaml", "models/texts/b/c.yaml"},
        ),
        ("import numpy, data_of_others", set()),
        ("if TYPE_CHECKING:\n    import data.lists", set()),
        ("if typing.TYPE_CHECKING:\n    import data.lists", set()),
        ("'''Speaks of data.lists and of words.txt.'''", set()),
    ],
)
def test_what_a_line_brings_in(tmp_path: Path, line: str, found: set[str]) -> None:
    files = ["data/__init__.py", "data/lists.py", "data/rows/__init__.py", "data/rows/text.py"]
    files += ["models/__init__.py", "models/beside.py", "models/words.txt"]
    files += ["models/texts/a.yaml", "models/texts/b/c.yaml", "data_of_others.py"]
    root = written(tmp_path, dict.fromkeys(files, "") | {"models/net.py": line})
    always = {"models/__init__.py", "models/net.py"}
    assert closure(root, "models.net") - {"data/__init__.py"} == always | found - {
        "data/__init__.py"
    }


def test_imports_are_followed_round_circles(tmp_path: Path) -> None:
    files = {f"data/{name}.py": f"import data.{after}" for name, after in ("ab", "bc", "ca")}
    root = written(tmp_path, {**files, "data/d.py": "import data.a"})
    assert closure(root, "data.a.function") == {"data/a.py", "data/b.py", "data/c.py"}


def test_a_moved_line_is_another_version(tmp_path: Path) -> None:
    root = written(tmp_path, {"data/a.py": "import data.b\nx = 1\n", "data/b.py": "y = 2\n"})
    before = code_version("data.a", root=root)
    written(root, {"data/a.py": "import data.b\n", "data/b.py": "x = 1\ny = 2\n"})
    assert code_version("data.a", root=root) != before


def test_code_of_others_alone_has_no_version() -> None:
    assert code_version("tfx.components.statistics_gen.executor", "no_such.module") == ""


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("tree")
    for name in PACKAGES:
        shutil.copytree(ROOT / name, root / name, ignore=shutil.ignore_patterns("__pycache__"))
    return root


NODES = {
    "ListExampleGen": ("components.list_example_gen.executor",),
    "ServingStatistics": ("components.serving_statistics.executor",),
    "ExampleValidator": ("components.example_validator.executor",),
    "RegionStatistics": ("components.region_statistics.executor",),
    "RegionSplit": ("components.region_split.executor",),
    "Transform": ("models.features.preprocessing.preprocessing_fn",),
    "Trainer": ("components.trainer.executor", "models.training.run_fn.run_fn"),
    "Evaluator": ("components.evaluator.executor",),
    "Pusher": ("components.pusher.component",),
    "Diagnostics": ("components.diagnostics.executor",),
}


def test_a_line_in_any_file_of_the_closure_is_another_version(tree: Path) -> None:
    names = NODES["RegionSplit"]
    before = code_version(*names, root=tree)
    for path in sorted(import_closure(names, tree)):
        content = path.read_text()
        path.write_text(f"{content}# changed\n")
        assert code_version(*names, root=tree) != before, path
        path.write_text(content)
    assert code_version(*names, root=tree) == before


@pytest.mark.parametrize("node", NODES)
def test_lines_outside_the_closure_are_the_same_version(tree: Path, node: str) -> None:
    before, whole = code_version(*NODES[node], root=tree), packages_version(tree)
    files = import_closure(NODES[node], tree)
    outside = {path for name in PACKAGES for path in (tree / name).rglob("*.py")} - files
    contents = {path: path.read_text() for path in outside}
    for path, content in contents.items():
        path.write_text(f"{content}# changed\n")
    assert code_version(*NODES[node], root=tree) == before
    assert packages_version(tree) != whole
    for path, content in contents.items():
        path.write_text(content)


def test_preprocessing_does_not_depend_on_losses_nor_any_node_on_the_simulator() -> None:
    folders = {
        node: {path.parent.relative_to(ROOT).as_posix() for path in import_closure(names)}
        for node, names in NODES.items()
    }
    assert "models/losses" in folders["Trainer"]
    assert not folders["Transform"] & {"models/losses", "models/rankers", "models/layers"}
    assert not [node for node, found in folders.items() if "data/simulator" in found]


@pytest.mark.parametrize(
    ("node", "module"),
    [
        ("Trainer", "models.losses.softmax_loss"),
        ("ServingStatistics", "components.list_statistics"),
        ("Evaluator", "components.evaluator.fresh_process"),
    ],
)
def test_a_node_depends_on_what_it_runs(node: str, module: str) -> None:
    assert ROOT / f"{module.replace('.', '/')}.py" in import_closure(NODES[node])
