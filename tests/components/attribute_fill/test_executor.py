"""AttributeFill on the listings of a small shop, and what ListExampleGen makes of it."""

import json
import logging
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from components.attribute_fill.component import AttributeFill, ItemAttributesArtifact
from components.attribute_fill.executor import Executor
from data.artifacts.attribute_fill import AttributeFillResult
from data.definition.dataset import Dataset
from data.errors import InputError
from data.listings.item_attributes import FILE_NAME
from tests.components.list_example_gen.shop import Run, shop_dataset, shop_logs, write_logs

FILL = "models.attributes.item_filling.fill_items"
ITEMS = 300


def write_listings(folder: Path) -> None:
    """Every third listing leaves its colour empty, whose name stands in its title."""
    number = np.arange(ITEMS)
    colour = np.array(["red", "blue", "green"])[number * 7 % 5 % 3]
    listings = pd.DataFrame(
        {
            "sku": number,
            "category": "mug",
            "title": [f"{one} mug" for one in colour],
            "colour": np.where(number % 3 == 0, None, colour),
            "size": np.where(number % 10 == 0, None, np.where(number % 2 == 0, "large", "small")),
        }
    )
    listings.iloc[:200].to_csv(folder / "first.csv", index=False)
    listings.iloc[200:].to_parquet(folder / "second.parquet")
    taxonomy = {"mug": {"colour": ["red", "blue", "green"], "size": ["large", "small"]}}
    (folder / "taxonomy.json").write_text(json.dumps(taxonomy))


def dataset_of(folder: Path, **listings: object) -> Dataset:
    section = {
        "files": [str(folder / "first.csv"), str(folder / "second.parquet")],
        "taxonomy": str(folder / "taxonomy.json"),
        "item": "sku",
        "attributes": ["colour", "size"],
        "epochs": 3,
        "least_precision": 0.9,
    }
    return shop_dataset(item="sku_of_item", listings={**section, **listings})


def filled(dataset: Dataset, output: Path) -> ItemAttributesArtifact:
    artifact = ItemAttributesArtifact()
    artifact.uri = str(output)
    properties = AttributeFill(FILL, dataset).spec.exec_properties
    Executor().Do({}, {"attributes": [artifact]}, properties)
    return artifact


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("listings")
    write_listings(folder)
    filled(dataset_of(folder), folder / "artifact")
    return folder


def test_empty_attributes_are_filled_where_that_is_right_often_enough(shop: Path) -> None:
    """Titles name the colour; of the size, which they do not, nothing can be learnt."""
    result = AttributeFillResult.load(str(shop / "artifact"))
    colour, size = result.attributes["colour"], result.attributes["size"]
    assert (result.listings, result.without_id, result.repeated) == (ITEMS, 0, 0)
    assert (colour.asked, colour.stated, colour.filled) == (ITEMS, 200, 100)
    assert (colour.before, colour.after) == (200 / ITEMS, 1)
    assert colour.precision is not None
    assert colour.precision >= 0.9
    assert not colour.refused
    assert size.refused
    assert (size.stated, size.filled) == (ITEMS - 30, 0)
    few, refused = result.told
    assert few.startswith("listings: precision and recall are of fewer than 30 listings judged")
    assert "size" in refused
    rows = pq.read_table(shop / "artifact" / FILE_NAME).to_pandas()
    assert rows["sku"].tolist() == [str(number) for number in range(ITEMS)]
    assert rows["colour_filled"].tolist() == [number % 3 == 0 for number in range(ITEMS)]
    titles = np.array(["red", "blue", "green"])[np.arange(ITEMS) * 7 % 5 % 3]
    assert (rows["colour"] == titles).mean() > 0.95
    assert (shop / "artifact" / "model" / "config.json").exists()


def test_a_model_that_is_there_is_loaded(shop: Path, tmp_path: Path) -> None:
    dataset = dataset_of(shop, model=str(shop / "artifact" / "model"))
    filled(dataset, tmp_path)
    first, again = (pq.read_table(at / FILE_NAME) for at in (shop / "artifact", tmp_path))
    assert again.equals(first)


def test_coverage_and_listings_of_unknown_categories_are_told(
    shop: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    more = pd.DataFrame({"sku": [400, 401], "category": "mugs", "title": "red", "colour": None})
    more.assign(size=None).to_csv(tmp_path / "more.csv", index=False)
    files = [str(shop / "first.csv"), str(shop / "second.parquet"), str(tmp_path / "more.csv")]
    caplog.set_level(logging.INFO, "seqmd.data")
    filled(dataset_of(shop, files=files, model=str(shop / "artifact" / "model")), tmp_path / "out")
    notices = [getattr(record, "notice", None) for record in caplog.records]
    told = [notice for notice in notices if notice is not None]
    # Of 300 mugs 200 state a colour and 270 a size, whose fill is refused.
    coverage = (
        "with a value after the fill: colour 100.0% (66.7% stated), size 90.0% (90.0% stated)"
    )
    assert told[0] == f"listings: {coverage}"
    assert told[1] == (
        "listings: Nothing filled of 2 listings without a category of the taxonomy: "
        "'mugs'; did you mean 'mug'?"
    )


def test_items_of_lists_get_the_attributes(shop: Path, tmp_path: Path) -> None:
    logs = shop_logs()
    # Half of the items have a listing.
    logs["sku_of_item"] = np.arange(len(logs)) * 2
    files = [write_logs(logs, tmp_path / "logs.parquet")]
    artifact = ItemAttributesArtifact()
    artifact.uri = str(shop / "artifact")
    run = Run(tmp_path / "run").do(dataset_of(shop), files, attributes=artifact)
    colours = pq.read_table(shop / "artifact" / FILE_NAME)["colour"].to_pylist()
    expected = [
        colours[number].encode() if number < ITEMS else b"" for number in logs["sku_of_item"]
    ]
    lists = run.lists()
    found = [
        value for name in pd.unique(logs["search"]) for value in lists[name.encode()]["colour"]
    ]
    assert found == expected
    assert run.counts.rows_without_listing == (logs["sku_of_item"] >= ITEMS).sum()
    assert "without a listing" in run.counts.told_of_listings()[0]


def test_listings_of_other_items_are_refused(shop: Path, tmp_path: Path) -> None:
    logs = shop_logs().assign(sku_of_item=[f"item {n}" for n in range(300)])
    files = [write_logs(logs, tmp_path / "logs.parquet")]
    artifact = ItemAttributesArtifact()
    artifact.uri = str(shop / "artifact")
    with pytest.raises(InputError, match=r"'sku'.*'sku_of_item' of the logs have no id in common"):
        Run(tmp_path / "run").do(dataset_of(shop), files, attributes=artifact)


def test_nothing_is_kept_of_listings_that_do_not_fit(shop: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"attributes of .*found 'colours'; did you mean"):
        filled(dataset_of(shop, attributes=["colours"]), tmp_path / "artifact")
    assert not (tmp_path / "artifact").exists()


def test_what_the_files_hold_stands_for_them(shop: Path) -> None:
    """So that a changed taxonomy runs the node again, and a changed path of the logs does not."""

    def fingerprint() -> str:
        return AttributeFill(FILL, dataset_of(shop)).spec.exec_properties["input_fingerprint"]

    before, taxonomy = fingerprint(), shop / "taxonomy.json"
    text = taxonomy.read_text()
    assert fingerprint() == before
    taxonomy.write_text(text + "\n")
    assert fingerprint() != before
    taxonomy.write_text(text)
    assert fingerprint() == before
