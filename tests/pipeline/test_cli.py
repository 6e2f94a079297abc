import argparse
import errno
import json
import os
import signal
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path
from typing import NoReturn

import pytest

from pipeline import cli
from pipeline.commands import run
from tests import processes

# Paths that nodes in containers look for, where no other machine's home is.
OF_PODS = ("--input", "--eval-input", "--serving-logs", "--schema", "--root", "--warm-start")


def paths_of_options() -> list[tuple[str, argparse.Action]]:
    (commands,) = [one for one in cli.parser()._actions if one.dest == "help" or one.choices][1:]
    return [
        (command, action)
        for command, parser in commands.choices.items()
        for action in parser._actions
        if {"FILE", "DIR", "RUN"} & set(str(action.metavar).split("|"))
        and not (command == "kubeflow" and action.option_strings[0] in OF_PODS)
    ]


@pytest.mark.parametrize(("command", "option"), paths_of_options())
def test_home_is_filled_in_for_every_path(
    command: str, option: argparse.Action, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", "/homes/ada")
    assert option.type is not None, (command, option.option_strings)
    assert option.type("~/shop [1].yaml") == "/homes/ada/shop [1].yaml"
    assert option.type("a/~") == "a/~"


def test_a_home_of_nobody_is_one_message(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as stop:
        cli.main(["simulate", "--output=~nobody-of-this-name/logs"])
    assert stop.value.code == 1
    assert "--output: ~nobody-of-this-name/logs: expected a home" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("option", "folder"),
    [("--output", "out [1]"), ("--output", "r?n"), ("--pipeline-root", "gs://bucket/a*")],
)
def test_a_folder_that_tfx_takes_for_a_pattern_is_refused_before_anything_is_written(
    option: str,
    folder: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture,
) -> None:
    monkeypatch.chdir(tmp_path)
    assert cli.main(["run", option, folder]) == 1
    assert f"seqmd: {option}: expected a folder without * ? [ and" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("command", ["run", "tune"])
@pytest.mark.parametrize("output", ["outfile", "outfile/of/today"])
def test_a_file_in_the_place_of_the_output_folder_is_named_before_anything_is_written(
    command: str,
    output: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture,
) -> None:
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "outfile"
    file.write_text("mine")
    assert cli.main([command, "--output", output]) == 1
    expected = f"seqmd: --output: expected a folder, found a file at {file}\n"
    assert capsys.readouterr().err == expected
    assert list(tmp_path.iterdir()) == [file]
    assert file.read_text() == "mine"


def test_help_names_every_command(capsys: pytest.CaptureFixture) -> None:
    with pytest.raises(SystemExit) as stop:
        cli.main(["--help"])
    assert stop.value.code == 0
    shown = capsys.readouterr().out
    commands = ("run", "add-task", "train-worker", "kubeflow", "score", "rollback", "init")
    for command in (*commands, "export", "simulate"):
        assert command in shown


def test_version_is_what_is_installed(capsys: pytest.CaptureFixture) -> None:
    with pytest.raises(SystemExit) as stop:
        cli.main(["--version"])
    assert stop.value.code == 0
    names = ("seqmd", "tfx", "tensorflow")
    assert capsys.readouterr().out.split() == [
        word for name in names for word in (name, version(name))
    ]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["run", "--dataset", "no_such_dataset"], "no_such_dataset"),
        (["run", "--dataset", "expedia"], "--input"),
        (["run", "--beam-args='--job_endpoint"], "--beam-args: expected words as in a shell"),
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


def test_a_worker_beside_the_chief_is_told_what_it_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    task = '{"cluster": {"worker": ["a:1", "b:1"]}, "task": {"type": "worker", "index": 1}}'
    monkeypatch.setenv("TF_CONFIG", task)
    assert cli.main(["run", "--output", str(tmp_path / "out")]) == 1
    assert "a worker beside it runs seqmd train-worker" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ([], "COMMAND"),
        (["run", "--bogus"], "seqmd: --bogus: no such option\n"),
        (["run", "--inptu", "a"], "--inptu: no such option; did you mean '--input'?"),
        (["score", "--modle=a"], "--modle: no such option; did you mean '--model'?"),
        (["score"], "seqmd: expected --model, --input, --output, found none"),
        (["runn"], "found 'runn'; did you mean 'run'?"),
        (["run", "--seed", "x"], "seqmd: --seed: expected a whole number, found 'x'"),
        (["run", "--input"], "seqmd: --input: expected at least one value, found none"),
        (["run", "a", "b"], "seqmd: expected no further words, found a b"),
        (["run", "--from", "01.02.2024"], "expected YYYY-MM-DD, found '01.02.2024'"),
    ],
)
def test_words_that_are_no_command_line_end_with_1(
    words: list[str], expected: str, capsys: pytest.CaptureFixture
) -> None:
    with pytest.raises(SystemExit) as stop:
        cli.main(words)
    assert stop.value.code == 1
    assert expected in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "expected"),
    [(["--from", "2024-02-01"], "go with --input"), (["--schema", "absent.pbtxt"], "--schema")],
)
def test_options_that_do_not_fit_are_refused_before_anything_is_written(
    words: list[str], expected: str, tmp_path: Path, capsys: pytest.CaptureFixture
) -> None:
    assert cli.main(["run", "--output", str(tmp_path / "out"), *words]) == 1
    assert expected in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_a_schema_that_is_none_is_named(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    (tmp_path / "schema.pbtxt").write_text("no schema")
    words = ["run", "--schema", str(tmp_path / "schema.pbtxt"), "--output", str(tmp_path / "out")]
    assert cli.main(words) == 1
    assert "expected a schema as text" in capsys.readouterr().err


def test_a_schema_without_a_feature_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture
) -> None:
    schema = tmp_path / "schema.pbtxt"
    schema.write_text('feature { name: "price" type: BYTES }')
    words = ["run", "--schema", str(schema), "--output", str(tmp_path / "out")]
    assert cli.main(words) == 1
    error = capsys.readouterr().err
    assert "schema.pbtxt: feature '" in error
    assert "expected the type" in error
    assert not (tmp_path / "out").exists()


