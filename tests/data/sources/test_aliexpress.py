from pathlib import Path

import pytest

from data.loading import load_dataset
from data.rows import canonical_rows
from data.sources import source_for

DATASET = load_dataset("aliexpress")


@pytest.mark.parametrize(
    ("path", "country"),
    [
        ("AliExpress_NL.train.csv", "NL"),
        ("AliExpress_ES/train.csv", "ES"),
        ("data/aliexpress-fr/test.csv", "FR"),
        ("country=US/part-0.csv", "US"),
        ("aliexpress_train_sample.csv", "unknown"),
    ],
)
def test_country_comes_from_the_path(tmp_path: Path, path: str, country: str) -> None:
    features = [f"categorical_{i}" for i in range(1, 17)] + [f"numerical_{i}" for i in range(1, 64)]
    columns = ["search_id", *features, "click", "conversion"]
    assert len(columns) == 82
    file = tmp_path / path
    file.parent.mkdir(exist_ok=True, parents=True)
    file.write_text(",".join(columns) + "\n" + ",".join(["30", *["1"] * 16, *["0.5"] * 65]) + "\n")
    source = source_for(DATASET)
    source.check([str(file)])
    (batch,) = source.read(str(file))
    row = canonical_rows(DATASET, batch).rows.to_pylist()[0]
    assert row["list_region"] == row["country"] == country
    assert row["list_id"] == f"{country}\x1f30"
