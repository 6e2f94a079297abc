"""Histories that are text: whether they hold the separator that the definition names."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pyarrow as pa
import pyarrow.compute as pc

from data.definition.base import Definition

# What stands between entries in other logs.
_USUAL = ("|", ";", ",", "\t")
# Share of the texts from which on one of these seems to be meant.
_MANY = 0.25


@dataclass(frozen=True)
class Separators:
    """What the texts of histories hold.

    Attributes:
        expected: the separator of the definition.
        texts: texts that are not empty.
        holding: how many of them hold the expected separator and each other usual one.
    """

    expected: str
    texts: int = 0
    holding: Mapping[str, int] = field(default_factory=dict)

    @classmethod
    def of(cls, expected: str, columns: Sequence[pa.Array]) -> "Separators":
        """Counts them in columns of texts; missing ones count for nothing."""
        texts = pa.chunked_array(columns, pa.string()).drop_null()
        separators = dict.fromkeys((expected, *_USUAL))
        holding = {one: pc.sum(pc.match_substring(texts, one)).as_py() or 0 for one in separators}
        return cls(expected, len(texts), holding)

    @property
    def wrong(self) -> "WrongSeparator | None":
        """None where a text holds the expected separator, or few hold another one."""
        found = max(self.holding, key=lambda one: self.holding[one], default=self.expected)
        holding = self.holding.get(found, 0)
        if self.holding.get(self.expected) or not holding or holding < _MANY * self.texts:
            return None
        return WrongSeparator(
            expected=self.expected, found=found, holding=holding, texts=self.texts
        )


class WrongSeparator(Definition):
    """Histories of which each is read as one entry, and many hold another separator.

    Attributes:
        expected: the separator of the definition.
        found: the one that most texts hold.
        holding: how many hold it.
        texts: how many there are.
    """

    expected: str
    found: str
    holding: int
    texts: int

    def told(self) -> str:
        """A line for people."""
        return (
            f"history: separator: expected {self.expected!r} between entries, found it in none of"
            f" {self.texts:,} texts, so that each is one entry; {self.holding:,} hold"
            f" {self.found!r}, which `separator: {self._quoted}` would read"
        )

    @property
    def _quoted(self) -> str:
        return '"\\t"' if self.found == "\t" else f'"{self.found}"'
