from typing import Any

import pytest

from benchmarks.laboratory.setups import Exhibit, Setup
from benchmarks.paper import chosen_setups
from data.errors import InputError

SETUPS = [Setup("a", against="a"), Setup("b", against="a"), Setup("c", against="b")]
# Of these setups nothing asks for logs.
NO_LOGS: Any = None


def _named(*names: str) -> list[str]:
    exhibit = Exhibit("Three", lambda logs: SETUPS)
    return [setup.name for setup in chosen_setups(exhibit, NO_LOGS, names)]


def test_setups_that_are_named_are_compared_in_the_order_of_the_exhibit() -> None:
    assert _named() == ["a", "b", "c"]
    assert _named("b", "a") == ["a", "b"]


def test_a_name_that_is_not_there_is_told() -> None:
    with pytest.raises(InputError, match="--only: expected some of a, b, c; found 'd'"):
        _named("a", "d")


def test_what_a_setup_is_measured_against_has_to_be_named_too() -> None:
    with pytest.raises(InputError, match="expected 'b' as well, which 'c' is measured against"):
        _named("a", "c")
