import os
from pathlib import Path

import pytest
from hypothesis import Phase, settings

# Before anything imports TensorFlow, as the command line does.
os.environ["TF_USE_LEGACY_KERAS"] = "1"
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
# A program that a test ends because it is late says what each of its threads was at.
os.environ.setdefault("PYTHONFAULTHANDLER", "1")

REFERENCE = Path(__file__).parent / "models" / "mtl_reference.json"

# `make test` draws few examples. They are the same ones in every run.
DRAWN = {"derandomize": True, "database": None, "deadline": None, "print_blob": False}
settings.register_profile("many", max_examples=40, phases=[Phase.generate, Phase.shrink], **DRAWN)
settings.register_profile("few", settings.get_profile("many"), max_examples=8)
settings.load_profile("many")

# What takes longest comes first, so that both of xdist's processes end together. The second file
# is one that does not wait for the marketplace, which the first one makes.
LONGEST_FIRST = (
    "e2e/faults/",
    "e2e/test_kubeflow.py",
    "e2e/test_beam_engine.py",
    "e2e/test_story.py",
    "models/training/test_two_processes.py",
    "e2e/",
    "models/",
    "components/",
    "benchmarks/",
)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--reference", default=REFERENCE, help="outputs of other models' reference code, a JSON"
    )
    parser.addoption("--podman-image", help="image of seqmd: tries it in containers of podman")
    for engine in ("flink", "spark"):
        parser.addoption(
            f"--{engine}-job-server", help=f"jar of Beam's {engine} job server: tries that engine"
        )


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tells `make reliability` what it reads of a test in JUnit's XML, and orders the files."""
    for item in items:
        marker = item.get_closest_marker("reliability")
        if marker:
            item.user_properties.append(("reliability", marker.args[0]))
    items.sort(key=_place)


def _place(item: pytest.Item) -> int:
    path = item.path.relative_to(Path(__file__).parent).as_posix()
    starts = [path.startswith(start) for start in LONGEST_FIRST]
    return starts.index(True) if True in starts else len(starts)
