"""`seqmd run`: from logs to a pushed ranker and its evidence."""

import argparse
import json
import os
import shlex
import time
import traceback
from pathlib import Path

from rich.console import Console

from data.errors import InputError
from data.sources import source_for
from pipeline.cli import EXIT_BLESSED, EXIT_ERROR, EXIT_NOT_BLESSED
from pipeline.config import RunConfig, absolute, load_config
from pipeline.inputs import Inputs
from pipeline.locations import Locations
from pipeline.output_capture import output_to

# The dataset that needs no files.
SIMULATED = "simulated"
BEAM_IN_THIS_PROCESS = ("--runner=DirectRunner", "--direct_running_mode=in_memory")


def run_command(options: argparse.Namespace) -> int:
    """Runs the pipeline and shows what came of it.

    Args:
        options: the command line of `seqmd run`.

    Returns:
        0 when the model was blessed, 2 when it was not, 1 on an error of the code.

    Raises:
        InputError: if the definition, the files or the options are not as expected.
    """
    os.environ["TF_USE_LEGACY_KERAS"] = "1"
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    config = load_config(options.dataset, options.seed)
    output = options.output or Path("output") / config.dataset.name
    locations = Locations(Path(output).absolute())
    _refuse_other_dataset(locations, config)
    _check_files(config, options)
    with output_to(locations.log) as screen:
        from pipeline.console import console_on

        console = console_on(screen)
        try:
            return _run(config, options, locations, console)
        except Exception as error:
            traceback.print_exc()
            cause = input_error(error)
            if cause is not None:
                raise cause from None
            console.print(f"[red]seqmd: {type(error).__name__}: {error}[/]", markup=True)
            console.print(f"The whole story is in {locations.log}")
            return EXIT_ERROR


def _run(
    config: RunConfig, options: argparse.Namespace, locations: Locations, console: Console
) -> int:
    from pipeline.console import RunDisplay
    from pipeline.local_runner import run_locally
    from pipeline.pipeline import create_pipeline
    from pipeline.result_view import show_summary
    from pipeline.summary import summarise, write_summary

    started = time.monotonic()
    console.print(f"[bold]seqmd[/] dataset {config.dataset.name}, output {locations.output}")
    inputs = _inputs(config, options, locations, console)
    beam_arguments = shlex.split(options.beam_pipeline_args) or BEAM_IN_THIS_PROCESS
    pipeline = create_pipeline(config, inputs, locations, beam_arguments)
    with RunDisplay(console) as display:
        results = run_locally(pipeline, display)
    summary = summarise(config, inputs, locations, results, time.monotonic() - started)
    write_summary(summary, locations.summary)
    show_summary(summary, console)
    return EXIT_BLESSED if summary["blessing"]["blessed"] else EXIT_NOT_BLESSED


def _inputs(
    config: RunConfig, options: argparse.Namespace, locations: Locations, console: Console
) -> Inputs:
    logs = tuple(map(absolute, options.input))
    if not logs:
        from data.simulator import SimulatorConfig, write_logs

        console.print("Simulating the logs of a marketplace ...")
        write_logs(SimulatorConfig(), locations.simulated_logs)
        logs = (str(locations.simulated_logs),)
    return Inputs(
        logs=logs,
        evaluation_logs=tuple(map(absolute, options.eval_input)),
        start=options.start,
        end=options.end,
        schema=options.schema and absolute(options.schema),
    )


def _check_files(config: RunConfig, options: argparse.Namespace) -> None:
    """Refuses files that do not fit before the libraries are loaded, which takes a while."""
    source = source_for(config.dataset)
    if not options.input and options.dataset != SIMULATED:
        raise InputError(f"--input: expected the logs of {config.dataset.name}, found none")
    if options.input:
        source.check(source.files(list(map(absolute, options.input)), options.start, options.end))
    if options.eval_input:
        source.check(source.files(list(map(absolute, options.eval_input))))


def _refuse_other_dataset(locations: Locations, config: RunConfig) -> None:
    """One output folder serves one dataset: its pushed models replace each other."""
    if not locations.summary.exists():
        return
    found = json.loads(locations.summary.read_text()).get("dataset", {}).get("name")
    if found != config.dataset.name:
        raise InputError(
            f"--output: {locations.output} holds runs of the dataset {found!r};"
            f" expected another folder for {config.dataset.name!r}"
        )


def input_error(error: BaseException | None) -> InputError | None:
    """The fault of the input behind an error, through the layers of Beam and TFX."""
    while error is not None:
        if isinstance(error, InputError):
            return error
        error = error.__cause__ or error.__context__
    return None
