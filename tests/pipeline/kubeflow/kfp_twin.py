"""Runs in the environment of Kubeflow Pipelines' SDK: checks a package strictly.

`python kfp_twin.py PACKAGE` loads every document with the published schema, refusing unknown
fields, and loads the whole with the SDK. With `--twin FILE` it also has the SDK compile the
pipeline that tests/pipeline/kubeflow/test_package.py describes.
"""

import argparse
from pathlib import Path

import yaml
from google.protobuf import json_format
from kfp import compiler, components, dsl, kubernetes
from kfp.kubernetes import kubernetes_executor_config_pb2
from kfp.pipeline_spec import pipeline_spec_pb2


def check(package: Path) -> None:
    documents = list(yaml.safe_load_all(package.read_text()))
    json_format.ParseDict(documents[0], pipeline_spec_pb2.PipelineSpec())
    deployment = pipeline_spec_pb2.PipelineDeploymentConfig()
    json_format.ParseDict(documents[0]["deploymentSpec"], deployment)
    for more in documents[1:]:
        json_format.ParseDict(more, pipeline_spec_pb2.PlatformSpec())
        for pod in more["platforms"]["kubernetes"]["deploymentSpec"]["executors"].values():
            json_format.ParseDict(pod, kubernetes_executor_config_pb2.KubernetesExecutorConfig())
    components.load_component_from_file(str(package))


@dsl.container_component
def first_node(run_id: str, root: str) -> dsl.ContainerSpec:
    return dsl.ContainerSpec(
        image="image:1", command=["python"], args=[f"--run-id={run_id}", f"--root={root}"]
    )


@dsl.container_component
def second_node(run_id: str, root: str) -> dsl.ContainerSpec:
    return dsl.ContainerSpec(
        image="image:1", command=["python"], args=[f"--run-id={run_id}", f"--root={root}"]
    )


@dsl.pipeline(name="seqmd-twin")
def twin(root: str, cache: str = "true") -> None:
    first = first_node(run_id=dsl.PIPELINE_JOB_ID_PLACEHOLDER, root=root)
    first.set_caching_options(False)
    second = second_node(run_id=dsl.PIPELINE_JOB_ID_PLACEHOLDER, root=root).after(first)
    second.set_caching_options(False)
    second.set_cpu_request("2").set_cpu_limit("4")
    second.set_memory_request("8Gi").set_memory_limit("16Gi")
    second.set_accelerator_type("nvidia.com/gpu").set_accelerator_limit(1)
    second.set_retry(3, backoff_duration="30s", backoff_factor=2, backoff_max_duration="3600s")
    second.set_env_variable("S3_ENDPOINT", "http://minio:9000")
    kubernetes.mount_pvc(second, pvc_name="seqmd", mount_path="/mnt/seqmd")
    kubernetes.use_secret_as_env(
        second, secret_name="s3", secret_key_to_env={"key": "AWS_ACCESS_KEY_ID"}
    )
    kubernetes.use_secret_as_volume(second, secret_name="s3", mount_path="/secrets")
    kubernetes.add_node_selector(second, "pool", "gpu")
    kubernetes.add_toleration(second, key="gpu", operator="Exists", effect="NoSchedule")
    kubernetes.add_toleration(second, key="team", operator="Equal", value="search")


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("package", type=Path)
    parser.add_argument("--twin")
    options = parser.parse_args()
    check(options.package)
    if options.twin:
        compiler.Compiler().compile(twin, options.twin)
