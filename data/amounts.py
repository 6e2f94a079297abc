"""Numbers of things, as messages and pages write them."""


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
