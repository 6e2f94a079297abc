"""Text from data, made safe to print on a terminal."""

import re

# What moves the cursor, changes colours or the direction of writing, or is no character at all.
_COMMANDS = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)


def printable(text: str) -> str:
    r"""The text with characters that command a terminal shown as escapes, such as `\x1b`.

    Args:
        text: any text.

    Returns:
        The text, with its line breaks and tabs as they are; it can be encoded as UTF-8.
    """
    return _COMMANDS.sub(lambda found: ascii(found[0])[1:-1], text)


def on_one_line(text: str) -> str:
    r"""The text as `printable` shows it, with line breaks and tabs as escapes too.

    Args:
        text: any text, such as the name of a region.

    Returns:
        The text on one line.
    """
    return re.sub("[\t\n\u2028\u2029]", lambda found: ascii(found[0])[1:-1], printable(text))
