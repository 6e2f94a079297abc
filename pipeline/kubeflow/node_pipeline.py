"""Builds the pipeline for a node in a container from the values of its parameters."""

import datetime
import hashlib
from collections.abc import Mapping
from pathlib import Path

from tfx.orchestration.pipeline import Pipeline

from components.attribute_fill.component import AttributeFill
from components.list_example_gen.component import ListExampleGen
from components.serving_statistics.component import ServingStatistics
from data.artifacts.model_folder import newest_version
from data.errors import InputError
from data.files import check_plain
from data.loading import load_definition, parse_definition
from data.sources.storage import open_file
from pipeline.beam_runner import beam_arguments, split_flags
from pipeline.config import RunConfig, config_from
from pipeline.kubeflow.parameters import NONE, PARAMETERS, check_listings, check_place
from pipeline.locations import Folders, Inputs
from pipeline.metadata_address import metadata_connection
from pipeline.pipeline import create_pipeline

Values = Mapping[str, str | None]

# The nodes that look at the logs, or at listings.
_READERS = (AttributeFill.__name__, ListExampleGen.__name__, ServingStatistics.__name__)


def pipeline_of(values: Mapping[str, str], node: str) -> Pipeline:
    """Builds the pipeline for a process that runs one node.

    Args:
        values: of `PARAMETERS` by name.
        node: id of the node; only the nodes that read logs look at them.

    Returns:
        The pipeline.

    Raises:
        InputError: if a value is not as expected.
    """
    given = {parameter.name: _given(values[parameter.name]) for parameter in PARAMETERS}
    root = _required(given, "root").rstrip("/")
    check_place("root", root)
    check_plain(root, "root")
    config = _config(given)
    return create_pipeline(
        config,
        _inputs(given),
        Folders(root),
        beam_arguments(None, _words(given, "beam_pipeline_args")),
        metadata_connection(_required(given, "metadata")),
        cache=_switch(given, "cache"),
        input_fingerprint=None if node in _READERS else "",
        name=f"seqmd-{config.dataset.name}-{hashlib.sha256(root.encode()).hexdigest()[:8]}",
    )


def _given(value: str) -> str | None:
    return None if value.strip() in ("", NONE) else value.strip()


def _required(given: Values, name: str) -> str:
    value = given[name]
    if value is None:
        raise InputError(f"{name}: expected a value, found none")
    return value


def _config(given: Values) -> RunConfig:
    """The definition by the catalog's name, from a file anywhere, or from its own text."""
    dataset = _required(given, "dataset")
    if "\n" in dataset:
        place, definition = "dataset", parse_definition(dataset, "dataset")
    elif "://" in dataset:
        with open_file(dataset) as file:
            place, definition = dataset, parse_definition(file.read(), dataset)
    else:
        place, definition = dataset, load_definition(dataset)
    config = config_from(definition, place, _whole_number(given, "seed"))
    check_listings(definition.get("listings"))
    return config


def _inputs(given: Values) -> Inputs:
    logs = _words(given, "input")
    if not logs:
        raise InputError("input: expected paths, patterns or folders of logs, found none")
    return Inputs(
        logs=tuple(logs),
        evaluation_logs=tuple(_words(given, "eval_input")),
        serving_logs=tuple(_words(given, "serving_logs")),
        start=_date(given, "from_date"),
        end=_date(given, "to_date"),
        schema=given["schema"],
        warm_start=_warm_start(given),
    )


def _warm_start(given: Values) -> str | None:
    folder = given["warm_start"]
    if folder is None:
        return None
    if "://" in folder:
        raise InputError(f"warm_start: expected a folder on a mounted volume, found {folder}")
    return str(newest_version(Path(folder), "warm_start"))


def _words(given: Values, name: str) -> list[str]:
    return split_flags(given[name] or "", name)


def _date(given: Values, name: str) -> datetime.date | None:
    value = given[name]
    try:
        return datetime.date.fromisoformat(value) if value else None
    except ValueError:
        raise InputError(f"{name}: expected YYYY-MM-DD, found {value!r}") from None


def _whole_number(given: Values, name: str) -> int | None:
    value = given[name]
    try:
        return int(value) if value else None
    except ValueError:
        raise InputError(f"{name}: expected a whole number, found {value!r}") from None


def _switch(given: Values, name: str) -> bool:
    value = _required(given, name).lower()
    if value not in ("true", "false"):
        raise InputError(f"{name}: expected true or false, found {value!r}")
    return value == "true"
