"""The parameters of a run whose nodes run in containers: what a person can set, run by run."""

import re
from dataclasses import dataclass

# Stands for "not given". The forms of Kubeflow Pipelines take no empty default for a value.
NONE = "none"
# The metadata service of the Kubernetes cluster that the process runs in, and any other one.
CLUSTER = "cluster"
GRPC = re.compile(r"grpc://(?P<host>[^:/]+|\[[0-9a-fA-F:]+\]):(?P<port>\d+)/?")


@dataclass(frozen=True)
class Parameter:
    """A parameter of a run, which each node takes as an option.

    Attributes:
        name: in Kubeflow Pipelines; the option is `--name`, with hyphens.
        meaning: for people.
        default: its value where none is given; None where one must be given.
    """

    name: str
    meaning: str
    default: str | None = NONE

    @property
    def option(self) -> str:
        """The option of `python -m pipeline.run_node`."""
        return f"--{self.name.replace('_', '-')}"


RUN_ID = Parameter("run_id", "tells the run from others; a try again keeps it", None)

PARAMETERS = (
    Parameter("root", "output folder that all nodes reach: a path, gs://... or s3://...", None),
    Parameter("dataset", "a name of the catalog, path or URI of a YAML file, or its text", None),
    Parameter("input", "paths, patterns or folders of the logs, separated by spaces", None),
    Parameter("eval_input", "logs kept for evaluation, likewise"),
    Parameter("serving_logs", "logs of what was served; for a package that was written with some"),
    Parameter("from_date", "first partition, YYYY-MM-DD"),
    Parameter("to_date", "last partition, YYYY-MM-DD"),
    Parameter("schema", "a schema (pbtxt) instead of an inferred one"),
    Parameter("warm_start", "folder of a pushed model whose weights training starts from"),
    Parameter("seed", "seed of the training instead of the definition's"),
    Parameter("beam_pipeline_args", "flags of the Beam runner; none runs Beam in the pod"),
    Parameter(
        "metadata",
        "ML Metadata: cluster for that of the cluster, grpc://HOST:PORT, or a SQLite file's path",
        CLUSTER,
    ),
    Parameter("cache", "true, or false to run nodes that have not changed as well", "true"),
)