def test_a_message_with_names_from_data_commands_no_terminal(
    tmp_path: Path, capsys: pytest.CaptureFixture
) -> None:
    file = tmp_path / "\x1b]0;mine\x07.csv"
    file.write_text("a,a\n1,2\n")
    assert cli.main(["init", "--input", str(file), "--output", str(tmp_path / "x.yaml")]) == 1
    error = capsys.readouterr().err
    assert "\x1b" not in error
    assert r"/\x1b]0;mine\x07.csv: expected each column once" in error


@pytest.mark.parametrize("place", ["x" * 300, "a/" * 3000, "file.txt/below"])
def test_an_output_that_cannot_be_is_one_message(
    place: str, tmp_path: Path, capsys: pytest.CaptureFixture
) -> None:
    (tmp_path / "file.txt").touch()
    assert cli.main(["run", "--output", str(tmp_path / place)]) == 1
    assert capsys.readouterr().err.startswith("seqmd: --output: expected a ")


def run_python(program: str) -> subprocess.CompletedProcess:
    command = [sys.executable, "-c", program]
    return processes.run(command)


def test_help_loads_no_library() -> None:
    program = """
import contextlib, io, sys
from pipeline import cli
for command in cli.COMMANDS:
    with contextlib.suppress(SystemExit), contextlib.redirect_stdout(io.StringIO()) as shown:
        cli.main([command, "--help"])
    assert f"usage: seqmd {command}" in shown.getvalue(), command
slow = {"tensorflow", "tfx", "apache_beam", "ml_metadata", "tensorflow_model_analysis"}
sys.exit(len(slow & set(sys.modules)))
"""
    done = processes.run([sys.executable, "-c", program])
    assert done.returncode == 0, done.stderr


def test_the_overview_loads_no_command() -> None:
    program = "import sys; from pipeline import cli; cli.parser(()); print(*sys.modules)"
    done = processes.run([sys.executable, "-c", program], check=True)
    assert not [name for name in done.stdout.split() if name.startswith("pipeline.commands.")]


def test_what_the_system_refuses_is_one_message(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    def refuse(_: Path) -> NoReturn:
        raise PermissionError(errno.EACCES, "Permission denied", "/logs/report.json")

    monkeypatch.setattr("pipeline.commands.report.load_content", refuse)
    (tmp_path / "report.json").touch()
    assert cli.main(["report", str(tmp_path)]) == 1
    assert capsys.readouterr().err == ("seqmd: [Errno 13] Permission denied: '/logs/report.json'\n")


@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_nobody_has_to_read_what_a_command_prints(tmp_path: Path, unbuffered: str) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    words = ["simulate", "--lists", "30", "--output", str(tmp_path / "logs")]
    command = [sys.executable, "-m", "pipeline.cli", *words]
    environment = {**os.environ, "PYTHONUNBUFFERED": unbuffered}
    done = processes.run(command, stdout=writer, stderr=subprocess.PIPE, env=environment)
    os.close(writer)
    assert (done.returncode, done.stderr) == (0, "")
    assert (tmp_path / "logs.yaml").exists()


def test_a_run_that_sigterm_ends_leaves_a_summary(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    monkeypatch.setattr(run, "_run_nodes", lambda *_: signal.raise_signal(signal.SIGTERM))
    assert cli.main(["run", "--output", str(tmp_path)]) == 143
    told = "seqmd: ended by SIGTERM; run the same command again to go on.\n"
    assert capsys.readouterr().err.endswith(told)
    summary = json.loads((tmp_path / "summary.json").read_text())
    assert summary["status"] == "failed"
    assert summary["error"] == "ended by SIGTERM; the same command goes on"


def test_the_end_of_the_program_goes_through_no_garbage(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    frozen: list[str] = []
    monkeypatch.setattr(cli.gc, "freeze", lambda: frozen.append("all"))
    words = ["report", str(tmp_path)]
    assert cli.main(words) == 1
    assert not frozen, "a caller goes on"
    monkeypatch.setattr("sys.argv", ["seqmd", *words])
    assert cli.main() == 1
    assert frozen == ["all"]
