"""What the values of a feature belong to: one scope each for lists and for items."""

from dataclasses import dataclass
from typing import Literal

ScopeName = Literal["context", "item"]


@dataclass(frozen=True)
class Scope:
    """What the values of a feature belong to.

    Attributes:
        name: as definitions name it.
        part: the part of lists that has the column: `context` or `items`.
        unit: what a row of values stands for, in the plural.
        rows_of_list: rows of values that each list has; None for as many as it has items.
    """

    name: ScopeName
    part: Literal["context", "items"]
    unit: str
    rows_of_list: int | None = None

    def rows(self, items: int) -> int:
        """Rows of values of a list with so many items."""
        return items if self.rows_of_list is None else self.rows_of_list


SCOPES: dict[ScopeName, Scope] = {
    "context": Scope("context", part="context", unit="lists", rows_of_list=1),
    "item": Scope("item", part="items", unit="items"),
}
