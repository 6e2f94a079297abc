"""Runs the command line as a user does."""

import json
import re
import signal
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from data.simulator import SimulatorConfig, simulated_dataset


@dataclass(frozen=True)
class Run:
    """A finished `seqmd run`."""

    code: int
    screen: str
    errors: str
    output: Path

    @property
    def summary(self) -> dict[str, Any]:
        return json.loads((self.output / "summary.json").read_text())

    @property
    def versions(self) -> list[str]:
        return sorted(path.name for path in (self.output / "serving_model").glob("*"))

    def executed(self) -> list[str]:
        nodes = self.summary["components"].items()
        return [node for node, state in nodes if not state["cached"] and node != "Baseline"]


def seqmd(*words: str | Path, cwd: Path | None = None) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, "-m", "pipeline.cli", *map(str, words)],
        capture_output=True,
        text=True,
        cwd=cwd,
        timeout=900,
        check=False,
    )


def kill_after(pattern: str, *words: str | Path) -> None:
    """Starts a command and ends it by SIGKILL as soon as a line of its screen has the pattern."""
    command = [sys.executable, "-m", "pipeline.cli", *map(str, words)]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        assert process.stdout
        for line in process.stdout:
            if re.search(pattern, line):
                process.send_signal(signal.SIGKILL)
                break
    assert process.returncode == -signal.SIGKILL


def run_pipeline(definition: str | Path, inputs: Sequence[Path], output: Path, *more: str) -> Run:
    words = ["run", "--dataset", definition, "--output", output, "--input", *inputs, *more]
    done = seqmd(*words)
    return Run(done.returncode, done.stdout, done.stderr, output)


@dataclass(frozen=True)
class Marketplace:
    """Simulated logs and a definition that trains briefly."""

    definition: Path
    logs: Path
    output: Path

    def write_definition(self, **training: Any) -> None:
        config = SimulatorConfig(lists=1500)
        training = {"epochs": 4, "lists_per_batch": 64, "learning_rate": 0.003, **training}
        content = {**simulated_dataset(config), "training": training}
        self.definition.write_text(yaml.safe_dump(content))
