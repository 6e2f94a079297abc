"""Which lane `make` takes, on machines that are told by their programs on the PATH."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests import processes

ROOT = Path(__file__).parent.parent


def chosen(
    folder: Path, glibc: str, pythons: list[str], home: bool = True, **environment: str
) -> subprocess.CompletedProcess:
    """Runs lane.sh where `getconf` and these Pythons are first on the PATH."""
    folder.mkdir()
    programs = {"getconf": f"echo glibc {glibc}" if glibc else "exit 1"}
    absent = {f"python{version}": "exit 127" for version in ("3", "3.10", "3.11", "3.12", "3.13")}
    programs |= absent
    # Asked for its version it prints it, asked for venv it is content, unless it has none.
    for found in pythons:
        version, _, without = found.partition(" ")
        venv = "exit 1" if without else "exit 0"
        said = f'case "$2" in *version*) echo {version};; *) {venv};; esac'
        programs |= dict.fromkeys((f"python{version}", "python3"), said)
    for name, does in programs.items():
        (folder / name).write_text(f"#!/bin/sh\n{does}\n")
        (folder / name).chmod(0o755)
    return processes.run(
        ["sh", str(ROOT / "lane.sh")],
        env={
            "PATH": f"{folder}:/usr/bin:/bin",
            **({"HOME": str(folder)} if home else {}),
            **environment,
        },
    )


@pytest.mark.parametrize(
    ("glibc", "pythons", "expected"),
    [
        ("2.41", ["3.10", "3.13"], "current python3.13 glibc is 2.41"),
        ("2.39", ["3.11"], "current python3.11 glibc is 2.39"),
        ("2.41", ["3.10"], "legacy python3.10 there is a Python 3.10 and none of 3.11 to 3.13"),
        ("2.36", ["3.10", "3.13"], "legacy python3.10 current needs glibc 2.39, found 2.36"),
        ("2.4", ["3.10", "3.13"], "legacy python3.10 current needs glibc 2.39, found 2.4"),
        ("", ["3.10", "3.13"], "legacy python3.10 current needs glibc 2.39, found none"),
        ("2.41", ["3.13 without venv", "3.12"], "current python3.12 glibc is 2.41"),
    ],
)
def test_current_where_the_machine_can(
    tmp_path: Path, glibc: str, pythons: list[str], expected: str
) -> None:
    found = chosen(tmp_path / "bin", glibc, pythons)
    assert (found.stdout.strip(), found.stderr) == (expected, "")


def test_the_choice_can_be_overridden(tmp_path: Path) -> None:
    pythons = ["3.10", "3.13"]
    found = chosen(tmp_path / "lane", "2.41", pythons, LANE="legacy")
    assert found.stdout.strip() == "legacy python3.10 as LANE says"
    found = chosen(tmp_path / "python", "2.41", pythons, PYTHON="python3.10")
    assert found.stdout.strip() == "legacy python3.10 as PYTHON says"


@pytest.mark.parametrize(
    ("glibc", "pythons", "environment", "message"),
    [
        ("2.36", ["3.13"], {}, "needs Python 3.10 here (lane legacy, current needs glibc 2.39"),
        ("2.41", [], {}, "needs Python 3.11, 3.12 or 3.13 here (lane current, glibc is 2.41)"),
        ("2.41", ["3.13"], {"LANE": "legacy"}, "needs Python 3.10 here"),
        ("2.41", ["3.13"], {"LANE": "new"}, "LANE: expected current or legacy, found new"),
        ("2.41", ["3.13"], {"PYTHON": "python3.10"}, "expected a Python that runs here, found pyt"),
        (
            "2.41",
            ["3.13 without venv"],
            {},
            "install python3.13-venv); found none in python3.13",
        ),
    ],
)
def test_what_is_missing_is_one_message(
    tmp_path: Path, glibc: str, pythons: list[str], environment: dict[str, str], message: str
) -> None:
    found = chosen(tmp_path / "bin", glibc, pythons, **environment)
    assert (found.returncode, found.stdout) == (1, "")
    assert message in found.stderr
    assert len(found.stderr.splitlines()) == 1


def test_a_machine_without_a_home_folder_is_told_apart_as_well(tmp_path: Path) -> None:
    found = chosen(tmp_path / "bin", "2.41", ["3.13"], home=False)
    assert (found.stdout.strip(), found.stderr) == ("current python3.13 glibc is 2.41", "")


def test_behind_an_active_environment_is_the_python_that_made_it(tmp_path: Path) -> None:
    python = os.path.realpath(sys.executable)
    environment = tmp_path / ".venv"
    processes.run([python, "-m", "venv", "--without-pip", str(environment)], check=True)
    found = chosen(tmp_path / "bin", "2.41", [], PYTHON=str(environment / "bin" / "python"))
    assert found.stdout.split()[1] == python


def test_the_other_lane_is_tried_with_what_the_readme_asks_for() -> None:
    (asked,) = re.findall(r"`apt install ([^`]+)`", (ROOT / "README.md").read_text())
    script = (ROOT / ".ci" / "other_lane").read_text()
    (installed,) = re.findall(r"^packages=(\S+)$", script, re.MULTILINE)
    # What a machine on the network has, and what sees where a run connects to.
    assert set(installed.split(",")) == {*asked.split(), "ca-certificates", "strace"}


def test_both_locks_have_what_setup_asks_for() -> None:
    setup = (ROOT / "setup.py").read_text()
    for name, lock in (("LEGACY", "requirements.lock"), ("CURRENT", "requirements-current.lock")):
        listed = setup.split(f"{name} = [")[1].split("]")[0]
        wanted = [line.strip(' ",') for line in listed.splitlines() if "==" in line]
        assert len(wanted) >= 5
        locked = (ROOT / lock).read_text().splitlines()
        for requirement in wanted:
            assert any(line.split(" ;")[0] == requirement for line in locked), requirement


def test_ci_begins_nothing_that_it_cannot_end() -> None:
    script = (ROOT / ".ci" / "run").read_text()
    (within,) = re.findall(r"^within\(\) \{.*?^\}", script, re.MULTILINE | re.DOTALL)
    for second, expected in ((55 * 60 - 5, "lint"), (55 * 60, "NOT TRIED: echo lint (55 minutes")):
        done = processes.run(["bash", "-c", f"{within}\nSECONDS={second}; within 55 echo lint"])
        assert done.returncode == 0
        assert done.stdout.startswith(expected)


def test_the_machines_devices_are_mounted_for_the_other_lane_alone() -> None:
    # A /dev that stayed in a temporary folder was deleted with it.
    script = (ROOT / ".ci" / "other_lane").read_text()
    assert script.index("exec unshare --mount --propagation private") < script.index("mount -t")
