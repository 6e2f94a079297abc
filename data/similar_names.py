"""Which name may be meant by one that is not known."""

import difflib
import re
from collections.abc import Collection

_HINTS = 3
# Share of letters in common, of two spellings and of the words of two names.
_CLOSE_SPELLING, _CLOSE_WORDS = 0.8, 0.55
_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+|[^\W\d_a-zA-Z]+")


def did_you_mean(name: str, others: Collection[str]) -> str:
    """The end of a message about an unknown name, the same everywhere.

    Args:
        name: the name that was not found.
        others: the names that there are.

    Returns:
        Such as `; did you mean 'price' or 'prices'?`; empty where no name is close.
    """
    near = similar(name, others)
    return f"; did you mean {' or '.join(map(repr, near))}?" if near else ""


def similar(name: str, others: Collection[str]) -> list[str]:
    """Names that may be meant by another name: close in spelling, or made of the same words.

    Args:
        name: the name that was not found.
        others: the names that there are.

    Returns:
        Up to three of them, the closest first.
    """
    closeness = {other: _closeness(name, other) for other in others}
    near = sorted(closeness, key=lambda other: -closeness[other])
    return [other for other in near if closeness[other] >= 1][:_HINTS]


def _closeness(name: str, other: str) -> float:
    """1 or more where two names are close."""
    spelling = difflib.SequenceMatcher(None, name.lower(), other.lower()).ratio()
    ours, theirs = (set(_WORDS.findall(text)) for text in (name, other))
    ours, theirs = ({word.lower() for word in words} for words in (ours, theirs))
    letters = sum(map(len, ours)) + sum(map(len, theirs))
    shared = 2 * sum(map(len, ours & theirs)) / letters if letters else 0.0
    return max(spelling / _CLOSE_SPELLING, shared / _CLOSE_WORDS)
