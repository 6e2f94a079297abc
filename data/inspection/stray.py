"""Columns of numbers with a few texts among them."""

import re
from dataclasses import dataclass

import pandas as pd

from data.inspection import roles

# Half of the rows that a dataset lets be set aside by default.
MOST_STRAY = 0.005
# Codes with leading zeros are no numbers.
_CODE = re.compile(r"0\d")


@dataclass(frozen=True)
class Stray:
    """Texts among numbers.

    Attributes:
        share: of the values that are not missing.
        rows: how many there are.
        example: one of them.
    """

    share: float
    rows: int
    example: str

    def __str__(self) -> str:
        """Such as `1 other, such as 'dear'`."""
        return f"{self.rows} other{'s' if self.rows > 1 else ''}, such as {self.example!r}"


def stray_texts(column: str, values: pd.Series) -> Stray | None:
    """Texts in a column that mostly holds numbers.

    Args:
        column: its name.
        values: its values in the rows looked at.

    Returns:
        The texts; None where there are none, or where numbers are the smaller part or codes.
    """
    if roles.is_id(column) or pd.api.types.infer_dtype(values, skipna=True) != "string":
        return None
    told = values.dropna()
    texts = told[pd.to_numeric(told, errors="coerce").isna()]
    share = len(texts) / len(told)
    if not 0 < share < 0.5 or told.map(_CODE.match).notna().any():
        return None
    return Stray(share, len(texts), texts.iloc[0])


def numbers_without_few(sample: pd.DataFrame) -> tuple[pd.DataFrame, dict[str, Stray]]:
    """Reads columns with very few texts as numbers; rows with these texts will be set aside.

    Args:
        sample: the first rows of the logs.

    Returns:
        The rows, with a missing number in place of each such text, and the texts by column.
    """
    found = {name: stray_texts(str(name), sample[name]) for name in sample.columns}
    few = {name: stray for name, stray in found.items() if stray and stray.share <= MOST_STRAY}
    numbers = {name: pd.to_numeric(sample[name], errors="coerce") for name in few}
    return sample.assign(**numbers), few
