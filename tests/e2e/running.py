"""Runs the command line as a user does, in forks of one warm process."""

import json
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from data.simulator import SimulatorConfig, simulated_dataset, write_logs
from tests import warm

SEQMD = "pipeline.cli:main"
SIMULATED = SimulatorConfig(lists=1500)
# The marketplace's third one is added to the model of these.
TASKS = ("click", "purchase")
# Half of its features, of every kind and scope: each takes its seconds in every node.
FEATURES = (
    "country",
    "language",
    "platform",
    "hour",
    "past_purchases",
    "price",
    "text_match",
    "photo_quality",
    "age_days",
    "listing_country",
    "brand",
    "style",
)
EPOCHS = 4
NODES = (
    "ListExampleGen",
    "StatisticsGen",
    "RegionStatistics",
    "SchemaGen",
    "ExampleValidator",
    "RegionSplit",
    "Transform",
    "Trainer",
    "Evaluator",
    "Pusher",
    "Diagnostics",
)


@dataclass(frozen=True)
class Run:
    """A finished `seqmd run`, or one of the other commands that run the pipeline."""

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

    def ndcg(self, target: str, ranking: str = "score") -> float:
        targets = self.summary["metrics"]["slices"][0]["targets"]
        return targets[target]["rankings"][ranking]["ndcg@10"]["value"]


def seqmd(*words: str | Path, folder: Path | None = None) -> subprocess.CompletedProcess:
    return warm.run(SEQMD, *words, folder=folder)


def run_pipeline(definition: str | Path, inputs: Sequence[Path], output: Path, *more: str) -> Run:
    words = ["run", "--dataset", definition, "--output", output, "--input", *inputs, *more]
    done = seqmd(*words)
    return Run(done.returncode, done.stdout, done.stderr, output)


@dataclass(frozen=True)
class Marketplace:
    """Simulated logs, a definition that trains briefly, and what a first run of them left.

    Attributes:
        folder: of all of it.
    """

    folder: Path

    @property
    def logs(self) -> Path:
        return self.folder / "logs"

    @property
    def definition(self) -> Path:
        return self.folder / "market.yaml"

    @property
    def output(self) -> Path:
        """The output folder of the first run, in which the story goes on."""
        return self.folder / "output"

    def first_run(self) -> Run:
        """The first run, with a copy of what it left."""
        words = json.loads((self.folder / "first.json").read_text())
        return Run(**words, output=self.folder / "first")

    def make(self) -> None:
        """Simulates the logs, and runs."""
        write_logs(SIMULATED, self.logs)
        self.definition.write_text(yaml.safe_dump(definition()))
        run = run_pipeline(self.definition, [self.logs], self.output)
        shutil.copytree(self.output, self.folder / "first")
        words = {"code": run.code, "screen": run.screen, "errors": run.errors}
        (self.folder / "first.json").write_text(json.dumps(words))


def definition(**changes: Mapping[str, Any]) -> dict[str, Any]:
    """The marketplace's definition, with changes to its sections."""
    content = simulated_dataset(SIMULATED)
    for name, kept in (("tasks", TASKS), ("features", FEATURES)):
        content[name] = [one for one in content[name] if one["name"] in kept]
    sections: dict[str, dict[str, Any]] = {
        "training": {"epochs": EPOCHS, "lists_per_batch": 64, "learning_rate": 0.006},
        "evaluation": {"smallest_slice": 20},
    }
    for name, change in changes.items():
        sections[name] = {**sections.get(name, {}), **change}
    return {**content, **sections}
