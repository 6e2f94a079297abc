import os
from pathlib import Path

import pytest

# Before anything imports TensorFlow, as the command line does.
os.environ["TF_USE_LEGACY_KERAS"] = "1"
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

REFERENCE = Path(__file__).parent / "models" / "mtl_reference.json"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--reference", default=REFERENCE, help="outputs of other models' reference code, a JSON"
    )
    for engine in ("flink", "spark"):
        parser.addoption(
            f"--{engine}-job-server", help=f"jar of Beam's {engine} job server: tries that engine"
        )


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What `make reliability` reads of a test in JUnit's XML."""
    for item in items:
        marker = item.get_closest_marker("reliability")
        if marker:
            item.user_properties.append(("reliability", marker.args[0]))
