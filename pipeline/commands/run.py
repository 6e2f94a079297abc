"""Trains a ranker on logs, evaluates it and pushes it if it holds.

Without --input, logs of a simulated marketplace are written and used. What has not changed since
an earlier run in the same output folder comes from its cache, and a run that was killed goes on
where it was. At the end the screen shows the metrics by slice and why the model was blessed or not;
report.html, summary.json and seqmd.log in the output folder hold the rest.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape

from data.artifacts.model_folder import newest_version
from models.training.cluster import Cluster
from pipeline.beam_runner import beam_arguments, split_flags
from pipeline.cli import EXIT_BLESSED, EXIT_NOT_BLESSED
from pipeline.commands.options import add_dataset, add_engine, add_input, add_run_options, path
from pipeline.commands.run_checks import check_run
from pipeline.config import RunConfig, absolute, load_config
from pipeline.failures import interruptible, told_in, writing
from pipeline.locations import Inputs, Locations
from pipeline.output_capture import output_to, prepare_tensorflow
from pipeline.output_lock import locked_output

if TYPE_CHECKING:
    from tfx.orchestration.metadata import ConnectionConfigType

    from pipeline.report.record import RunRecord


def add_options(command: argparse.ArgumentParser) -> None:
    """Adds the options of `seqmd run`."""
    add_dataset(command)
    add_input(command, required=False)
    add_run_options(command)
    add_engine(command)
    command.add_argument(
        "--output", type=path, metavar="DIR", help="output folder (default: output/DATASET)"
    )
    command.add_argument(
        "--warm-start",
        type=path,
        metavar="DIR",
        help="a pushed model whose weights training starts from",
    )


def run(options: argparse.Namespace) -> int:
    """Runs the pipeline and shows what came of it.

    Args:
        options: the command line of `seqmd run`.

    Returns:
        0 when the model was blessed, 2 when it was not.

    Raises:
        InputError: if the definition, the files or the options are not as expected.
        CommandFailedError: on any other error.
    """
    # Of several workers, TensorFlow would call those gone that are done with training.
    prepare_tensorflow(told=2 if Cluster.of_chief().number == 1 else 3)
    config = load_config(options.dataset, options.seed)
    locations = Locations(
        Path(options.output or f"output/{config.dataset.name}").absolute(),
        options.pipeline_root and absolute(options.pipeline_root),
    )
    beam = beam_arguments(
        options.beam_runner,
        split_flags(options.beam_args, "--beam-args"),
        locations.folders.pipeline_root,
    )
    check_run(options, config, locations)
    with (
        output_to(locations.log) as screen,
        told_in(locations.log),
        locked_output(locations.output, locations.metadata),
    ):
        from models.training.workers import Workers

        # TensorFlow wants to know of other workers before it does anything else.
        Workers.of_environment()
        from pipeline.commands.console import console_on
        from pipeline.report.content import write_report
        from pipeline.report.record import RunRecord
        from pipeline.summary_head import write_failure

        record = RunRecord()
        try:
            with interruptible():
                return _run_nodes(config, options, locations, beam, console_on(screen), record)
        except BaseException as error:
            write_failure(config, error, locations.summary)
            write_report(config, locations, record, error)
            raise


def _run_nodes(
    config: RunConfig,
    options: argparse.Namespace,
    locations: Locations,
    beam: Sequence[str],
    console: Console,
    record: "RunRecord",
) -> int:
    from components.pusher.versions import served_version
    from pipeline.commands.console import RunDisplay
    from pipeline.commands.result_view import show_summary
    from pipeline.local_runner import run_locally
    from pipeline.pipeline import create_pipeline
    from pipeline.pushed_version import restore_push, told_of_serving
    from pipeline.report.content import write_report
    from pipeline.summary import summarise

    place = escape(str(locations.output))
    console.print(f"[bold]seqmd[/] dataset {config.dataset.name}, output {place}")
    inputs = inputs_of(options, locations, console)
    metadata = claimed_metadata(locations, console)
    pipeline = create_pipeline(
        config, inputs, locations.folders, beam, metadata, cache=not options.no_cache
    )
    before = served_version(locations.folders.serving_model)
    with RunDisplay(console) as display:
        record.observer = display
        results = run_locally(pipeline, record, run_id=record.run_id)
    if restored := restore_push(results["Pusher"]):
        told = f"The pushed version was gone; it is back from the cache: {restored}"
        console.print(told, markup=False)
    served = told_of_serving(locations.folders.serving_model, before, results["Pusher"])
    if served is not None:
        console.print(served, markup=False, soft_wrap=True)
    summary = summarise(config, inputs, locations, results, record.seconds)
    summary.save(locations.summary)
    write_report(config, locations, record)
    show_summary(summary, console)
    return EXIT_BLESSED if summary.blessing.blessed else EXIT_NOT_BLESSED


def claimed_metadata(locations: Locations, console: Console) -> "ConnectionConfigType":
    """Makes the folder of artifacts this output folder's own.

    Args:
        locations: where a run keeps everything.
        console: is told where the output folder was moved or copied.

    Returns:
        The connection of ML Metadata.

    Raises:
        InputError: the folder cannot be written, or is another output folder's.
    """
    import ml_metadata as mlmd

    from pipeline.artifact_store import claim_root
    from pipeline.metadata_address import metadata_connection

    metadata = metadata_connection(str(locations.metadata))
    root = locations.folders.pipeline_root
    with writing("--pipeline-root" if locations.root else "--output", root):
        was = claim_root(root, str(locations.output), mlmd.MetadataStore(metadata))
    if was:
        told = f"This output folder was {was}: its models and splits count, its nodes run anew."
        console.print(told, markup=False)
    return metadata


def inputs_of(options: argparse.Namespace, locations: Locations, console: Console) -> Inputs:
    """What a run reads; logs are simulated where none are named.

    Args:
        options: the command line.
        locations: where simulated logs are kept.
        console: is told of them.

    Returns:
        The inputs.
    """
    logs = tuple(map(absolute, options.input))
    if not logs:
        from data.simulator import SimulatorConfig, write_logs

        console.print("Simulating the logs of a marketplace ...")
        write_logs(SimulatorConfig(), locations.simulated_logs)
        logs = (str(locations.simulated_logs),)
    return Inputs(
        logs=logs,
        evaluation_logs=tuple(map(absolute, options.eval_input)),
        serving_logs=tuple(map(absolute, options.serving_logs)),
        start=options.start,
        end=options.end,
        schema=options.schema and absolute(options.schema),
        warm_start=_warm_start(options),
    )


def _warm_start(options: argparse.Namespace) -> str | None:
    if options.warm_start is None:
        return None
    return str(newest_version(Path(options.warm_start), "--warm-start").absolute())
