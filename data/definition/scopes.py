"""What the values of a feature belong to: lists, items, or what was done before the lists."""

from dataclasses import dataclass
from typing import Literal

import pyarrow as pa

ScopeName = Literal["context", "item", "history"]


@dataclass(frozen=True)
class Scope:
    """What the values of a feature belong to.

    Attributes:
        name: as definitions name it.
        part: the part of lists that has the column: `context` or `items`.
        unit: what a row of values stands for, in the plural.
        rows_of_list: rows of values that each list has; None for as many as `follows` says.
        follows: what the rows are as many as, where lists differ in them: `items` of the list, or
            `entries` of its history.
    """

    name: ScopeName
    part: Literal["context", "items"]
    unit: str
    rows_of_list: int | None = None
    follows: Literal["", "items", "entries"] = ""

    def rows(self, items: int, entries: int = 0) -> int:
        """Rows of values of a list with so many items and so many entries of its history."""
        numbers = {"items": items, "entries": entries}
        return numbers[self.follows] if self.rows_of_list is None else self.rows_of_list

    def column_type(self, row: pa.DataType) -> pa.DataType:
        """Type of a column of lists or items whose values have some type.

        Args:
            row: type of a row of values.

        Returns:
            The type itself; of entries a list of it, in which vectors lie behind one another and
            texts are bytes.
        """
        if self.follows != "entries":
            return row
        return pa.list_(pa.binary() if pa.types.is_string(row) else pa.float32())


SCOPES: dict[ScopeName, Scope] = {
    "context": Scope("context", part="context", unit="lists", rows_of_list=1),
    "item": Scope("item", part="items", unit="items", follows="items"),
    "history": Scope("history", part="context", unit="past actions", follows="entries"),
}
