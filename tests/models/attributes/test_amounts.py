import numpy as np
import pytest

from models.attributes.amounts import amounts_in_texts, amounts_of_values
from models.attributes.quantities import quantities_of
from models.attributes.tokens import tokens_of


def found(text: str, *values: str) -> list[str]:
    """The values that a text says, in whatever unit."""
    wanted, decimals = amounts_of_values(values)
    said = amounts_in_texts(quantities_of(tokens_of([text])), decimals)
    return [values[at] for at in wanted.quantities[np.isin(wanted.keys, said.keys)]]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('30" wide', "76.2"),  # 30 * 2.54
        ("34-1/2 inches", "87.6"),  # 34.5 * 2.54 = 87.63
        ("60yds", "5486.4"),  # 60 * 91.44
        ("11 x 14", "27.9"),  # taken for inches
        ("32 oz", "907"),  # 32 * 28.35 = 907.2
        ("16 lbs", "7.2"),  # 16 * .4536 = 7.257, cut off
        ("200 lb.", "90.6"),  # 200 * .4536 = 90.72, nearly
        ("7.2K", "7200"),
        ("36.4GB", "36.4 Gigabytes"),
        ("1 TB", "1000 Gigabytes"),
    ],
)
def test_amounts_in_other_units(text: str, value: str) -> None:
    assert found(text, value, "123.4", "5 Terabytes") == [value]


def test_another_amount_is_not_found() -> None:
    assert found("36.4 MB, 30 kg", "36.4 Gigabytes", "76.2") == []
