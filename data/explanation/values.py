"""Values of features as explanations show them."""

import math

# Of a vector.
_MOST_NUMBERS = 2


def shown_value(value: object) -> str:
    """A value of the logs as text.

    Args:
        value: a text, a number, a vector or nothing.

    Returns:
        Numbers with six digits, the first two of a vector; `missing` for none, NaN and an empty
        text.
    """
    if isinstance(value, bytes):
        value = value.decode(errors="replace")
    if value is None or value == "" or (isinstance(value, float) and math.isnan(value)):
        return "missing"
    if isinstance(value, float):
        return f"{value:.6g}"
    if isinstance(value, list):
        first = list(map(shown_value, value[:_MOST_NUMBERS]))
        more = ["..."] if len(value) > _MOST_NUMBERS else []
        return f"[{', '.join(first + more)}]"
    return str(value)
