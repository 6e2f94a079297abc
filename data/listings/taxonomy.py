"""Which attributes a category of listings has, and which values they take."""

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any

import numpy as np

from data.errors import InputError
from data.sources.storage import open_file


@dataclass(frozen=True)
class Taxonomy:
    """Values by category and attribute.

    Attributes:
        values: by category and attribute, the values, each once.
    """

    values: Mapping[str, Mapping[str, tuple[str, ...]]]

    @cached_property
    def categories(self) -> list[str]:
        """The categories, in the order of the file."""
        return list(self.values)

    @cached_property
    def attributes(self) -> list[str]:
        """Every attribute that some category has, each once."""
        return list(dict.fromkeys(name for one in self.values.values() for name in one))

    @cached_property
    def pairs(self) -> list[tuple[str, str]]:
        """Each category with each of its attributes."""
        return [(category, name) for category, one in self.values.items() for name in one]

    @cached_property
    def texts(self) -> list[str]:
        """All values, pair by pair."""
        return [value for category, name in self.pairs for value in self.values[category][name]]

    @cached_property
    def pair_of_value(self) -> np.ndarray:
        """int64 [V], the pair of each of `texts`."""
        sizes = [len(self.values[category][name]) for category, name in self.pairs]
        return np.repeat(np.arange(len(sizes)), np.array(sizes, np.int64))

    @cached_property
    def place(self) -> dict[tuple[str, str, str], int]:
        """The place in `texts` of each category, attribute and value."""
        pairs = (self.pairs[pair] for pair in self.pair_of_value)
        return {
            (*pair, text): at for at, (pair, text) in enumerate(zip(pairs, self.texts, strict=True))
        }


def read_taxonomy(path: str) -> Taxonomy:
    """Reads a taxonomy.

    Args:
        path: a JSON file, `{"category": {"attribute": ["value", ...]}}`; local or remote.

    Returns:
        The taxonomy; a value that stands twice counts once.

    Raises:
        InputError: it is no such file, holds no value, or has a category, or an attribute of one,
            twice.
    """
    try:
        with open_file(path) as file:
            text = file.read().decode("utf-8-sig")
        content = json.loads(text, object_pairs_hook=partial(_each_once, path))
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError) as error:
        raise InputError(f"{path}: expected JSON in UTF-8: {error}") from error
    categories = _mapping(content, path, "categories")
    values = {
        category: {
            name: _values(found, f"{path}: {category!r}, {name!r}")
            for name, found in _mapping(attributes, f"{path}: {category!r}", "attributes").items()
        }
        for category, attributes in categories.items()
    }
    if not any(found for one in values.values() for found in one.values()):
        raise InputError(f"{path}: expected values of attributes, found none")
    return Taxonomy(values)


def _each_once(path: str, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """JSON lets a name stand twice, of which the last would count."""
    found = dict(pairs)
    if len(found) < len(pairs):
        name = next(name for name, count in Counter(name for name, _ in pairs).items() if count > 1)
        raise InputError(f"{path}: expected every name once in its place, found {name!r} again")
    return found


def _mapping(content: Any, place: str, what: str) -> dict[str, Any]:
    if not isinstance(content, dict):
        raise InputError(f"{place}: expected {what} by name, found {content!r:.80}")
    return content


def _values(found: Any, place: str) -> tuple[str, ...]:
    if not isinstance(found, list):
        raise InputError(f"{place}: expected a list of values, found {found!r:.80}")
    for value in found:
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            raise InputError(f"{place}: expected texts or numbers, found {value!r:.80}")
    texts = (str(value).strip() for value in found)
    return tuple(dict.fromkeys(text for text in texts if text))
