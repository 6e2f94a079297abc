"""A whole run asks the system for no connection beyond this machine, as strace sees it."""

import re
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from data.simulator import SimulatorConfig, write_logs
from tests import processes
from tests.e2e.running import definition

pytestmark = [pytest.mark.thorough, pytest.mark.each_lane]
FEATURES = ("country", "hour", "price", "text_match", "brand")
_TRACED = "connect,sendto,sendmsg,sendmmsg"
_ADDRESS = re.compile(r'(?:inet_addr\(|inet_pton\(AF_INET6, )"([^"]+)"')


def traced() -> list[str]:
    """The words before a command whose calls are to be written to a file."""
    return ["strace", "-f", "-qq", "--seccomp-bpf", "-e", f"trace={_TRACED}", "-o"]


def addresses(trace: str) -> Iterator[str]:
    """Addresses beyond this machine that were connected or sent to."""
    for address in _ADDRESS.findall(trace):
        if not address.startswith("127.") and address not in ("::1", "::ffff:127.0.0.1"):
            yield address


@pytest.fixture(autouse=True)
def _needs_strace(tmp_path: Path) -> None:
    can = (
        shutil.which("strace")
        and not processes.run([*traced(), str(tmp_path / "tried"), "true"]).returncode
    )
    if not can:
        pytest.skip("needs strace, and the right to trace (apt install strace)")


def test_a_connection_is_seen(tmp_path: Path) -> None:
    # An address of TEST-NET-1, which no one has.
    connect = "import socket; socket.socket(type=socket.SOCK_DGRAM).connect(('192.0.2.1', 53))"
    command = [*traced(), tmp_path / "trace", sys.executable, "-c", connect]
    processes.run(command)
    assert list(addresses((tmp_path / "trace").read_text())) == ["192.0.2.1"]


def test_a_run_connects_to_nothing_beyond_this_machine(tmp_path: Path) -> None:
    write_logs(SimulatorConfig(lists=300), tmp_path / "logs")
    content = definition(training={"epochs": 1}, evaluation={"gates": []})
    # Of every kind and scope; more of them would connect to nothing else.
    content["features"] = [one for one in content["features"] if one["name"] in FEATURES]
    content["country_features"] = ["country"]
    (tmp_path / "market.yaml").write_text(yaml.safe_dump(content))
    run = [sys.executable, "-m", "pipeline.cli", "run", "--dataset", tmp_path / "market.yaml"]
    run += ["--input", tmp_path / "logs", "--output", tmp_path / "output"]
    command = [*traced(), tmp_path / "trace", *run]
    done = processes.run(command)
    assert done.returncode == 0, done.stderr[-3000:]
    assert done.stderr == ""
    assert list(addresses((tmp_path / "trace").read_text())) == []
