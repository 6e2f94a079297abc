"""Made-up sessions in the form of the trivago challenge."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq

SCHEMA = pa.schema(
    [
        ("user_id", pa.string()),
        ("session_id", pa.string()),
        ("timestamp", pa.int64()),
        ("step", pa.int64()),
        *(
            (name, pa.string())
            for name in (
                *("action_type", "reference", "platform", "city", "device"),
                *("current_filters", "impressions", "prices"),
            )
        ),
    ]
)


def step(session: str, number: int, action: str, reference: str | None, **fields: object) -> dict:
    return {
        "user_id": f"user of {session}",
        "session_id": session,
        "timestamp": 1_541_599_000 + 10 * number,
        "step": number,
        "action_type": action,
        "reference": reference,
        "platform": "FR",
        "city": "Lisbon, Portugal",
        "device": "mobile",
        **fields,
    }


def clickout(
    session: str, number: int, hotel: str | None, shown: dict[str, int], **fields: object
) -> dict:
    """A clickout on a hotel of a page, given as prices by hotel in the order shown."""
    page = {"impressions": "|".join(shown), "prices": "|".join(map(str, shown.values()))}
    return step(session, number, "clickout item", hotel, **{**page, **fields})


def write(path: Path, steps: Sequence[dict], rows_per_group: int = 1_000_000) -> str:
    table = pa.Table.from_pylist(list(steps), schema=SCHEMA)
    if path.suffix == ".csv":
        pa.csv.write_csv(table, path)
    else:
        pq.write_table(table, path, row_group_size=rows_per_group)
    return str(path)


def sessions(number: int, seed: int = 1, platforms: Sequence[str] = ("FR", "BR", "JP")) -> list:
    """Sessions of up to 12 steps among 12 hotels; a cheap one is clicked, or one looked at."""
    generator = np.random.default_rng(seed)
    hotels = [str(100 + hotel) for hotel in range(12)]
    prices = {hotel: int(generator.integers(30, 300)) for hotel in hotels}
    rows = []
    for session in range(number):
        fields = {
            "platform": platforms[session % len(platforms)],
            "device": ("mobile", "desktop")[session % 2],
            "user_id": f"user {session // 2}",
        }
        seen: list[str] = []
        for place in range(1, int(generator.integers(3, 13))):
            if generator.random() < 0.4 or place == 2:
                shown = list(generator.permutation(hotels)[: int(generator.integers(3, 8))])
                looked_at = [hotel for hotel in seen if hotel in shown]
                clicked = looked_at[-1] if looked_at else min(shown, key=prices.__getitem__)
                page = {hotel: prices[hotel] for hotel in shown}
                filters = (None, "Sort by Price|4 Star", "Hotel")[place % 3]
                page_fields = {**fields, "current_filters": filters}
                rows.append(clickout(f"s{session}", place, clicked, page, **page_fields))
                seen.append(clicked)
            elif generator.random() < 0.2:
                order = ("price only", "interaction sort button")[place % 2]
                rows.append(step(f"s{session}", place, "change of sort order", order, **fields))
            else:
                action = ("image", "info", "rating", "deals")[int(generator.integers(4))]
                hotel = str(generator.choice(hotels))
                seen.append(hotel)
                rows.append(
                    step(f"s{session}", place, f"interaction item {action}", hotel, **fields)
                )
    return rows
