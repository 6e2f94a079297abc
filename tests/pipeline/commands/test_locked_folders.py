"""Every command that writes names the option behind a folder that it may not write."""

import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from data.errors import InputError
from data.simulator import SimulatorConfig, simulated_dataset
from pipeline import cli
from pipeline.failures import writing
from pipeline.output_lock import locked_output


def _pushed(folder: Path) -> str:
    for version in ("1", "2"):
        extra = folder / version / "assets.extra"
        extra.mkdir(parents=True)
        (extra.parent / "saved_model.pb").touch()
        (extra / "weights.json").touch()
        definitions = {
            "dataset": simulated_dataset(SimulatorConfig(tasks=2)),
            "model": {"ranker": "seq_md"},
            "training": {},
        }
        for name, definition in definitions.items():
            (extra / f"{name}.yaml").write_text(yaml.safe_dump(definition))
    return str(folder)


def _logs(folder: Path) -> str:
    file = folder / "logs.csv"
    file.write_text(
        "search,price,click\n" + "".join(f"{n // 4},{n % 7}.5,{n % 3 % 2}\n" for n in range(80))
    )
    return str(file)


def _simulated(folder: Path) -> str:
    words = ["simulate", "--lists", "30", "--output", str(folder / "simulated")]
    assert cli.main(words) == 0
    return str(folder / "simulated")


COMMANDS: dict[str, Callable[[Path, Path], list[str]]] = {
    "run": lambda _, locked: ["--output", f"{locked}/out"],
    "tune": lambda _, locked: ["--output", f"{locked}/out"],
    "simulate": lambda _, locked: ["--lists", "30", "--output", f"{locked}/logs"],
    "init": lambda free, locked: ["--input", _logs(free), "--output", f"{locked}/shop.yaml"],
    "score": lambda free, locked: [
        *("--model", _pushed(free / "model"), "--input", _logs(free)),
        *("--output", f"{locked}/scored.csv"),
    ],
    "add-task": lambda free, locked: [
        *("--model", _pushed(free / "model"), "--input", _simulated(free)),
        *("--task", "purchase", "--grade", "3", "--output", f"{locked}/out"),
    ],
    "kubeflow": lambda _, locked: [
        *("--dataset", "simulated", "--image", "seqmd", "--output", f"{locked}/pipeline.yaml")
    ],
}


@pytest.mark.parametrize("command", COMMANDS)
def test_the_option_is_named(
    command: str, tmp_path: Path, locked: Path, capsys: pytest.CaptureFixture
) -> None:
    words = COMMANDS[command](tmp_path, locked)
    capsys.readouterr()
    locked.chmod(0o500)
    assert cli.main([command, *words]) == 1
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.startswith(f"seqmd: --output: expected a place to write to, found {locked}/")
    assert shown.err.endswith("\n")
    assert shown.err.count("\n") == 1
    assert not list(locked.iterdir())


def test_a_rollback_names_the_model(locked: Path, capsys: pytest.CaptureFixture) -> None:
    model = _pushed(locked)
    locked.chmod(0o500)
    assert cli.main(["rollback", "--model", model]) == 1
    assert capsys.readouterr().err.startswith(
        f"seqmd: --model: expected a place to write to, found {locked}: "
    )
    assert sorted(path.name for path in locked.iterdir()) == ["1", "2"]


def test_an_output_folder_of_others_is_named(locked: Path) -> None:
    locked.chmod(0o500)
    with (
        pytest.raises(
            InputError, match=f"--output: expected a place to write to, found {locked}: "
        ),
        locked_output(locked, locked / "metadata.sqlite"),
    ):
        pass


def test_metadata_that_may_only_be_read_are_named(tmp_path: Path, locked: Path) -> None:
    metadata = tmp_path / "metadata.sqlite"
    with sqlite3.connect(metadata) as connection:
        connection.execute("CREATE TABLE held (value)")
    metadata.chmod(0o400)
    with (
        pytest.raises(
            InputError, match=r"--output: .* found .*metadata\.sqlite: Permission denied"
        ),
        locked_output(tmp_path, metadata),
    ):
        pass


def test_a_full_disk_is_no_fault_of_an_option() -> None:
    with pytest.raises(OSError, match="No space left"), writing("--output", "/dev/full"):
        Path("/dev/full").write_text("anything")


def test_any_other_error_passes() -> None:
    with pytest.raises(ZeroDivisionError), writing("--output", "out"):
        _ = 1 / 0
