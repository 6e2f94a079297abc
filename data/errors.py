"""The error that a user can mend: it is shown without a traceback."""

from collections.abc import Sequence

from pydantic import ValidationError


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
        shown = "" if isinstance(found, dict) else f" (found: {found!r})"
        message = item["msg"].removeprefix("Value error, ")
        if item["type"] == "extra_forbidden":
            message, shown = "no such field", ""
        lines.append(f"  {field}: {message}{shown}")
    return "\n".join(lines)


def _field(location: Sequence[int | str]) -> str:
    parts = [f"[{part}]" if isinstance(part, int) else f".{part}" for part in location]
    return "".join(parts).lstrip(".") or "(whole file)"
