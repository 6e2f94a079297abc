from pathlib import Path

import pytest

from pipeline import cli


def test_help_names_every_command(capsys: pytest.CaptureFixture) -> None:
    with pytest.raises(SystemExit) as stop:
        cli.main(["--help"])
    assert stop.value.code == 0
    shown = capsys.readouterr().out
    for command in ("run", "score", "init", "simulate"):
        assert command in shown


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["run", "--dataset", "no_such_dataset"], "no_such_dataset"),
        (["run", "--dataset", "expedia"], "--input"),
    ],
)
def test_a_wrong_option_is_one_message_and_exit_1(
    words: list[str], expected: str, tmp_path: Path, capsys: pytest.CaptureFixture
) -> None:
    assert cli.main([*words, "--output", str(tmp_path / "out")]) == 1
    error = capsys.readouterr().err
    assert error.startswith("seqmd: ")
    assert expected in error
    assert "Traceback" not in error
