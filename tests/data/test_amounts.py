"""Numbers of things in messages."""

from data.amounts import counted, listed


def test_the_word_goes_with_the_number() -> None:
    assert counted(0, "gate") == "0 gates"
    assert counted(1, "gate") == "1 gate"
    assert counted(2_000, "gate") == "2,000 gates"
    assert counted(2, "query", "queries") == "2 queries"


def test_of_many_names_the_first_few_are_named() -> None:
    assert listed(["a", "b"]) == "a, b"
    assert listed([*"abcde"]) == "a, b, c, d, e"
    assert listed(["a"] * 1_205) == "a, a, a, a, a and 1,200 more"
    assert listed(["a", "b"], most=1) == "a and 1 more"
