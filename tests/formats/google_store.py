"""Sessions in the form of the Google Merchandise Store's analytics export."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

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


def write_visits(folder: Path, number: int) -> Path:
    """Visitors of three countries; every other one opens the bag, and carts and buys it."""
    names = ["cap", "mug", "pen", "bag", "sock", "shirt"]
    sessions = []
    for visitor in range(number):
        order = names[visitor % 6 :] + names[: visitor % 6]
        hits = [hit("0", *(shown(name, 10**6 * (1 + len(name))) for name in order))]
        if visitor % 2 == 0:
            hits += [hit("2", acted("bag")), hit("3", acted("bag")), hit("6", acted("bag"))]
        country = ("Peru", "Chad", "Japan")[visitor % 3]
        sessions.append(session(str(visitor), *hits, country=country))
    return Path(write(folder, sessions))
