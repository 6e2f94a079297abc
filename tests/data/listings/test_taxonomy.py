import json
from pathlib import Path
from typing import Any

import pytest

from data.errors import InputError
from data.listings.taxonomy import Taxonomy, read_taxonomy


def read(content: Any, tmp_path: Path) -> Taxonomy:
    path = tmp_path / "taxonomy.json"
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return read_taxonomy(str(path))


def test_values_are_texts_each_once(tmp_path: Path) -> None:
    taxonomy = read({"rings": {"Size": [7, " 7 ", "7.5", ""], "Metal": ["金"]}}, tmp_path)
    assert taxonomy.values == {"rings": {"Size": ("7", "7.5"), "Metal": ("金",)}}


def test_places_follow_the_pairs() -> None:
    taxonomy = Taxonomy({"a": {"X": ("1", "2"), "Y": ("1",)}, "b": {"X": ("3",)}})
    assert taxonomy.pairs == [("a", "X"), ("a", "Y"), ("b", "X")]
    assert taxonomy.attributes == ["X", "Y"]
    assert taxonomy.pair_of_value.tolist() == [0, 0, 1, 2]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("{", "expected JSON in UTF-8"),
        ([], "expected categories by name, found []"),
        ({"a": []}, "'a': expected attributes by name, found []"),
        ({"a": {"X": "red"}}, "'a', 'X': expected a list of values, found 'red'"),
        ({"a": {"X": [True]}}, "'a', 'X': expected texts or numbers, found True"),
        ({"a": {"X": []}}, "expected values of attributes, found none"),
        ('{"a": {"X": ["1"]}, "a": {}}', "expected every name once in its place, found 'a' again"),
    ],
)
def test_what_is_wrong_is_named(content: Any, told: str, tmp_path: Path) -> None:
    with pytest.raises(InputError) as error:
        read(content, tmp_path)
    assert told in str(error.value)
