"""A definition's YAML with sections changed, and all else as its author wrote it."""

import re
from collections.abc import Mapping
from typing import Any

import yaml

from data.loading import parse_definition

_WIDTH = 96
_BETWEEN = re.compile(r"#|\s*$")


def with_sections(text: str, changes: Mapping[str, Mapping[str, Any]], place: str) -> str:
    """Changes fields of sections; comments and order outside of these sections stay.

    Args:
        text: the YAML.
        changes: values of fields by section; fields that are not named stay as they are.
        place: where the YAML comes from, for messages.

    Returns:
        YAML that says the same but for the changes.
    """
    before = parse_definition(text, place)
    changed = {
        name: {**(before.get(name) or {}), **fields} for name, fields in changes.items() if fields
    }
    expected = {**before, **changed}
    found = _spliced(text, changed)
    try:
        same = parse_definition(found, place) == expected
    except ValueError:
        same = False
    # Such as a definition in one pair of braces, or a section that others point into.
    return found if same else _dumped(expected)


def _spliced(text: str, sections: Mapping[str, Mapping[str, Any]]) -> str:
    root = yaml.compose(text, Loader=yaml.SafeLoader)
    starts = {key.value: key.start_mark.index for key, _ in getattr(root, "value", ())}
    ends = dict(zip(starts, [*list(starts.values())[1:], len(text)], strict=True))
    # From the last one on, so that the places of the others stay.
    for name in sorted(sections, key=lambda name: -starts.get(name, len(text))):
        written = _dumped({name: sections[name]})
        if name in starts:
            end = _end(text, starts[name], ends[name])
            text = text[: starts[name]] + written + text[end:]
        else:
            text = f"{text.rstrip()}\n\n{written}"
    return text


def _end(text: str, start: int, end: int) -> int:
    """Where a section ends: comments at the left margin before the next one belong to that."""
    lines = text[start:end].splitlines(keepends=True)
    while len(lines) > 1 and _BETWEEN.match(lines[-1]):
        lines.pop()
    return start + len("".join(lines))


def _dumped(content: Mapping[str, Any]) -> str:
    return yaml.safe_dump(dict(content), sort_keys=False, allow_unicode=True, width=_WIDTH)
