"""Numbers of things in messages."""

from data.amounts import counted


def test_the_word_goes_with_the_number() -> None:
    assert counted(0, "gate") == "0 gates"
    assert counted(1, "gate") == "1 gate"
    assert counted(2_000, "gate") == "2,000 gates"
    assert counted(2, "query", "queries") == "2 queries"
