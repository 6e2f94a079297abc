"""Lists that know more or less of the items' condition."""

from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from benchmarks.laboratory import silent_sellers
from benchmarks.laboratory.logs import Logs, Preset, simulated_logs
from benchmarks.laboratory.views import View
from data.artifacts.attribute_fill import AttributeFillResult, FilledAttribute
from data.definition.item_listings import ItemListings
from data.errors import InputError
from data.listings.item_attributes import FILE_NAME

PRESET = Preset(lists=80, evaluation_lists=60, seeds=1, epochs=1)


def conditions(logs: Logs) -> np.ndarray:
    return np.array(logs.lists.items["condition"].to_pylist())


@pytest.fixture(scope="module")
def plain() -> Logs:
    return simulated_logs(PRESET)


@pytest.fixture(scope="module")
def silent() -> Logs:
    return simulated_logs(PRESET, {"silent_sellers": True})


def test_the_truth_is_that_of_sellers_who_say_all(plain: Logs, silent: Logs) -> None:
    known, stated = conditions(plain), conditions(silent)
    assert (conditions(View(condition="true").of(silent)) == known).all()
    assert ((stated == known) | (stated == b"")).all()
    assert 0.25 < (stated == b"").mean() < 0.35
    assert View(condition="stated").of(silent) is silent


def test_what_is_filled_in_goes_to_its_item(
    plain: Logs, silent: Logs, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a fill that calls everything new that sellers leave empty."""

    def fill(listings: ItemListings, folder: str) -> AttributeFillResult:
        rows = pq.read_table(listings.files[0], columns=["item_id", "condition"]).to_pandas()
        rows["condition"] = rows["condition"].fillna("new")
        rows.to_parquet(Path(folder) / FILE_NAME)
        counts = dict.fromkeys(("asked", "stated", "absent", "filled", "judged"), 0)
        shares = dict.fromkeys(("before", "after", "precision", "recall"), 1.0)
        found = FilledAttribute(**counts, **shares, refused=False)
        sums = dict.fromkeys(("listings", "without_id", "repeated", "trained"), 0)
        return AttributeFillResult(**sums, least_precision=0.7, attributes={"condition": found})

    monkeypatch.setattr(silent_sellers, "fill_items", fill)
    stated = conditions(silent)
    expected = np.where(stated == b"", b"new", stated)
    assert (conditions(View(condition="filled").of(silent)) == expected).all()


def test_other_logs_know_no_more(plain: Logs) -> None:
    with pytest.raises(InputError, match="silent sellers"):
        View(condition="true").of(plain)
