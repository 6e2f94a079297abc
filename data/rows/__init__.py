"""Raw rows -> typed, checked columns, named by `data.definition.keys` and after features."""

from data.rows.canonical import CanonicalRows, canonical_rows
from data.rows.numbers import Rounded
from data.rows.schema import FILE, ROW, canonical_schema

__all__ = ["FILE", "ROW", "CanonicalRows", "Rounded", "canonical_rows", "canonical_schema"]
