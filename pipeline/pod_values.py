"""What pods can make nothing of, whatever the cluster: said when a package is written."""

import re
import shlex
from collections.abc import Mapping

from data.errors import InputError
from data.files import check_plain
from pipeline.beam_runner import split_flags
from pipeline.node_parameters import CLUSTER, GRPC

_PLACE = re.compile(r"/.*|[a-z0-9+.-]+://.+")


def check_pod_values(values: Mapping[str, str]) -> None:
    """Refuses values that would fail, or be lost with its pod, in every node.

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


def check_place(name: str, place: str) -> None:
    """Refuses a path that each pod would look for in a folder of its own.

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
