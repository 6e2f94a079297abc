from pathlib import Path
from typing import Any

import pytest
import yaml

from pipeline.kubeflow.package import GraphNode, Package
from pipeline.kubeflow.parameters import PARAMETERS, RUN_ID
from pipeline.kubeflow.settings import KubeflowSettings
from pipeline.kubeflow.submit import CLIENT
from tests import processes
from tests.kfp_environment import kfp_python

NODES = (GraphNode("FirstNode", ()), GraphNode("SecondNode", ("FirstNode",)))
SETTINGS = {
    "defaults": {"retries": 0},
    "nodes": {
        "SecondNode": {
            "cpu": 2,
            "cpu_limit": 4,
            "memory": "8Gi",
            "memory_limit": "16Gi",
            "accelerator": {"type": "nvidia.com/gpu"},
            "retries": 3,
            "volumes": [{"claim": "seqmd", "path": "/mnt/seqmd"}],
            "secrets": [
                {"name": "s3", "variables": {"key": "AWS_ACCESS_KEY_ID"}, "path": "/secrets"}
            ],
            "environment": {"S3_ENDPOINT": "http://minio:9000"},
            "node_selector": {"pool": "gpu"},
            "tolerations": [
                {"key": "gpu", "effect": "NoSchedule"},
                {"key": "team", "value": "search"},
            ],
        }
    },
}
# The SDK writes these too, for backends older than those that know the run's id.
DEPRECATED = {"cpuLimit", "cpuRequest", "memoryLimit", "memoryRequest", "count", "type"}

DEFINITION = "name: shop\n# a comment, and {braces}\nlist_id: page\n"


def package(**values: str) -> Package:
    return Package(
        name="seqmd-twin",
        description="a pipeline",
        image="image:1",
        nodes=NODES,
        values=values,
        settings=KubeflowSettings.model_validate(SETTINGS),
    )


@pytest.fixture(scope="module")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[Any], list[Any]]:
    """Documents of our package, and of the one that the SDK makes of the same pipeline."""
    folder = tmp_path_factory.mktemp("package")
    ours, twin = folder / "ours.yaml", folder / "twin.yaml"
    ours.write_text(package(dataset=DEFINITION).to_yaml())
    script = Path(__file__).with_name("kfp_twin.py")
    done = processes.run([*kfp_python(), str(script), str(ours), "--twin", str(twin)])
    assert done.returncode == 0, done.stderr
    return tuple(list(yaml.safe_load_all(path.read_text())) for path in (ours, twin))


def test_the_published_schema_and_the_sdk_take_the_package(
    compiled: tuple[list[Any], list[Any]],
) -> None:
    ours, twin = compiled
    assert len(ours) == len(twin) == 2


def test_pods_and_tasks_are_as_the_sdk_writes_them(compiled: tuple[list[Any], list[Any]]) -> None:
    ours, twin = compiled
    assert without_defaults(ours[1]) == without_defaults(twin[1])
    for name in ("first-node", "second-node"):
        mine, other = (one[0]["deploymentSpec"]["executors"][f"exec-{name}"] for one in compiled)
        mine, other = mine["container"], without_deprecated(other["container"])
        assert {**mine, "command": 0, "args": 0} == {**other, "command": 0, "args": 0}
        # The options of the other parameters aside.
        assert set(other["args"]) < set(mine["args"])
        task, twin_task = (one[0]["root"]["dag"]["tasks"][name] for one in compiled)
        assert without(task, "inputs") == without(twin_task, "inputs")
        parameters = task["inputs"]["parameters"]
        assert parameters.items() > twin_task["inputs"]["parameters"].items()
    assert ours[0]["schemaVersion"] == twin[0]["schemaVersion"]
    # The oldest of the clients, as what it writes every backend takes.
    assert CLIENT[0].startswith(ours[0]["sdkVersion"].replace("-", "==") + ";")
    mine, other = (one[0]["root"]["inputDefinitions"]["parameters"] for one in compiled)
    for name in ("root", "cache"):
        assert without(mine[name], "description") == other[name]


def without(mapping: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in mapping.items() if name not in names}


def without_defaults(value: Any) -> Any:
    """Newer SDKs write of more parts that they are not optional."""
    if isinstance(value, list):
        return [without_defaults(one) for one in value]
    if not isinstance(value, dict):
        return value
    kept = {name: one for name, one in value.items() if (name, one) != ("optional", False)}
    return {name: without_defaults(one) for name, one in kept.items()}


def without_deprecated(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    return {name: without_deprecated(one) for name, one in value.items() if name not in DEPRECATED}


def test_a_definition_comes_back_as_it_was() -> None:
    (spec, _) = yaml.safe_load_all(package(dataset=DEFINITION).to_yaml())
    parameter = spec["root"]["inputDefinitions"]["parameters"]["dataset"]
    assert parameter["defaultValue"] == DEFINITION


def test_every_parameter_reaches_every_container() -> None:
    (spec, _) = yaml.safe_load_all(package().to_yaml())
    for executor in spec["deploymentSpec"]["executors"].values():
        assert executor["container"]["args"] == [
            f"{one.option}={{{{$.inputs.parameters['{one.name}']}}}}"
            for one in (RUN_ID, *PARAMETERS)
        ]


def test_what_no_default_stands_for_must_be_given() -> None:
    (spec, _) = yaml.safe_load_all(package(input="logs").to_yaml())
    parameters = spec["root"]["inputDefinitions"]["parameters"]
    required = {name for name, one in parameters.items() if "defaultValue" not in one}
    assert required == {"root", "dataset"}
    assert all(one["defaultValue"] for one in parameters.values() if "defaultValue" in one)


def test_a_pipeline_that_needs_nothing_of_kubernetes_has_one_document() -> None:
    plain = Package("seqmd-plain", "", "image:1", NODES, {}, KubeflowSettings())
    (spec,) = yaml.safe_load_all(plain.to_yaml())
    assert spec["root"]["dag"]["tasks"]["second-node"]["dependentTasks"] == ["first-node"]
