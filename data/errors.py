"""Errors that a user can mend; they are shown without a traceback."""

import datetime
import re
from collections.abc import Collection, Mapping, Sequence
from typing import get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from data.similar_names import did_you_mean

_SHOWN_CHARACTERS = 200

# What YAML makes of text without quotes: NO (Norway) and on are booleans, 08 and 1.0 numbers.
_UNQUOTED = (bool, int, float, datetime.date, type(None))

# What pydantic expected, by the name of its error, in the words of all other messages.
_NUMBER, _WHOLE = "expected a number", "expected a whole number"
_FIELDS = "expected fields"
_EXPECTED = {
    "greater_than": f"{_NUMBER} above {{gt}}",
    "greater_than_equal": f"{_NUMBER} of at least {{ge}}",
    "less_than": f"{_NUMBER} below {{lt}}",
    "less_than_equal": f"{_NUMBER} of at most {{le}}",
    "finite_number": "expected a finite number",
    "float_type": _NUMBER,
    "float_parsing": _NUMBER,
    "int_type": _WHOLE,
    "int_parsing": _WHOLE,
    "int_from_float": _WHOLE,
    "bool_type": "expected true or false",
    "bool_parsing": "expected true or false",
    "string_type": "expected text",
    "list_type": "expected a list",
    "tuple_type": "expected a list",
    "dict_type": _FIELDS,
    "model_type": _FIELDS,
    "model_attributes_type": _FIELDS,
    "too_short": "expected a list of at least {min_length}",
    "too_long": "expected a list of at most {max_length}",
    "string_too_short": "expected text that is not empty",
    "string_too_long": "expected text of at most {max_length} letters",
}


class InputError(ValueError):
    """A file, a definition or an option is not as it must be.

    The message names the place, what was expected and what was found.
    """


def describe(error: ValidationError, place: str, definition: type[BaseModel] | None = None) -> str:
    """Turns a pydantic error into lines of `place: field: expected, found`.

    Args:
        error: what pydantic raised.
        place: the file or object that was validated.
        definition: what it was validated by; a field that it does not have gets the names of
            those that are close.

    Returns:
        One line for each field that is wrong.
    """
    lines = [f"{place}: not as expected:"]
    for item in error.errors():
        if item["type"] == "too_short" and len(item["input"]) >= item["ctx"]["min_length"]:
            continue  # It is short of those values alone that have lines of their own.
        field = _field(item["loc"])
        told = _told(item, _names_beside(item["loc"], definition))
        lines.append(f"  {field}: {told}" if field else f"  {told}")
    return "\n".join(lines)


def _told(item: ErrorDetails, names: Collection[str]) -> str:
    """What was expected of a field, and what was found."""
    kind, found = item["type"], item.get("input")
    if kind == "extra_forbidden":
        return f"no such field{did_you_mean(str(item['loc'][-1]), names)}"
    if kind == "missing":
        return "expected a value, found none"
    if kind == "string_type" and isinstance(found, _UNQUOTED):
        return _unquoted(found)
    if kind == "literal_error":
        return _of_choices(item["ctx"]["expected"], found)
    expected = _EXPECTED.get(kind, "").format(**item.get("ctx", {}))
    message = expected or _own_words(item["msg"])
    if isinstance(found, Mapping) or ("found" in message and not expected):
        return message
    return f"{message}, found {_short(found)}"


def _own_words(message: str) -> str:
    """A message of a validator of ours, or one of pydantic that has no words of ours."""
    message = message.removeprefix("Value error, ")
    return message.replace("Input should be", "expected").replace("valid tuple", "list")


def _of_choices(expected: str, found: object) -> str:
    """What was expected where there are a few choices, which pydantic gives as one text."""
    names = re.findall(r"'([^']*)'", expected)
    hint = did_you_mean(found, names) if isinstance(found, str) else ""
    listed = ", ".join(names) if names else expected
    return f"expected {'one of ' if len(names) > 1 else ''}{listed}, found {_short(found)}{hint}"


def _names_beside(location: Sequence[int | str], definition: type[BaseModel] | None) -> list[str]:
    """The names of the fields beside a place in a definition."""
    models = [definition] if definition else []
    for part in location[:-1]:
        inside = [one for model in models for one in _inside(model, part)]
        models = inside or models
    return [name for model in models for name in model.model_fields]


def _inside(model: type[BaseModel], part: int | str) -> list[type[BaseModel]]:
    """The definitions that a field may hold."""
    field = model.model_fields.get(part) if isinstance(part, str) else None
    return _definitions(field.annotation) if field else []


def _definitions(annotation: object) -> list[type[BaseModel]]:
    """The definitions that an annotation names, such as those in `tuple[Task, ...] | None`."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [one for part in get_args(annotation) for one in _definitions(part)]


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
