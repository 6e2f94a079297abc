import pyarrow as pa
import pytest

from data.rows.separators import Separators


@pytest.mark.parametrize(
    ("texts", "expected", "found"),
    [
        (["a;b", "c", None, "a;b;c"], "|", ";"),
        (["a,b", "c,d", "e,f"], "|", ","),
        (["a\tb"], "|", "\t"),
        (["a|b", "c"], "->", "|"),
        # One text with the separator is enough, and there need be none.
        (["a|b", "c;d", "e;f"], "|", None),
        (["a", "b", None], "|", None),
        (["a;b", *"cdefg"], "|", None),
        ([None], "|", None),
    ],
)
def test_separators_that_are_not_those_of_the_definition(
    texts: list[str | None], expected: str, found: str | None
) -> None:
    columns = [pa.array(part, pa.string()) for part in (texts[:1], texts[1:])]
    wrong = Separators.of(expected, columns).wrong
    assert (wrong and wrong.found) == found


def test_a_wrong_separator_is_told_with_the_one_that_is_found() -> None:
    wrong = Separators.of("|", [pa.array(["a;b", "c", "d;e"])]).wrong
    assert wrong is not None
    told = wrong.told()
    assert "expected '|' between entries, found it in none of 3 texts" in told
    assert "2 hold ';', which `separator: \";\"` would read" in told


def test_histories_without_texts_have_none() -> None:
    assert Separators.of("|", []).wrong is None
