"""Definitions that are no definitions: each is one clear error, or is taken as it stands."""

import copy
import random
import re
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from data.errors import InputError
from data.loading import CATALOG, load_definition, parse_definition
from pipeline.config import config_from
from tests.drawn import drawn

Record = Callable[[str, object], None]

pytestmark = pytest.mark.reliability("bad definition")

DEFINITION = """
name: mine
list_id: search
time: {column: shown_at}
tasks: [{name: click, grade: 1}]
features:
- {name: price, scope: item, kind: numeric}
- {name: land, scope: context, kind: categorical}
"""


def refused(text: str | bytes) -> str:
    """The message, which must be one that a person can use."""
    with pytest.raises(InputError) as error:
        config_from(parse_definition(text, "mine.yaml"), "mine.yaml", seed=3)
    return checked(str(error.value))


def checked(message: str) -> str:
    assert message.startswith("mine.yaml")
    assert "Traceback" not in message
    assert len(message) < 5000
    return message


def with_(old: str, new: str) -> str:
    assert old in DEFINITION
    return DEFINITION.replace(old, new)


BY_TIME = DEFINITION + "split: {by: time, validation_from: %s, evaluation_from: %s}\n"
BOMB = "a: &a [1, 2]\n" + "".join(
    f"{after}: &{after} [{', '.join([f'*{before}'] * 9)}]\n"
    for before, after in zip("abcdefghij", "bcdefghijk", strict=True)
)

CASES = {
    "a day that is none": (BY_TIME % ("2026-13-45", "2026-03-01"), "month must be in 1..12"),
    "one zone of two": (BY_TIME % ("2026-01-01T00:00:00Z", "2026-03-01"), "one has a zone"),
    "dates the wrong way round": (BY_TIME % ("2026-03-01", "2026-01-01"), "must be before"),
    "brackets nested too deep": ("name: " + "[" * 5000 + "]" * 5000, "nested too deep"),
    "aliases that mean billions": (BOMB, "expected at most 100,000 values"),
    "an alias of itself": (DEFINITION + "left_out: &a {b: *a}\n", "expected at most"),
    "a section that is a list": (DEFINITION + "training: [1]\n", "training: expected fields"),
    "a number of 5000 digits": (DEFINITION + f"fewest_files: {'9' * 5000}\n", "limit"),
    "a long hexadecimal number": (DEFINITION + f"fewest_files: 0x{'f' * 9000}\n", "fewest_files"),
    "a share that is no number": (DEFINITION + "most_bad_rows: .nan\n", "most_bad_rows"),
    "an infinite share": (DEFINITION + "most_bad_rows: .inf\n", "most_bad_rows"),
    "a boundary that is no number": (
        with_("kind: numeric", "kind: bucketed, boundaries: [.nan]"),
        "finite number",
    ),
    "an infinite boundary": (
        with_("kind: numeric", "kind: bucketed, boundaries: [1, .inf]"),
        "finite number",
    ),
    "a word of Python's as a name": (with_("name: price", "name: class"), "'class' is a word"),
    "a country feature twice": (DEFINITION + "country_features: [land, land]\n", "named twice"),
    "a version within the list twice": (
        with_("kind: numeric", "kind: numeric, within_list: [percentile, percentile]"),
        "one version twice",
    ),
    "a column without a name": (
        DEFINITION + "region: ''\n",
        "region: expected text that is not empty",
    ),
    "an id without a name": (with_("search", "''"), "list_id.*expected text that is not empty"),
    "a format that is none": (with_("shown_at", "shown_at, format: '%Q'"), "format of strptime"),
    "a zone that is a path": (with_("shown_at", "shown_at, zone: ../etc"), "time.zone"),
    "a zone of the machine": (with_("shown_at", "shown_at, zone: localtime"), "time.zone"),
    "a zone with leap seconds": (with_("shown_at", "shown_at, zone: right/UTC"), "time.zone"),
    "a value of 9,000 letters": (
        DEFINITION + f"region: [{'x, ' * 3_000}]\n",
        r"region: .*\.\.\.",
    ),
    "a key that is a number": (DEFINITION + "1: 2\n", "Keys should be strings"),
    "a key that is a list": (DEFINITION + "? [a, b]\n: 2\n", "unhashable key"),
    "two documents": (DEFINITION + "---" + DEFINITION, "another document"),
    "a tab for an indent": ("name: x\n\tlist_id: a\n", "line 2"),
    "null bytes": (b"name: a\0b\n", "not valid YAML"),
    "another encoding": (DEFINITION.replace("mine", "mäne").encode("latin-1"), "utf-8"),
    "two bytes a letter": (DEFINITION.encode("utf-16"), "utf-8"),
    "an empty file": ("", "expected fields"),
    "a list": ("- a\n", "expected fields"),
    "a Python object": ("name: !!python/object/apply:os.system [ls]\n", "not valid YAML"),
    "a feature that is a number": (
        with_("- {name: price", "- 5\n- {name: price"),
        r"features\[0\]",
    ),
    "Norway without quotes": (
        DEFINITION + "evaluation: {gates: [{at_least: 0.1, slices: {region: NO}}]}\n",
        "slices.*region: expected text, found false: .*quote it: 'false', 'NO' or 'off'",
    ),
    "a region that is a number": (
        DEFINITION + "evaluation: {gates: [{at_least: 0.1, slices: [{region: 7}]}]}\n",
        "slices.*region: expected text, found 7: .*quote it: '7'",
    ),
    "a column called on": (with_("shown_at", "on"), "time.column: .*'true', 'YES' or 'on'"),
    "a missing value without quotes": (
        DEFINITION + "null_values: [null]\n",
        r"null_values\[0\]: expected text, found null: .*quote it: 'null'",
    ),
    "no task": (with_("[{name: click, grade: 1}]", "[]"), "tasks"),
    "the same task twice": (
        with_("[{name: click, grade: 1}]", "[{name: a, grade: 1}, {name: a, grade: 2}]"),
        "named twice",
    ),
}


