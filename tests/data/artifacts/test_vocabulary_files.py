from pathlib import Path

import pyarrow as pa
import pytest

from data.artifacts.vocabulary_files import (
    ESCAPES,
    UnknownValues,
    exported_vocabularies,
    read_vocabulary,
    told_unknown,
    unescaped,
    unknown_values,
    vocabulary_file,
)
from data.definition.dataset import Dataset

DATASET = Dataset.model_validate(
    {
        "name": "shop",
        "list_id": "search",
        "tasks": [{"name": "click", "grade": 1}],
        "features": [
            {"name": "price", "scope": "item", "kind": "numeric"},
            {"name": "brand", "scope": "item", "kind": "categorical"},
        ],
    }
)


@pytest.mark.parametrize("value", [b"plain", b"a\nb\r\\", rb"a\nb", rb"\\n", b"\xff"])
def test_a_line_gives_its_value_back(value: bytes) -> None:
    line = value
    for plain, escaped in ESCAPES:
        line = line.replace(plain, escaped)
    assert b"\n" not in line
    assert b"\r" not in line
    assert unescaped(line) == value


def test_vocabularies_of_an_exported_model(tmp_path: Path) -> None:
    assert exported_vocabularies(DATASET, str(tmp_path)) == {}
    (tmp_path / "assets").mkdir()
    path = tmp_path / "assets" / vocabulary_file(DATASET, DATASET.feature("brand"))
    path.write_bytes(b"acme\ngood\\nnews\n")
    assert read_vocabulary(str(path)) == [b"acme", b"good\nnews"]
    found = exported_vocabularies(DATASET, str(tmp_path))
    assert found == {"brand": [b"acme", b"good\nnews"]}


def test_unknown_values_are_a_share_of_those_that_are_there() -> None:
    values = pa.array(["acme", "b", "b", "c", "", "acme", "acme", "acme"])
    assert unknown_values(values, [b"acme"]) == UnknownValues(share=3 / 7, distinct=2, example="b")
    assert unknown_values(values.cast(pa.binary()), [b"acme", b"b", b"c"]) is None
    assert unknown_values(pa.array(["", ""]), [b"acme"]) is None


def test_people_are_told_from_one_percent_on() -> None:
    unknown = {
        "brand": UnknownValues(share=0.01, distinct=2_000, example="True"),
        "seller": UnknownValues(share=0.009, distinct=1, example="x"),
    }
    assert told_unknown(unknown, "the logs") == [
        "brand: 1.0% of its values in the logs are not in the model's vocabulary"
        " (2,000 different, such as 'True')"
    ]
