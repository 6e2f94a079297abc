"""Writes the pipeline as a package of Kubeflow Pipelines 2: PipelineSpec and pods, in YAML."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import yaml

from pipeline.kubeflow.parameters import PARAMETERS, RUN_ID
from pipeline.kubeflow.settings import KubeflowSettings, NodeSettings, Volume, task_name

# Written by hand as version 2.13 of the SDK writes it, the last whose fields backend 2.5 knows.
_SCHEMA_VERSION, _SDK_VERSION = "2.1.0", "kfp-2.13.0"
# Replaced by the backend where it is the whole value of a task's input.
_RUN_ID_PLACEHOLDER = "{{$.pipeline_job_uuid}}"
_TEXT = {"parameterType": "STRING"}


@dataclass(frozen=True)
class GraphNode:
    """A node of the pipeline.

    Attributes:
        name: TFX's id.
        upstream: ids of the nodes that come before it.
    """

    name: str
    upstream: tuple[str, ...]


@dataclass(frozen=True)
class Package:
    """What goes into a package.

    Attributes:
        name: of the pipeline, in lower case.
        description: for people.
        image: the container image of all nodes.
        nodes: in an order in which they can run.
        values: defaults of the parameters by name; those of `PARAMETERS` that are left out take
            their own, or must be given for each run.
        settings: what the containers get of the cluster.
    """

    name: str
    description: str
    image: str
    nodes: Sequence[GraphNode]
    values: Mapping[str, str]
    settings: KubeflowSettings

    def to_yaml(self) -> str:
        """The package: the pipeline, and where a node needs more of Kubernetes, its pods."""
        documents = [self._pipeline()]
        pods = {
            f"exec-{task_name(node.name)}": pod
            for node in self.nodes
            if (pod := _pod(self.settings.of(node.name)))
        }
        if pods:
            executors = {"deploymentSpec": {"executors": pods}}
            documents.append({"platforms": {"kubernetes": executors}})
        return yaml.dump_all(documents, Dumper=_Dumper, sort_keys=False, allow_unicode=True)

    def _pipeline(self) -> dict[str, Any]:
        names = [task_name(node.name) for node in self.nodes]
        inputs = {parameter.name: _TEXT for parameter in (RUN_ID, *PARAMETERS)}
        return {
            "pipelineInfo": {"name": self.name, "description": self.description},
            "schemaVersion": _SCHEMA_VERSION,
            "sdkVersion": _SDK_VERSION,
            "components": {
                f"comp-{name}": {
                    "executorLabel": f"exec-{name}",
                    "inputDefinitions": {"parameters": inputs},
                }
                for name in names
            },
            "deploymentSpec": {
                "executors": {
                    f"exec-{task_name(node.name)}": {"container": self._container(node.name)}
                    for node in self.nodes
                }
            },
            "root": {
                "dag": {"tasks": {task_name(node.name): self._task(node) for node in self.nodes}},
                "inputDefinitions": {"parameters": self._parameters()},
            },
        }

    def _parameters(self) -> dict[str, Any]:
        parameters = {}
        for parameter in PARAMETERS:
            spec: dict[str, Any] = {**_TEXT, "description": parameter.meaning}
            default = self.values.get(parameter.name, parameter.default)
            if default is not None:
                spec |= {"defaultValue": default, "isOptional": True}
            parameters[parameter.name] = spec
        return parameters

    def _container(self, node: str) -> dict[str, Any]:
        settings = self.settings.of(node)
        container: dict[str, Any] = {
            "image": self.image,
            "command": ["python", "-m", "pipeline.kubeflow.node", node],
            "args": [
                f"{parameter.option}={{{{$.inputs.parameters['{parameter.name}']}}}}"
                for parameter in (RUN_ID, *PARAMETERS)
            ],
        }
        if settings.environment:
            container["env"] = [
                {"name": name, "value": value} for name, value in settings.environment.items()
            ]
        if resources := _resources(settings):
            container["resources"] = resources
        return container

    def _task(self, node: GraphNode) -> dict[str, Any]:
        name = task_name(node.name)
        own = {
            parameter.name: {"componentInputParameter": parameter.name} for parameter in PARAMETERS
        }
        task: dict[str, Any] = {
            "taskInfo": {"name": name},
            "componentRef": {"name": f"comp-{name}"},
            # The backend's own cache would skip a pod and leave a hole in TFX's run.
            "cachingOptions": {},
            "inputs": {"parameters": {RUN_ID.name: _constant(_RUN_ID_PLACEHOLDER), **own}},
        }
        if node.upstream:
            task["dependentTasks"] = [task_name(upstream) for upstream in node.upstream]
        retries = self.settings.of(node.name).retries
        if retries:
            task["retryPolicy"] = {
                "maxRetryCount": retries,
                "backoffDuration": "30s",
                "backoffFactor": 2.0,
                "backoffMaxDuration": "3600s",
            }
        return task


def _resources(settings: NodeSettings) -> dict[str, Any]:
    amounts = {
        "resourceCpuRequest": settings.cpu,
        "resourceCpuLimit": settings.cpu_limit or settings.cpu,
        "resourceMemoryRequest": settings.memory,
        "resourceMemoryLimit": settings.memory_limit or settings.memory,
    }
    resources: dict[str, Any] = {name: amount for name, amount in amounts.items() if amount}
    if settings.accelerator:
        resources["accelerator"] = {
            "resourceType": settings.accelerator.type,
            "resourceCount": str(settings.accelerator.count),
        }
    return resources


def _pod(settings: NodeSettings) -> dict[str, Any]:
    """What Kubernetes gives a node's pod."""
    pod: dict[str, Any] = {}
    if settings.volumes:
        pod["pvcMount"] = [_mount(volume) for volume in settings.volumes]
    variables = [
        {
            **_secret(secret.name),
            "keyToEnv": [
                {"secretKey": key, "envVar": name} for key, name in secret.variables.items()
            ],
        }
        for secret in settings.secrets
        if secret.variables
    ]
    if variables:
        pod["secretAsEnv"] = variables
    files = [
        {**_secret(secret.name), "mountPath": secret.path, "optional": False}
        for secret in settings.secrets
        if secret.path
    ]
    if files:
        pod["secretAsVolume"] = files
    if settings.node_selector:
        pod["nodeSelector"] = {"labels": dict(settings.node_selector)}
    if settings.tolerations:
        pod["tolerations"] = [
            {
                "operator": "Exists" if toleration.value is None else "Equal",
                **toleration.model_dump(exclude_none=True),
            }
            for toleration in settings.tolerations
        ]
    return pod


def _mount(volume: Volume) -> dict[str, Any]:
    """Names are written twice: backends differ in the field that they read."""
    return {
        "mountPath": volume.path,
        "constant": volume.claim,
        "pvcNameParameter": _constant(volume.claim),
    }


def _secret(name: str) -> dict[str, Any]:
    return {"secretName": name, "secretNameParameter": _constant(name)}


def _constant(value: str) -> dict[str, Any]:
    return {"runtimeValue": {"constant": value}}


class _Dumper(yaml.SafeDumper):
    """Writes texts of several lines as blocks, and repeats what occurs twice."""

    def ignore_aliases(self, data: Any) -> bool:
        """No anchors: not every reader of packages follows them."""
        return True


def _represent_text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    style = "|" if "\n" in text else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _represent_text)
