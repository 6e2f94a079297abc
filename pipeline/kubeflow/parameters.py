"""Parameters of a Kubeflow run, which every node takes as options, and checks of their values."""

import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass

from data.errors import InputError
from data.files import check_plain
from pipeline.beam_runner import split_flags

# Stands for "not given". The forms of Kubeflow Pipelines take no empty default for a value.
NONE = "none"
# The metadata service of the Kubernetes cluster that the process runs in, and any other one.
CLUSTER = "cluster"
GRPC = re.compile(r"grpc://(?P<host>[^:/]+|\[[0-9a-fA-F:]+\]):(?P<port>\d+)/?")

# An absolute path or a URI.
_PLACE = re.compile(r"/.*|[a-z0-9+.-]+://.+")


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
        """The option of `python -m pipeline.kubeflow.node`."""
        return f"--{self.name.replace('_', '-')}"


RUN_ID = Parameter("run_id", "id of the run; a retry keeps it", None)

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


def check_pod_values(values: Mapping[str, str]) -> None:
    """Refuses values that would fail in every pod, or be lost with it.

    Args:
        values: of `PARAMETERS` by name, as far as they are given.

    Raises:
        InputError: a value is not as expected.
    """
    for name in ("root", "schema", "warm_start"):
        if name in values:
            check_place(name, values[name])
    check_plain(values.get("root", ""), "root")
    for name in ("input", "eval_input", "serving_logs"):
        for place in shlex.split(values.get(name, "")):
            check_place(name, place)
    if "://" in values.get("warm_start", ""):
        found = values["warm_start"]
        raise InputError(f"warm_start: expected a folder on a mounted volume, found {found}")
    split_flags(values.get("beam_pipeline_args", ""), "beam_pipeline_args")
    metadata = values.get("metadata", CLUSTER)
    if metadata != CLUSTER and not GRPC.fullmatch(metadata) and not metadata.startswith("/"):
        raise InputError(
            f"metadata: expected {CLUSTER}, grpc://HOST:PORT or the absolute path of a SQLite "
            f"file, found {metadata!r}"
        )


def check_listings(listings: object) -> None:
    """Refuses relative paths in the section `listings` of a definition.

    Args:
        listings: the section as it is written, valid; None where there is none.

    Raises:
        InputError: a path is relative, or the model is no folder of a mounted volume.
    """
    if not isinstance(listings, dict):
        return
    for name in ("files", "taxonomy", "model"):
        found = listings.get(name)
        for place in found if isinstance(found, list) else [found]:
            if place is not None:
                check_place(f"listings.{name}", place)
    model = listings.get("model") or ""
    if "://" in model:
        raise InputError(f"listings.model: expected a folder on a mounted volume, found {model}")


def check_place(name: str, place: str) -> None:
    """Refuses a relative path, which each pod would look for in its own folder.

    Args:
        name: of the parameter.
        place: path or URI.

    Raises:
        InputError: it is neither an absolute path nor a URI.
    """
    if not _PLACE.fullmatch(place):
        raise InputError(
            f"{name}: expected an absolute path or a URI, which means the same to all nodes; "
            f"found {place!r}"
        )
