import numpy as np
import pytest

from models.attributes.tokens import Tokens, tokens_of


def words(*texts: str | None) -> list[str]:
    tokens = tokens_of(texts)
    return tokens.words(np.arange(len(tokens.starts)))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Lexmark 601H (60F1H00)", ["lexmark", "601", "h", "60", "f", "1", "h", "00"]),
        ("1,200 or 3.5 or 3,5 or 1,2,3", ["1200", "or", "3.5", "or", "3.5", "or", "1", "2", "3"]),
        ("47¼ ½", ["47", "1", "4", "1", "2"]),
        ("赤いシャツ", ["赤", "い", "シ", "ャ", "ツ"]),
        ("STRASSE straße ŁÓDŹ", ["strasse", "strasse", "łódź"]),
        ("\uff11\uff12\uff43\uff4d", ["12", "cm"]),
        ("...", []),
        ("", []),
    ],
)
def test_words_and_numbers(text: str, expected: list[str]) -> None:
    assert words(text) == expected


def test_texts_stay_apart() -> None:
    tokens = tokens_of(["a b", None, "c\x1ed", ""])
    assert tokens.texts.tolist() == [0, 0, 2, 2]
    assert tokens_of([]).hashes.tolist() == []


def whole(tokens: Tokens, text: int) -> int:
    own = np.flatnonzero(tokens.texts == text)
    return int(tokens.spans(tokens.starts[own[:1]], tokens.ends[own[-1:]])[0])


def test_a_span_says_the_same_wherever_it_stands_and_whatever_is_between() -> None:
    tokens = tokens_of(["157305-B21", "x " * 100, "157305b21", "157305 B21", "157305B22"])
    assert whole(tokens, 0) == whole(tokens, 2) == whole(tokens, 3)
    assert whole(tokens, 0) != whole(tokens, 4)


def test_glued_tokens() -> None:
    assert tokens_of(["a1 b", "c"]).glued.tolist() == [False, True, False, False]
