"""Runs the containers of a package of Kubeflow Pipelines as processes on this machine."""

import re
from collections.abc import Callable, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml

from tests import warm

PLACEHOLDER = re.compile(r"\{\{\$\.inputs\.parameters\['(\w+)'\]\}\}")
RUN_NODE = "pipeline.kubeflow.node:main"
RUN_ID = "{{$.pipeline_job_uuid}}"


@dataclass(frozen=True)
class Pod:
    """A container that has ended."""

    task: str
    code: int
    screen: str
    log: str


@dataclass
class Kubeflow:
    """Does with a package what the backend does: placeholders, order, one process a task."""

    package: Path
    environment: Mapping[str, str]

    @cached_property
    def spec(self) -> dict[str, Any]:
        return next(yaml.safe_load_all(self.package.read_text()))

    @property
    def tasks(self) -> dict[str, dict[str, Any]]:
        return self.spec["root"]["dag"]["tasks"]

    def command(self, task: str, run_id: str, values: Mapping[str, str]) -> list[str]:
        """The words of the task's container, with every placeholder filled in."""
        spec = self.spec
        defaults = {
            name: parameter.get("defaultValue")
            for name, parameter in spec["root"]["inputDefinitions"]["parameters"].items()
        }
        component = spec["components"][self.tasks[task]["componentRef"]["name"]]
        container = spec["deploymentSpec"]["executors"][component["executorLabel"]]["container"]
        inputs = {}
        for name, source in self.tasks[task]["inputs"]["parameters"].items():
            if "componentInputParameter" in source:
                parameter = source["componentInputParameter"]
                inputs[name] = {**defaults, **values}[parameter]
            else:
                constant = source["runtimeValue"]["constant"]
                inputs[name] = run_id if constant == RUN_ID else constant
        assert set(inputs) == set(component["inputDefinitions"]["parameters"])
        words = [*container["command"], *container["args"]]
        filled = [PLACEHOLDER.sub(lambda found: inputs[found[1]], word) for word in words]
        assert not any(PLACEHOLDER.search(word) or RUN_ID in word for word in filled)
        return filled

    def run_task(
        self, task: str, run_id: str, values: Mapping[str, str], function: str = RUN_NODE
    ) -> Pod:
        """Runs a task's container, or has another function do so."""
        python, option, module, *words = self.command(task, run_id, values)
        assert [python, option, f"{module}:main"] == ["python", "-m", RUN_NODE]
        done = warm.run(function, *words, environment=self.environment)
        return Pod(task, done.returncode, done.stdout, done.stderr)

    def run(
        self,
        run_id: str,
        values: Mapping[str, str],
        disturb: Mapping[str, Callable[[], None]] | None = None,
    ) -> dict[str, Pod]:
        """Runs every task as soon as those that it depends on are done, two at a time.

        A task in `disturb` has its function called first.
        """
        done: dict[str, Pod] = {}
        with ThreadPoolExecutor(2) as pool:
            running: dict[str, Future[Pod]] = {}
            while len(done) < len(self.tasks):
                for task, spec in self.tasks.items():
                    ready = all(name in done for name in spec.get("dependentTasks", ()))
                    if ready and task not in running:
                        if disturb and task in disturb:
                            disturb[task]()
                        running[task] = pool.submit(self.run_task, task, run_id, values)
                waiting = [running[task] for task in running if task not in done]
                assert waiting, "a cycle: no task can run"
                for future in wait(waiting, return_when=FIRST_COMPLETED).done:
                    pod = done[future.result().task] = future.result()
                    assert pod.code == 0, pod.screen + pod.log
        return done
