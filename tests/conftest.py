from pathlib import Path

import pytest

REFERENCE = Path(__file__).parent / "models" / "mtl_reference.json"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--reference", default=REFERENCE, help="outputs of other models' reference code, a JSON"
    )
