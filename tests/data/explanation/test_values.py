import math

import pytest

from data.explanation.values import shown_value


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (b"acme", "acme"),
        ("acme", "acme"),
        (1 / 3, "0.333333"),
        (7.0, "7"),
        (7, "7"),
        (True, "True"),
        (None, "missing"),
        (math.nan, "missing"),
        (b"", "missing"),
        ([1.0, math.nan], "[1, missing]"),
        ([1.0, 2.0, 3.0], "[1, 2, ...]"),
        (b"\xff", "\N{REPLACEMENT CHARACTER}"),
    ],
)
def test_values_are_short_texts(value: object, shown: str) -> None:
    assert shown_value(value) == shown
