"""The real logs, where they lie beside the repository: never a part of it."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from data.loading import load_dataset
from data.metrics.list_metrics import list_ndcg
from data.rows import canonical_rows
from data.sources import source_for

DATASETS = Path(__file__).parents[3] / "shared" / "datasets"

pytestmark = pytest.mark.skipif(not DATASETS.exists(), reason="no real logs beside the repository")


def read(name: str, pattern: str) -> pd.DataFrame:
    dataset = load_dataset(name)
    source = source_for(dataset)
    files = source.files([str(DATASETS / pattern)])
    source.check(files)
    tables = []
    for file in files:
        for batch in source.read(file):
            canonical = canonical_rows(dataset, batch)
            assert canonical.set_aside.num_rows == 0
            tables.append(canonical.rows.to_pandas())
    return pd.concat(tables)


def test_expedia() -> None:
    rows = read("expedia", "expedia_2013/searches_1000.csv")
    assert len(rows) == 25_149
    assert rows.list_id.nunique() == 1_000
    assert rows.label_click.sum() == 1_110
    assert rows.label_booking.sum() == 673
    assert rows.list_region.nunique() == 52
    assert rows.site.nunique() == 27
    assert not ((rows.label_booking == 1) & (rows.label_click == 0)).any()
    lists = rows.sort_values("list_id", kind="stable")
    lengths = lists.groupby("list_id").size().to_numpy()
    relevance = np.where(lists.label_booking == 1, 5, lists.label_click)
    positions = lists.item_position.to_numpy(float)
    shown = list_ndcg(2**relevance - 1, -positions, lengths, 38)
    assert np.nanmean(shown) == pytest.approx(0.502, abs=5e-4)
    location = lists.location_score_2.fillna(-1).to_numpy(float)
    booked = list_ndcg(lists.label_booking.to_numpy(float), location, lengths, 10)
    assert np.nanmean(booked) == pytest.approx(0.367, abs=5e-3)


def test_google_store() -> None:
    rows = read("google_store", "google_store")
    assert len(rows) == 31_589
    assert rows.list_id.nunique() == 1_660
    assert rows.list_region.nunique() == 88
    labels = [rows[f"label_{task}"].sum() for task in ("click", "add_to_cart", "purchase")]
    assert labels == [842, 297, 95]
    assert ((rows.label_add_to_cart == 1) & (rows.label_click == 0)).sum() == 21
    bought = rows[rows.label_purchase == 1]
    assert set(bought.list_region) == {"United States"}
    assert set(bought.list_platform) == {"desktop"}


def test_trivago() -> None:
    rows = read("trivago", "trivago_2019")
    assert len(rows) == 181_158
    assert rows.list_region.nunique() == 55
    assert set(rows.list_platform) == {"desktop", "mobile", "tablet"}
    # Every page has one click.
    assert rows.list_id.nunique() == rows.label_clickout.sum() == 7_899
    assert (rows.label_clickout[rows.item_position == 1]).sum() / 7_899 == pytest.approx(
        0.31, abs=5e-3
    )
    lists = rows.sort_values("list_id", kind="stable")
    lengths = lists.groupby("list_id").size().to_numpy()
    clicks = lists.label_clickout.to_numpy(float)
    shown = list_ndcg(clicks, -lists.item_position.to_numpy(float), lengths, 10)
    assert np.nanmean(shown) == pytest.approx(0.517, abs=5e-4)


@pytest.mark.parametrize(
    ("name", "rows", "labels"),
    [
        ("aliexpress", 120, {"click": 70, "conversion": 4}),
        ("ali_ccp", 200, {"click": 12, "purchase": 3}),
    ],
)
def test_format_samples(name: str, rows: int, labels: dict[str, int]) -> None:
    found = read(name, f"format_samples/{name}_*.csv")
    assert len(found) == rows
    assert {task: found[f"label_{task}"].sum() for task in labels} == labels
