"""Lines for the log and for the screen."""

import logging

import pytest

from data.notices import DATA_LOGGER, tell


def test_each_line_is_a_record_that_carries_it_as_it_is(caplog: pytest.LogCaptureFixture) -> None:
    lines = ["100% of two", "first\n  second"]
    with caplog.at_level(logging.INFO, DATA_LOGGER.name):
        tell(DATA_LOGGER, lines)
        tell(DATA_LOGGER, iter(["late"]), logging.WARNING)
    assert [record.getMessage() for record in caplog.records] == [*lines, "late"]
    assert [vars(record)["notice"] for record in caplog.records] == [*lines, "late"]
    assert [record.levelname for record in caplog.records] == ["INFO", "INFO", "WARNING"]
