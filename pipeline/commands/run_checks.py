"""Checks of a run that need no library, so that a wrong option is told at once."""

import argparse
from pathlib import Path

from google.protobuf import text_format
from tensorflow_metadata.proto.v0 import schema_pb2

from data.artifacts.model_folder import ExtraFiles, newest_version
from data.definition.codecs import codec
from data.definition.dataset import Dataset
from data.errors import InputError
from data.files import check_plain
from data.loading import load_dataset
from data.sources import source_for
from models.features_check import check_second_stage
from pipeline.config import RunConfig, absolute
from pipeline.locations import Locations
from pipeline.summary_head import SummaryHead

# The dataset that needs no files.
SIMULATED = "simulated"


def check_run(options: argparse.Namespace, config: RunConfig, locations: Locations) -> None:
    """Refuses options and files that do not fit.

    Args:
        options: the command line of `seqmd run`.
        config: the configuration that it names.
        locations: where the run would keep everything.

    Raises:
        InputError: if files are missing or do not fit, the output folder holds another dataset's
            runs, or a second stage has no first.
    """
    check_second_stage(config.model, config.training, bool(options.warm_start))
    _check_output(locations, config)
    _check_logs(options, config)
    if options.schema:
        _check_schema(options.schema, config.dataset)
    if options.warm_start:
        _check_warm_start(newest_version(Path(options.warm_start), "--warm-start"), config)


def _check_output(locations: Locations, config: RunConfig) -> None:
    """One output folder serves one dataset: its pushed models replace each other."""
    check_plain(str(locations.output), "--output")
    check_plain(locations.folders.pipeline_root, "--pipeline-root")
    try:
        _check_folder(locations.output)
        if not locations.summary.exists():
            return
    except OSError as error:
        raise InputError(f"--output: expected a folder, found no such place: {error}") from error
    found = SummaryHead.load(locations.summary).dataset.name
    if found != config.dataset.name:
        raise InputError(
            f"--output: {locations.output} holds runs of the dataset {found!r};"
            f" expected another folder for {config.dataset.name!r}"
        )


def _check_folder(output: Path) -> None:
    """The folder need not be there, but nothing else may be in its place or above it."""
    there = next(place for place in (output, *output.parents) if place.exists())
    if not there.is_dir():
        raise InputError(f"--output: expected a folder, found a file at {there}")


def _check_logs(options: argparse.Namespace, config: RunConfig) -> None:
    source = source_for(config.dataset)
    if options.input:
        source.check(source.files(list(map(absolute, options.input)), options.start, options.end))
    elif options.dataset != SIMULATED:
        raise InputError(f"--input: expected the logs of {config.dataset.name}, found none")
    elif options.start or options.end or options.eval_input:
        raise InputError("--from, --to and --eval-input go with --input; found none")
    if options.serving_logs:
        served = source_for(config.dataset.as_sent, with_labels=False)
        served.check(served.files(list(map(absolute, options.serving_logs))))
    if options.eval_input:
        source.check(source.files(list(map(absolute, options.eval_input))))


def _check_warm_start(model: Path, config: RunConfig) -> None:
    extra = ExtraFiles(str(model))
    if not Path(extra.weights).exists():
        raise InputError(f"--warm-start: expected {extra.weights}, found none")
    known = [task.name for task in load_dataset(extra.dataset).tasks]
    tasks = [task.name for task in config.dataset.tasks]
    if [task for task in tasks if task in known] != known:
        raise InputError(
            f"--warm-start: expected the pushed model's tasks {known} in their order among those"
            f" of {config.dataset.name}, found {tasks}"
        )


def _check_schema(path: str, dataset: Dataset) -> None:
    if not Path(path).is_file():
        raise InputError(f"--schema: expected a file, found none at {path}")
    try:
        schema = text_format.Parse(Path(path).read_text(), schema_pb2.Schema())
    except (text_format.ParseError, UnicodeDecodeError) as error:
        raise InputError(f"--schema: {path}: expected a schema as text: {error}") from None
    types = {feature.name: feature.type for feature in schema.feature}
    for feature in dataset.features:
        expected = codec(feature).schema_type
        found = types.get(feature.name)
        if found != expected:
            shown = "none" if found is None else schema_pb2.FeatureType.Name(found)
            raise InputError(
                f"--schema: {path}: feature {feature.name!r}: expected the type "
                f"{schema_pb2.FeatureType.Name(expected)}, found {shown}"
            )
