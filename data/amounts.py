"""Numbers of things, as messages and pages write them."""

from collections.abc import Sequence

_MOST_NAMED = 5


def counted(number: float, noun: str, plural: str = "") -> str:
    """A number of things: `1 file`, `2,000 files`.

    Args:
        number: how many there are.
        noun: the word for one of them.
        plural: the word for several; by default the noun with an s.

    Returns:
        The number with its thousands apart, and the word that goes with it.
    """
    return f"{number:,.0f} {noun if number == 1 else plural or noun + 's'}"


def listed(names: Sequence[str], most: int = _MOST_NAMED) -> str:
    """Names in a line, the first few of many: `a, b and 1,200 more`.

    Args:
        names: the names.
        most: how many are named.

    Returns:
        The line.
    """
    more = len(names) - most
    return ", ".join(names[:most]) + (f" and {more:,} more" if more > 0 else "")
