"""When `make` installs anew, with programs that stand in for Python and uv."""

import shutil
from pathlib import Path

import pytest

from tests import processes

ROOT = Path(__file__).parent.parent
# Asked for a venv it makes one with a uv that fails where a file says so.
PYTHON = """#!/bin/sh
case "$*" in
  --version) echo Python {version}.5 ;;
  *"-m venv --clear"*)
    rm -rf .venv && mkdir -p .venv/bin
    printf '#!/bin/sh\\ntest ! -e fails' > .venv/bin/uv
    printf '#!/bin/sh\\n' | tee .venv/bin/python > .venv/bin/python{version}
    chmod +x .venv/bin/*
    ;;
  *version_info*) echo {version} ;;
esac
"""


class Machine:
    """A fresh clone on a Debian 13 with three Pythons."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        programs = {f"python{version}": version for version in ("3.10", "3.12", "3.13")}
        (folder / "programs").mkdir()
        for name, version in programs.items():
            self._write(name, PYTHON.format(version=version))
        self._write("getconf", "#!/bin/sh\necho glibc 2.41")
        for name in ("Makefile", "lane.sh", "setup.py"):
            shutil.copy(ROOT / name, folder)
        for name in ("requirements.lock", "requirements-current.lock"):
            (folder / name).touch()

    def make(self, **environment: str) -> list[str]:
        """What `make install` says."""
        path = f"{self.folder}/programs:/usr/bin:/bin"
        done = processes.run(
            ["make", "install"],
            cwd=self.folder,
            env={"PATH": path, "HOME": str(self.folder), **environment},
        )
        assert (done.returncode == 0) == (not (self.folder / "fails").exists()), done.stderr
        return done.stdout.splitlines()

    def _write(self, name: str, text: str) -> None:
        (self.folder / "programs" / name).write_text(text)
        (self.folder / "programs" / name).chmod(0o755)


CURRENT = "Lane current, Python 3.13.5: glibc is 2.41"
LEGACY = "Lane legacy, Python 3.10.5: as LANE says"
INSTALLING = "Installing the locked packages into .venv, which takes a minute or two ..."


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def test_a_lane_is_installed_once_and_anew_after_the_other(machine: Machine) -> None:
    assert machine.make() == [CURRENT, INSTALLING]
    assert machine.make() == [CURRENT]
    assert machine.make(LANE="legacy") == [LEGACY, INSTALLING]
    assert machine.make(LANE="legacy") == [LEGACY]
    assert machine.make() == [CURRENT, INSTALLING]


def test_another_python_of_the_lane_is_installed_anew(machine: Machine) -> None:
    machine.make()
    other = "Lane current, Python 3.12.5: as PYTHON says"
    assert machine.make(PYTHON="python3.12") == [other, INSTALLING]
    assert machine.make(PYTHON="python3.12") == [other]


def test_a_python_that_is_gone_is_installed_anew(machine: Machine) -> None:
    machine.make()
    (machine.folder / ".venv/bin/python3.13").unlink()
    (machine.folder / ".venv/bin/python3.13").symlink_to("nowhere")
    assert machine.make() == [CURRENT, INSTALLING]


def test_an_installation_that_was_interrupted_starts_again(machine: Machine) -> None:
    (machine.folder / "fails").touch()
    machine.make()
    (machine.folder / "fails").unlink()
    assert machine.make() == [CURRENT, INSTALLING]
    assert machine.make() == [CURRENT]
