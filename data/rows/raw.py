"""Columns as files hold them, and the rows that are refused."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from data.errors import InputError
from data.sources.nested_columns import unwrapped
from data.sources.source import SET_ASIDE_SCHEMA, RowBatch

_SHOWN_CHARACTERS = 60
_OF_MAPS = (
    "; maps are not read: make a column of each key that counts or, for past actions, one list of"
    " the keys and one of the values"
)


@dataclass(frozen=True)
class RawColumn:
    """A column of a file.

    Attributes:
        values: the values [N]; a missing one is null.
        name: name of the column.
        field: the field of the definition that names it.
        file: path of the file.
    """

    values: pa.Array
    name: str
    field: str
    file: str

    def wrong_type(self, expected: str) -> InputError:
        """The error of a column whose type can hold no such values."""
        kind = self.values.type
        return InputError(
            f"{self.file}: {self.field}: expected {expected} in column {self.name!r}, "
            f"found the type {kind}{_OF_MAPS if pa.types.is_map(kind) else ''}"
        )


def raw_column(batch: RowBatch, name: str, field: str, null_values: Sequence[str]) -> RawColumn:
    """A column of a batch, with nulls for the texts that stand for missing values."""
    column = batch.column(name)
    assert column is not None, name
    values = unwrapped(column.combine_chunks())
    if pa.types.is_dictionary(values.type):
        values = values.dictionary_decode()
    if pa.types.is_large_string(values.type):
        values = values.cast(pa.string())
    if pa.types.is_string(values.type) and not batch.nulls_known:
        missing = pc.is_in(values, value_set=pa.array(null_values, pa.string()))
        if pc.any(missing).as_py():
            values = pc.if_else(missing, pa.scalar(None, pa.string()), values)
    return RawColumn(values, name, field, batch.file)


class Refusals:
    """Gathers the rows of a batch that cannot be used, each with its first reason.

    Attributes:
        refused: bool [N].
    """

    def __init__(self, batch: RowBatch) -> None:
        self.refused = np.zeros(batch.table.num_rows, bool)
        self._batch = batch
        self._rows: list[np.ndarray] = []
        self._reasons: list[pa.Array] = []

    def refuse(self, wrong: np.ndarray, name: str, expected: str, found: pa.Array) -> None:
        """Refuses rows.

        Args:
            wrong: bool [N].
            name: the column that is wrong.
            expected: what its values should be.
            found: the values as text [N]; a missing one is null.
        """
        rows = np.flatnonzero(wrong & ~self.refused)
        if not len(rows):
            return
        values = pc.utf8_slice_codeunits(found.take(pa.array(rows)), 0, _SHOWN_CHARACTERS)
        quoted = pc.binary_join_element_wise("'", values, "'", "")
        parts = (f"{name}: expected {expected}, found ", pc.fill_null(quoted, "nothing"), "")
        self._reasons.append(pc.binary_join_element_wise(*parts))
        self._rows.append(rows)
        self.refused[rows] = True

    def adopt(self, rows: np.ndarray, reasons: pa.Array) -> None:
        """Refuses rows, int64 [M] and each once, for reasons that were found elsewhere."""
        new = ~self.refused[rows]
        if not new.any():
            return
        self._rows.append(rows[new])
        self._reasons.append(reasons.filter(pa.array(new)))
        self.refused[rows] = True

    def set_aside(self) -> pa.Table:
        """The refused rows, those of the reader included, as a table of `SET_ASIDE_SCHEMA`."""
        if not self._rows:
            return self._batch.set_aside
        rows = np.concatenate(self._rows)
        order = np.argsort(rows)
        reasons = pa.concat_arrays(self._reasons).take(pa.array(order))
        numbers = pa.array(self._batch.row_numbers[rows[order]])
        files = pa.repeat(self._batch.file, len(rows))
        own = pa.table([files, numbers, reasons], schema=SET_ASIDE_SCHEMA)
        return pa.concat_tables([self._batch.set_aside, own])
