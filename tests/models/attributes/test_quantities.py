import pytest

from models.attributes.quantities import quantities_of
from models.attributes.tokens import tokens_of


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("8 1/2 x 11", [8.5, 11]),
        ('34-1/2" wide', [34.5]),
        ("½ inch", [0.5]),
        ("40/80 GB", [40, 80]),
        ("call 800.680.0859", [0]),
        ("none", []),
    ],
)
def test_numbers_with_their_fractions(text: str, values: list[float]) -> None:
    assert quantities_of(tokens_of([text])).values.tolist() == values
