from pathlib import Path

import pytest
from pydantic import ValidationError

from data.artifacts.result_file import ResultFile


class Sizes(ResultFile):
    """Sizes by name."""

    FILE = "sizes.json"

    sizes: dict[str, float]


def test_what_is_saved_is_loaded(tmp_path: Path) -> None:
    sizes = Sizes(sizes={"łódź": 0.1})
    sizes.save(str(tmp_path))
    assert [path.name for path in tmp_path.iterdir()] == ["sizes.json"]
    assert Sizes.load(str(tmp_path)) == sizes


def test_the_name_of_the_file_is_no_content(tmp_path: Path) -> None:
    assert Sizes(sizes={}).model_dump() == {"sizes": {}}
    (tmp_path / "sizes.json").write_text('{"sizes": {}, "FILE": "other.json"}')
    with pytest.raises(ValidationError, match="FILE"):
        Sizes.load(str(tmp_path))
