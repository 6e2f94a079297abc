import pyarrow as pa
import pytest

from data.rows.raw import RawColumn
from data.rows.raw_histories import raw_histories


def entries(text: str | None, separator: str = "|") -> list[str | None]:
    column = RawColumn(pa.array([text], pa.string()), "seen", "feature 'seen'", "logs.csv")
    found = raw_histories(column, separator, is_known=True)
    assert found.lengths.tolist() == [len(found.values)]
    return found.values.to_pylist()


@pytest.mark.parametrize(
    "values",
    [
        ["Shoes (men)", "Bags (women)"],
        ["Size [M]", "Size [L]"],
        ["(a)", "(b)"],
        ["[x]", "[y]"],
        ["{1}", "2"],
        ["(used) shoes (red)"],
        ["'Tis", "rock 'n'"],
        ["[open", "closed)"],
    ],
)
def test_brackets_and_quotes_that_belong_to_values_stay(values: list[str]) -> None:
    assert entries("|".join(values)) == values
    assert entries(" | ".join(values)) == values
    assert entries(f"[ {'|'.join(values)} ]".replace("[open", "open")) == [
        value.strip("'").replace("[open", "open") for value in values
    ]


@pytest.mark.parametrize("text", ["[{}]", "({})", " {{ {} }} "])
def test_one_pair_of_brackets_around_the_whole_goes(text: str) -> None:
    assert entries(text.format("'a', 'b'"), ",") == ["a", "b"]
    assert entries(text.format('"Size [M]", "(L)", "{S}"'), ",") == ["Size [M]", "(L)", "{S}"]
    assert entries(text.format("a")) == ["a"]
    for nothing in ("", " ", "[]"):
        assert entries(text.format(nothing)) == []
