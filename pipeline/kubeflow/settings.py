"""Settings of each node's container on the cluster, from one YAML file."""

import re
from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from typing import Annotated, Any

from pydantic import Field, StringConstraints, ValidationError, model_validator

from data.definition.base import Definition
from data.errors import InputError, describe
from data.loading import parse_definition
from data.similar_names import did_you_mean

# Kubernetes writes quantities as 0.5, 500m, 32Gi.
_CPU = r"\d+(\.\d+)?m?"
_MEMORY = r"\d+(\.\d+)?([KMGTPE]i|[kMGTPE])?"
_FACTORS = {"": 1.0, "m": 1e-3, "k": 1e3} | {
    f"{prefix}{binary}": base**power
    for power, prefix in enumerate("KMGTPE", 1)
    for binary, base in (("", 1000.0), ("i", 1024.0))
}

_Name = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$")]
_Folder = Annotated[str, StringConstraints(pattern=r"^/.+")]
_Variable = Annotated[str, StringConstraints(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")]
_Text = Annotated[str, Field(coerce_numbers_to_str=True)]


class Accelerator(Definition):
    """Devices of a node.

    Attributes:
        type: the resource's name, such as `nvidia.com/gpu`.
        count: how many.
    """

    type: str
    count: int = Field(default=1, ge=1)


class Volume(Definition):
    """A persistent volume claim.

    Attributes:
        claim: its name.
        path: where it is mounted.
    """

    claim: _Name
    path: _Folder


class Secret(Definition):
    """A secret, as variables of the environment, as files, or as both.

    Attributes:
        name: its name.
        variables: variable of the environment by key of the secret.
        path: where its keys are mounted as files.
    """

    name: _Name
    variables: dict[str, _Variable] = {}
    path: _Folder | None = None

    @model_validator(mode="after")
    def _is_used(self) -> "Secret":
        if not self.variables and self.path is None:
            raise ValueError("expected `variables` or `path`, found neither")
        return self


class Toleration(Definition):
    """A taint of Kubernetes nodes, such as those with accelerators, that a node puts up with.

    Attributes:
        key: of the taint.
        value: of the taint; None takes any.
        effect: `NoSchedule`, `PreferNoSchedule` or `NoExecute`; None takes any.
    """

    key: str
    value: str | None = None
    effect: str | None = Field(default=None, pattern="^(NoSchedule|PreferNoSchedule|NoExecute)$")


class NodeSettings(Definition):
    """What a node's container gets.

    Attributes:
        cpu: cores that are requested, and its limit unless `cpu_limit` is given.
        cpu_limit: cores at most.
        memory: memory that is requested, and its limit unless `memory_limit` is given.
        memory_limit: memory at most.
        accelerator: devices.
        retries: how often a failed container is started again.
        volumes: claims that are mounted.
        secrets: secrets that are given.
        environment: variables of the environment.
        node_selector: labels of the Kubernetes nodes that it may run on.
        tolerations: taints that it puts up with.
    """

    cpu: Annotated[_Text, Field(pattern=f"^{_CPU}$")] | None = None
    cpu_limit: Annotated[_Text, Field(pattern=f"^{_CPU}$")] | None = None
    memory: Annotated[_Text, Field(pattern=f"^{_MEMORY}$")] | None = None
    memory_limit: Annotated[_Text, Field(pattern=f"^{_MEMORY}$")] | None = None
    accelerator: Accelerator | None = None
    retries: int = Field(default=2, ge=0)
    volumes: tuple[Volume, ...] = ()
    secrets: tuple[Secret, ...] = ()
    environment: dict[_Variable, _Text] = {}
    node_selector: dict[str, _Text] = {}
    tolerations: tuple[Toleration, ...] = ()


class KubeflowSettings(Definition):
    """The settings of all nodes.

    Attributes:
        defaults: of every node.
        nodes: by a node's id; what is given here stands in place of the default.
    """

    defaults: NodeSettings = NodeSettings()
    nodes: dict[str, NodeSettings] = {}

    def of(self, node: str) -> NodeSettings:
        """The settings of a node."""
        own = self.nodes.get(node, NodeSettings())
        given = {name: getattr(own, name) for name in own.model_fields_set}
        return self.defaults.model_copy(update=given)

    def without_volume(self, path: str, nodes: Sequence[str]) -> list[str]:
        """Nodes on which a path lies on no volume, so that it goes with their pods.

        Args:
            path: a folder; a URI needs no volume.
            nodes: ids of the nodes.

        Returns:
            Ids of the nodes.
        """
        if "://" in path:
            return []
        volumes = ((node, self.of(node).volumes) for node in nodes)
        return [
            node
            for node, mounted in volumes
            if not any(PurePosixPath(path).is_relative_to(volume.path) for volume in mounted)
        ]


def load_settings(path: str | None, known: Sequence[str]) -> KubeflowSettings:
    """Reads the settings.

    Args:
        path: a YAML file; None for the defaults.
        known: ids of the pipeline's nodes.

    Returns:
        The validated settings.

    Raises:
        InputError: if there is no such file, a field is wrong, or a node is unknown.
    """
    if path is None:
        return KubeflowSettings()
    if not Path(path).is_file():
        raise InputError(f"--settings: expected a YAML file, found none at {path}")
    content: dict[str, Any] = parse_definition(Path(path).read_bytes(), path)
    try:
        settings = KubeflowSettings.model_validate(content)
    except ValidationError as error:
        raise InputError(describe(error, path, KubeflowSettings)) from None
    for node in settings.nodes:
        if node not in known:
            raise InputError(
                f"{path}: nodes: expected nodes among {', '.join(known)}, "
                f"found {node!r}{did_you_mean(node, known)}"
            )
    for node in known:
        _check_limits(settings.of(node), f"{path}: {node}")
    return settings


def _check_limits(settings: NodeSettings, place: str) -> None:
    """A node may have its request from one section and its limit from the other."""
    for resource in ("cpu", "memory"):
        request, limit = getattr(settings, resource), getattr(settings, f"{resource}_limit")
        if request and limit and _amount(limit) < _amount(request):
            raise InputError(
                f"{place}: {resource}_limit: expected at least {resource}, {request}; found {limit}"
            )


def _amount(quantity: str) -> float:
    unit = quantity.lstrip("0123456789.")
    return float(quantity.removesuffix(unit)) * _FACTORS[unit]


def task_name(node: str) -> str:
    """The name of a node's task in Kubeflow Pipelines: `ListExampleGen` is `list-example-gen`."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", node).lower()
