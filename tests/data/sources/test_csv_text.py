import itertools

import pytest

from data.sources.csv_text import Quotes, torn_value

TEXTS = {
    b"a,b\n1,2\n": (True, False),
    b'a,"b"\n"1","2"\n': (True, False),
    b'"a, ""b""\r\nc","""d"""\n"",""\n': (True, False),
    b'a,"b"': (True, False),
    b'a,nail 5"\nb,nail 6"\n': (False, False),
    b'a,"best" of all\n': (False, False),
    b'a,"5\nb,"6\n': (False, False),
    b'a,"5\nb,6\n': (True, True),
    b'a,"5""': (True, True),
}


@pytest.mark.parametrize("text", list(TEXTS))
def test_quotes_are_followed_wherever_the_blocks_are_cut(text: bytes) -> None:
    for first, second in itertools.combinations_with_replacement(range(len(text) + 1), 2):
        quotes = Quotes()
        for block in (text[:first], text[first:second], text[second:], b"\n"):
            quotes.read(block)
        assert (quotes.enclose, quotes.inside) == TEXTS[text]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('a,b\n1,"x\n2,"y\n', (2, 3)),
        ('a,b\n1,"x"y\n2,"on\n\ntwo lines"\n3,z"\n4,"x\n5,"y\n', (7, 8)),
        ('a,b\n1,"x\ny"\n2,nail 5"\n3,"x"y\n', None),
        ('a,b\n1,"never closes\n', None),
    ],
)
def test_a_quote_that_closes_in_another_row_is_found(
    text: str, expected: tuple[int, int] | None
) -> None:
    assert torn_value(text.splitlines(keepends=True)) == expected
