"""The columns of one batch, typed and checked."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np
import pyarrow as pa

from data.definition.time_column import Time, Unit, unit_by_size
from data.rows.numbers import Rounded, as_float32, as_numbers, rounded
from data.rows.raw import RawColumn, Refusals, raw_column
from data.rows.text import as_category, as_text
from data.rows.times import as_seconds
from data.rows.vectors import as_vectors
from data.sources.source import RowBatch

# Values and which of them are wrong: float [N], bool [N].
Conversion = Callable[[RawColumn], tuple[np.ndarray, np.ndarray]]


class CheckedColumns:
    """Types columns and refuses the rows whose values are wrong.

    Attributes:
        refusals: the rows refused so far.
        rows: rows of the batch.
        rounded: features of which many numbers fall together in 32 bits, as far as found.
    """

    def __init__(self, batch: RowBatch, null_values: Sequence[str]) -> None:
        self.refusals = Refusals(batch)
        self.rows = batch.table.num_rows
        self.rounded: dict[str, Rounded] = {}
        self._batch = batch
        self._null_values = null_values
        self._read: np.ndarray | None = None
        self._categories: dict[str, pa.Array] = {}
        self._seconds: dict[Time, np.ndarray] = {}
        self._moments: dict[Time, np.ndarray] = {}

    def below(self, columns: Mapping[str, pa.Array]) -> "CheckedColumns":
        """Columns of the entries that lie in the rows; its refusals count entries from 0."""
        table = pa.table(dict(columns))
        return CheckedColumns(RowBatch(self._batch.file, 0, table), self._null_values)

    def among(self, rows: np.ndarray) -> "CheckedColumns":
        """The same columns, read in some of the rows, bool [N], and missing in the others.

        Refused rows and rounded features are those of all.
        """
        some = CheckedColumns(self._batch, self._null_values)
        some.refusals, some.rounded, some._read = self.refusals, self.rounded, rows
        return some

    def has(self, name: str | None) -> bool:
        """Whether the batch has the column."""
        return name is not None and self._batch.column(name) is not None

    def raw(self, name: str, field: str) -> RawColumn:
        """A column as it is, missing values as nulls; all are where the file lacks it."""
        if not self.has(name):
            return RawColumn(pa.nulls(self.rows, pa.string()), name, field, self._batch.file)
        column = raw_column(self._batch, name, field, self._null_values)
        if self._read is None or self._read.all():
            return column
        places = pa.array(np.arange(self.rows), mask=~self._read)
        return replace(column, values=column.values.take(places))

    def category(self, name: str, field: str) -> pa.Array:
        """A column as categories or ids [N]; a missing one is null."""
        if name not in self._categories:
            self._categories[name] = as_category(self.raw(name, field))
        return self._categories[name]

    def numbers(
        self,
        name: str,
        field: str,
        expected: str = "a number",
        conversion: Conversion = as_numbers,
        least: float = -np.inf,
        most: float = np.inf,
    ) -> np.ndarray:
        """A column as numbers within bounds, float [N]; a missing one is NaN."""
        column = self.raw(name, field)
        numbers, wrong = conversion(column)
        if np.isfinite((least, most)).any():
            wrong = wrong | (numbers < least) | (numbers > most)
        self._refuse(wrong, column, expected)
        return numbers

    def floats(self, name: str, field: str, key: str, origin: float = 0.0) -> pa.Array:
        """A column as 32-bit floats [N], minus an origin; a missing one is NaN.

        Where too many of them become equal, `rounded` gets an entry under the key.
        """
        numbers = self.numbers(name, field)
        numbers = numbers - origin if origin else numbers
        if found := rounded(numbers):
            self.rounded[key] = found
        return pa.array(as_float32(numbers))

    def vectors(self, name: str, field: str, length: int) -> pa.Array:
        """A column as vectors of float32 [N]; a missing one is NaN throughout."""
        values, wrong, found = as_vectors(self.raw(name, field), length)
        if wrong.any():
            self.refusals.refuse(wrong, name, f"{length} numbers", found)
        return values

    def seconds(self, time: Time) -> np.ndarray:
        """The time column as seconds since 1970 UTC, int64 [N]."""
        if time not in self._seconds:
            column = self.raw(time.column, "time.column")
            self._seconds[time], wrong = as_seconds(column, time)
            self._refuse_times(wrong, column, time, "time.unit")
        return self._seconds[time]

    def moments(self, time: Time, field: str) -> np.ndarray:
        """A column of times as seconds since 1970 UTC, float64 [N]; a missing one is NaN."""
        if time not in self._moments:
            self._moments[time] = self._read_moments(time, field)
        return self._moments[time]

    def _read_moments(self, time: Time, field: str) -> np.ndarray:
        column = self.raw(time.column, field)
        # In columns of floats, NaN stands for nothing.
        missing = column.values.is_null(nan_is_null=True).to_numpy(zero_copy_only=False)
        if missing.all():
            return np.full(self.rows, np.nan)
        seconds, wrong = as_seconds(column, time)
        self._refuse_times(wrong & ~missing, column, time, f"{field}: unit")
        return np.where(wrong, np.nan, seconds.astype(float))

    def refuse(self, wrong: np.ndarray, name: str, expected: str) -> None:
        """Refuses rows, bool [N], for the value of a column."""
        self._refuse(wrong, self.raw(name, name), expected)

    def _refuse_times(
        self, wrong: np.ndarray, column: RawColumn, time: Time, unit_field: str
    ) -> None:
        if not wrong.any():
            return
        form = f"of the form {time.format!r}" if time.format else f"in {time.unit or 'ISO form'}"
        unit = _unit(column, wrong)
        hint = f" (these look like counts since 1970: `{unit_field}: {unit}`)" if unit else ""
        self._refuse(wrong, column, f"a time {form}{hint}")

    def _refuse(self, wrong: np.ndarray, column: RawColumn, expected: str) -> None:
        if wrong.any():
            self.refusals.refuse(wrong, column.name, expected, as_text(column))


def _unit(column: RawColumn, wrong: np.ndarray) -> Unit | None:
    """The unit in which the wrong values would be times."""
    if not wrong.any() or pa.types.is_temporal(column.values.type):
        return None
    numbers, no_number = as_numbers(column)
    return unit_by_size(numbers[wrong & ~no_number & ~np.isnan(numbers)])
