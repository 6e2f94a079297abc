"""Precision and recall of attributes that too few listings were judged for."""

from collections.abc import Mapping

from data.amounts import listed

# With 30 and a precision of .9, two standard errors are .11: sqrt(.9 * .1 / 30) = .055.
FEW_JUDGED = 30


def told_few_judged(judged: Mapping[str, int]) -> str | None:
    """Says of which attributes precision and recall are those of few listings.

    Args:
        judged: by attribute, how many listings held out say something of it.

    Returns:
        One line; None where there is no such attribute.
    """
    few = [f"{name} ({number})" for name, number in judged.items() if 0 < number < FEW_JUDGED]
    if not few:
        return None
    return f"precision and recall are of fewer than {FEW_JUDGED} listings judged: {listed(few)}"
