"""Valid names of features and tasks, for columns of any name."""

import itertools
import re
import unicodedata
from collections.abc import Sequence

from data.definition import keys
from data.definition.base import LONGEST_NAME
from data.definition.roles import reserved_keys

_NAME = re.compile(r"[^\W\d_]\w*")
# With room for the number that makes a name the only one.
_LONGEST = LONGEST_NAME - 10


def feature_names(
    columns: Sequence[str], tasks: Sequence[str], used: Sequence[str] = ()
) -> dict[str, str]:
    """Names the columns that become features, in ASCII letters.

    Args:
        columns: the columns.
        tasks: names of the tasks, which reserve some names.
        used: names that are taken.

    Returns:
        By column, a name of its own: the column itself where that is a free name.
    """
    wished = {column: _identifier(_ascii(column))[:_LONGEST] for column in columns}
    reserved = {*reserved_keys(tasks), *used}
    for name in [*wished.values(), *used]:
        reserved |= {keys.missing(name), keys.within_list(name, "percentile")}
    return _distinct(wished, reserved)


def task_names(columns: Sequence[str]) -> dict[str, str]:
    """Names the columns that become tasks, in ASCII letters.

    Args:
        columns: the columns.

    Returns:
        By column, a name of its own: the column itself where that is a name.
    """
    wished = {column: _identifier(_ascii(column))[:_LONGEST] for column in columns}
    return _distinct(wished, set())


def _ascii(text: str) -> str:
    return unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()


def _identifier(text: str) -> str:
    if _is_name(text):
        return text
    letters = unicodedata.normalize("NFKC", text)
    kept = "".join(letter if _is_name(f"a{letter}") else " " for letter in letters)
    name = "_".join(kept.split()).lstrip("_")
    return name if _is_name(name) else f"column_{name}".rstrip("_")


def _is_name(text: str) -> bool:
    # Neither rule holds the other: \w knows no combining marks, isidentifier no superscripts.
    return bool(_NAME.fullmatch(text)) and text.isidentifier() and text != "self"


def _distinct(wished: dict[str, str], reserved: set[str]) -> dict[str, str]:
    """Numbers the names that are taken; columns that keep their own name come first."""
    names: dict[str, str] = {}
    taken = {name.lower() for name in reserved}
    for column in sorted(wished, key=lambda column: wished[column] != column):
        names[column] = _free(wished[column], taken)
        taken.add(names[column].lower())
    return names


def _free(name: str, taken: set[str]) -> str:
    numbered = (f"{name}_{number}" for number in itertools.count(2))
    return next(free for free in itertools.chain([name], numbered) if free.lower() not in taken)
