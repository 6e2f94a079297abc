from pathlib import Path

import pytest

from data.errors import InputError
from pipeline.failures import CommandFailedError, told_in


def fault_behind_another_error() -> None:
    try:
        raise InputError("price is text")
    except InputError as error:
        raise RuntimeError("while running Read") from error


def test_a_fault_of_the_input_is_found_behind_other_errors(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="price is text"), told_in(tmp_path / "log"):
        fault_behind_another_error()


def test_any_other_error_names_the_log_and_leaves_its_traceback_there(
    tmp_path: Path, capsys: pytest.CaptureFixture
) -> None:
    with pytest.raises(CommandFailedError) as failure, told_in(tmp_path / "log"):
        raise KeyError("x")
    assert str(failure.value) == f"KeyError: 'x'\nThe whole story is in {tmp_path / 'log'}"
    assert "Traceback" in capsys.readouterr().err