@pytest.mark.parametrize("kind", list(CASES))
def test_each_kind_is_one_clear_error(kind: str, record_property: Record) -> None:
    text, words = CASES[kind]
    message = refused(text)
    assert re.search(words, message, re.DOTALL), message
    record_property("what", kind)
    record_property("tried", 1)
    record_property("outcome", "one clear error")


@pytest.mark.parametrize("path", ["~nobody_of_that_name/mine.yaml", "a" * 5000, "\0", "/"])
def test_a_path_that_leads_nowhere(path: str, record_property: Record) -> None:
    with pytest.raises(InputError, match="expected a YAML file or one of ali_ccp") as error:
        load_definition(path)
    assert len(str(error.value)) < 500
    record_property("tried", 1)
    record_property("outcome", "one clear error")


def definitions() -> list[dict[str, Any]]:
    return [yaml.safe_load(path.read_text()) for path in sorted(CATALOG.glob("*.yaml"))]


# Values that people and programs write in the wrong place.
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=8),
    st.sampled_from(
        ["", "price", "click", "time", "numeric", "1e3", "~", "\0", "🛒", "%d", "x" * 999]
    ),
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(SCALARS, inner, max_size=3),
    max_leaves=6,
)


def places(value: Any, place: tuple = ()) -> list[tuple]:
    inner = value.items() if isinstance(value, dict) else ()
    inner = enumerate(value) if isinstance(value, list) else inner
    return [place] * bool(place) + [
        found for key, child in inner for found in places(child, (*place, key))
    ]


def test_any_value_anywhere_is_taken_or_one_clear_error(record_property: Record) -> None:
    outcomes: Counter[str] = Counter()

    @drawn(600)
    @given(st.sampled_from(definitions()), st.integers(0, 10**9), VALUES, st.booleans())
    def check(definition: dict[str, Any], seed: int, value: Any, leaves_out: bool) -> None:
        changed = copy.deepcopy(definition)
        *way, last = random.Random(seed).choice(places(changed))
        parent = changed
        for key in way:
            parent = parent[key]
        if leaves_out:
            del parent[last]
        else:
            parent[last] = value
        outcomes[tried(changed)] += 1

    check()
    record_property("tried", sum(outcomes.values()))
    record_property("outcome", ", ".join(f"{name}: {outcomes[name]}" for name in sorted(outcomes)))
    assert len(outcomes) == 2


def test_any_text_is_taken_or_one_clear_error(record_property: Record) -> None:
    outcomes: Counter[str] = Counter()
    whole = DEFINITION.encode()

    @drawn(300)
    @given(st.integers(0, len(whole)), st.integers(0, 30), st.binary(max_size=8))
    def check(start: int, length: int, instead: bytes) -> None:
        outcomes[tried(whole[:start] + instead + whole[start + length :])] += 1

    check()
    record_property("tried", sum(outcomes.values()))
    record_property("outcome", ", ".join(f"{name}: {outcomes[name]}" for name in sorted(outcomes)))


def tried(definition: str | bytes | dict[str, Any]) -> str:
    try:
        if not isinstance(definition, dict):
            definition = parse_definition(definition, "mine.yaml")
        config_from(definition, "mine.yaml", seed=3)
    except InputError as error:
        checked(str(error))
        return "one clear error"
    return "taken whole"
