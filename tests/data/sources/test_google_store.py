import math
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from data.errors import InputError
from data.loading import load_dataset
from data.rows import canonical_rows
from data.sources import source_for

DATASET = load_dataset("google_store")

PRODUCT = pa.struct(
    [
        ("productSKU", pa.string()),
        ("v2ProductName", pa.string()),
        ("v2ProductCategory", pa.string()),
        ("productBrand", pa.string()),
        ("productPrice", pa.int64()),
        ("isImpression", pa.bool_()),
        ("isClick", pa.bool_()),
        ("productListName", pa.string()),
        ("productListPosition", pa.int64()),
    ]
)
HIT = pa.struct(
    [
        ("hitNumber", pa.int64()),
        ("eCommerceAction", pa.struct([("action_type", pa.string()), ("step", pa.int64())])),
        ("product", pa.list_(PRODUCT)),
    ]
)
SCHEMA = pa.schema(
    [
        ("fullVisitorId", pa.string()),
        ("visitId", pa.int64()),
        ("visitNumber", pa.int64()),
        ("visitStartTime", pa.int64()),
        ("channelGrouping", pa.string()),
        ("totals", pa.struct([("transactions", pa.int64())])),
        ("trafficSource", pa.struct([("medium", pa.string())])),
        (
            "device",
            pa.struct([(f, pa.string()) for f in ("deviceCategory", "operatingSystem", "browser")]),
        ),
        (
            "geoNetwork",
            pa.struct([(f, pa.string()) for f in ("country", "subContinent", "continent")]),
        ),
        ("hits", pa.list_(HIT)),
    ]
)


def shown(name: str, micros: int = 18_990_000, page: str = "Category") -> dict:
    return {
        "productSKU": f"parent {name}",
        "v2ProductName": name,
        "v2ProductCategory": "Home/Bags/",
        "productBrand": "(not set)",
        "productPrice": micros,
        "isImpression": True,
        "productListName": page,
    }


def acted(name: str, clicked: bool | None = None) -> dict:
    return {"productSKU": f"variant {name}", "v2ProductName": name, "isClick": clicked}


def hit(action: str | None, *products: dict) -> dict:
    return {"eCommerceAction": action and {"action_type": action}, "product": list(products)}


def session(visitor: str, *hits: dict, country: str = "Peru") -> dict:
    return {
        "fullVisitorId": visitor,
        "visitId": 1501583974,
        "visitNumber": 2,
        "visitStartTime": 1501583974,
        "channelGrouping": "Direct",
        "totals": {"transactions": 1},
        "trafficSource": {"medium": "(none)"},
        "device": {"deviceCategory": "mobile", "operatingSystem": "iOS", "browser": "Safari"},
        "geoNetwork": {
            "country": country,
            "subContinent": "South America",
            "continent": "Americas",
        },
        "hits": [{"hitNumber": number, **one} for number, one in enumerate(hits, 1)],
    }


def write(folder: Path, sessions: list[dict]) -> str:
    path = str(folder / "sessions.parquet")
    pq.write_table(pa.Table.from_pylist(sessions, schema=SCHEMA), path)
    return path


SESSIONS = [
    session("007", hit(None)),  # Saw no product: no list.
    session(
        "18446744073709551615",
        hit("0", shown("cap"), shown("mug", 0, "Related Products")),
        hit("1", acted("mug", clicked=True)),
        hit("0", shown("pen"), shown("mug", 5_000_000), shown("bag")),
        hit("2", acted("pen")),
        hit("3", acted("bag")),  # A cart without a click: this funnel is not clean.
        hit("6", acted("bag"), acted("sock")),  # The sock was never shown.
    ),
    session("008", hit("0", shown("cap")), country="Chad"),
]


def test_a_row_is_a_product_that_a_session_was_shown(tmp_path: Path) -> None:
    path = write(tmp_path, SESSIONS)
    source = source_for(DATASET)
    source.check([path])
    (batch,) = [batch for shard in source.shards(path) for batch in source.read(shard)]
    canonical = canonical_rows(DATASET, batch)
    assert canonical.set_aside.num_rows == 0
    rows = canonical.rows.to_pydict()
    assert rows["product"] == ["cap", "mug", "pen", "bag", "cap"]
    assert rows["__row"] == [2, 2, 2, 2, 3]
    assert rows["item_position"] == [1, 2, 3, 4, 1]
    assert rows["label_click"] == [0, 1, 1, 0, 0]
    assert rows["label_add_to_cart"] == [0, 0, 0, 1, 0]
    assert rows["label_purchase"] == [0, 0, 0, 1, 0]
    # As it was shown first; a price of 0 is no price.
    assert rows["list_name"] == ["Category", "Related Products", "Category", "Category", "Category"]
    assert rows["price"][0] == pytest.approx(18_990_000 / 1e6)
    assert math.isnan(rows["price"][1])
    assert rows["list_user"] == ["18446744073709551615"] * 4 + ["008"]
    assert rows["list_region"] == ["Peru"] * 4 + ["Chad"]
    assert rows["list_platform"] == ["mobile"] * 5
    assert rows["list_time"] == [1501583974] * 5
    assert rows["medium"] == [""] * 5
    assert len(set(rows["list_id"])) == 2


def test_sessions_without_any_hit_give_no_rows(tmp_path: Path) -> None:
    path = write(tmp_path, [{**SESSIONS[0], "hits": None}, {**SESSIONS[0], "hits": []}])
    assert [batch.rows_in for batch in source_for(DATASET).read(path)] == [0]


def test_another_parquet_file_is_refused(tmp_path: Path) -> None:
    path = str(tmp_path / "flat.parquet")
    pq.write_table(pa.table({"visitId": [1]}), path)
    with pytest.raises(InputError, match=r"flat\.parquet: expected sessions .* found no fullVis"):
        source_for(DATASET).check([path])


def test_csv_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.csv").touch()
    with pytest.raises(InputError, match=r"expected files that end in \.parquet"):
        source_for(DATASET).files([str(tmp_path)])
