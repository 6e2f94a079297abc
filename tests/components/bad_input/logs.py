"""Good logs to damage."""

from pathlib import Path
from typing import Any

from data.definition.dataset import Dataset

COLUMNS = (
    "search",
    "country",
    "shown_at",
    "weight",
    "adults",
    "price",
    "title",
    "picture",
    "click",
    "purchase",
)
LISTS, ITEMS = 16, 3
ROWS = LISTS * ITEMS


def dataset(**fields: Any) -> Dataset:
    """A dataset of every kind of column; it takes any number of bad rows, and of equal ones."""
    definition: dict[str, Any] = {
        "name": "shop",
        "list_id": "search",
        "region": "country",
        "time": {"column": "shown_at"},
        "list_weight": "weight",
        "tasks": [{"name": "click", "grade": 1}, {"name": "purchase", "grade": 2}],
        "features": [
            {"name": "adults", "scope": "context", "kind": "numeric"},
            {"name": "price", "scope": "item", "kind": "numeric"},
            {"name": "title", "scope": "item", "kind": "categorical"},
            {"name": "picture", "scope": "item", "kind": "vector", "length": 2},
        ],
        "split": {"evaluation_share": 0.3, "validation_share": 0.3},
        "most_bad_rows": 1,
        "most_equal_rows": 1,
    }
    return Dataset.model_validate(definition | fields)


def rows(lists: int = LISTS, items: int = ITEMS, first: int = 0) -> list[dict[str, str]]:
    """Rows of lists, as texts; every title is another one."""
    return [
        {
            "search": f"s{number}",
            "country": ("DE", "FR", "NL")[number % 3],
            "shown_at": f"2026-03-{number % 28 + 1:02d}T12:00:00",
            "weight": "1",
            "adults": str(number % 4),
            "price": str((number * items + item) / 4),
            "title": f"item {number}-{item}",
            "picture": f"0.5 {item}",
            "click": str((number + item) % 2),
            "purchase": str(int((number + item) % 4 == 1)),
        }
        for number in range(first, first + lists)
        for item in range(items)
    ]


def cell(text: str) -> str:
    """A cell of a CSV file, quoted where it must be."""
    special = any(mark in text for mark in ',"\n\r') or text != text.strip()
    return '"' + text.replace('"', '""') + '"' if special else text


def csv_lines(table: list[dict[str, str]], columns: tuple[str, ...] = COLUMNS) -> list[bytes]:
    """Header and rows of a CSV file."""
    lines = [",".join(map(cell, columns))]
    lines += [",".join(cell(row[name]) for name in columns) for row in table]
    return [f"{line}\n".encode("utf-8", "surrogateescape") for line in lines]


def write_csv(path: Path, table: list[dict[str, str]], columns: tuple[str, ...] = COLUMNS) -> Path:
    path.write_bytes(b"".join(csv_lines(table, columns)))
    return path
