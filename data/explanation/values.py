"""Values of features as explanations show them."""

import math


def shown_value(value: object) -> str:
    """A value of the logs as text.

    Args:
        value: a text, a number, a vector or nothing.

    Returns:
        Numbers with six digits; `missing` for none, NaN and an empty text.
    """
    if isinstance(value, bytes):
        value = value.decode(errors="replace")
    if value is None or value == "" or (isinstance(value, float) and math.isnan(value)):
        return "missing"
    if isinstance(value, float):
        return f"{value:.6g}"
    return f"[{', '.join(map(shown_value, value))}]" if isinstance(value, list) else str(value)
