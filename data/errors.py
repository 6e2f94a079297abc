"""Errors that a user can mend; they are shown without a traceback."""

import datetime
from collections.abc import Sequence

from pydantic import ValidationError

_SHOWN_CHARACTERS = 200

# What YAML makes of text without quotes: NO (Norway) and on are booleans, 08 and 1.0 numbers.
_UNQUOTED = (bool, int, float, datetime.date, type(None))


class InputError(ValueError):
    """A file, a definition or an option is not as it must be.

    The message names the place, what was expected and what was found.
    """


def describe(error: ValidationError, place: str) -> str:
    """Turns a pydantic error into lines of `place: field: expected, found`.

    Args:
        error: what pydantic raised.
        place: the file or object that was validated.

    Returns:
        One line for each field that is wrong.
    """
    lines = [f"{place}: not as expected:"]
    for item in error.errors():
        field = _field(item["loc"])
        found = item.get("input")
        shown = "" if isinstance(found, dict) else f" (found: {_short(found)})"
        message = item["msg"].removeprefix("Value error, ").replace("valid tuple", "list")
        if item["type"] == "extra_forbidden":
            message, shown = "no such field", ""
        if item["type"] == "missing":
            message, shown = "expected a value, found none", ""
        if item["type"] == "string_type" and isinstance(found, _UNQUOTED):
            message, shown = _unquoted(found), ""
        lines.append(f"  {field}: {message}{shown}" if field else f"  {message}")
    return "\n".join(lines)


def _unquoted(found: object) -> str:
    """Says that YAML reads a text as something else, unless it stands in quotes."""
    read, example = _short(found), "'2026-01-02'"
    if isinstance(found, bool):
        read = str(found).lower()
        example = "'true', 'YES' or 'on'" if found else "'false', 'NO' or 'off'"
    elif found is None:
        read, example = "null", "'null'"
    elif isinstance(found, int | float):
        example = f"'{read}'"
    return f"expected text, found {read}: YAML reads text without quotes so; quote it: {example}"


def _short(found: object) -> str:
    try:
        text = repr(found)
    except ValueError:  # A whole number of thousands of digits.
        return f"a very long {type(found).__name__}"
    return text if len(text) <= _SHOWN_CHARACTERS else f"{text[:_SHOWN_CHARACTERS]}..."


def _field(location: Sequence[int | str]) -> str:
    """The field's place in the YAML, whose top level holds the dataset's fields."""
    inside = location[1:] if location and location[0] == "dataset" else location
    # Parts with brackets are pydantic's names of a union's members.
    named = (part for part in inside if isinstance(part, int) or "[" not in part)
    parts = [f"[{part}]" if isinstance(part, int) else f".{part}" for part in named]
    return "".join(parts).lstrip(".")
