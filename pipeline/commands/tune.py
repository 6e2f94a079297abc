"""Searches the settings of model and training that rank your own logs best.

The logs are read, split and transformed once, by the nodes of `seqmd run` and from the same cache.
Then settings are drawn at random and trained, and judged by the graded NDCG of the score on
validation lists. The best ones and the definition as it is are trained again with further seeds,
and the best of those is written as tuned.yaml in the output folder, which `seqmd run --dataset`
takes. Trainings that are done are kept: the same command goes on with a search that was stopped,
and with more --trials one that is done. docs/tuning.md says what is searched, and how it is judged.
"""

import argparse
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

from rich.console import Console
from rich.markup import escape

from components.evaluator.config import headline_metric, headline_rank
from data.errors import InputError
from data.files import write_whole
from data.loading import definition_path
from models.config import RankerName
from pipeline.beam_runner import beam_arguments, split_flags
from pipeline.code_version import code_version, libraries_version
from pipeline.commands.options import add_dataset, add_engine, add_input, add_run_options, path
from pipeline.commands.run import claimed_metadata, inputs_of
from pipeline.commands.run_checks import check_run
from pipeline.config import RunConfig, absolute, load_config
from pipeline.failures import interruptible, told_in
from pipeline.locations import Inputs, Locations
from pipeline.output_capture import output_to, prepare_tensorflow
from pipeline.output_lock import locked_output
from pipeline.tuning.kept import claim_search
from pipeline.tuning.trials import Trial, trials_of

if TYPE_CHECKING:
    from pipeline.tuning.lists import PreparedLists

_TRIALS, _SEEDS = 20, 3
# What trains and judges; its code tells one search from another.
_TRAINING = "pipeline.tuning.training.judged_training"


def add_options(command: argparse.ArgumentParser) -> None:
    """Adds the options of `seqmd tune`."""
    add_dataset(command)
    add_input(command, required=False)
    search = command.add_argument_group("the search")
    search.add_argument(
        "--trials",
        type=int,
        default=_TRIALS,
        metavar="N",
        help="settings that are drawn for each ranker (default: %(default)s)",
    )
    search.add_argument(
        "--seeds",
        type=int,
        default=_SEEDS,
        metavar="N",
        help="further trainings of the best ones and of the definition (default: %(default)s)",
    )
    search.add_argument(
        "--ranker",
        nargs="+",
        choices=get_args(RankerName),
        metavar="NAME",
        help=f"rankers that are tried: {', '.join(get_args(RankerName))} "
        "(default: that of the definition)",
    )
    search.add_argument(
        "--jobs", type=int, default=1, metavar="N", help="trainings at a time (default: 1)"
    )
    add_run_options(command)
    add_engine(command)
    command.add_argument(
        "--output",
        type=path,
        metavar="DIR",
        help="output folder, which may be that of `seqmd run` (default: output/DATASET)",
    )


def run(options: argparse.Namespace) -> int:
    """Searches settings and writes a definition with the best ones.

    Args:
        options: the command line of `seqmd tune`.

    Returns:
        0.

    Raises:
        InputError: if the definition, the files or the options are not as expected, or the output
            folder holds another search.
        CommandFailedError: on any other error.
    """
    prepare_tensorflow()
    _check(options)
    config = load_config(options.dataset, options.seed)
    if config.model.second_stage is not None:
        raise InputError(
            f"model: second_stage: {config.model.second_stage}: expected none, since trainings of a"
            " search start from no pushed model; search the settings of the first stage"
        )
    output = Path(options.output or f"output/{config.dataset.name}").absolute()
    locations = Locations(output, options.pipeline_root and absolute(options.pipeline_root))
    options.warm_start = None
    check_run(options, config, locations)
    with (
        output_to(locations.log) as screen,
        told_in(locations.log),
        locked_output(locations.output, locations.metadata),
        interruptible(),
    ):
        from pipeline.commands.console import console_on

        _search(config, options, locations, console_on(screen))
    return 0


def _check(options: argparse.Namespace) -> None:
    for name, least in (("trials", 1), ("seeds", 2), ("jobs", 1)):
        if getattr(options, name) < least:
            raise InputError(f"--{name}: expected {least} or more, found {getattr(options, name)}")


def _search(
    config: RunConfig, options: argparse.Namespace, locations: Locations, console: Console
) -> None:
    from pipeline.commands.tuning_view import SearchDisplay, show_found
    from pipeline.tuning.result import definition_values, result_of, tuned_definition
    from pipeline.tuning.search import Search

    place = escape(str(locations.output))
    console.print(f"[bold]seqmd tune[/] dataset {config.dataset.name}, output {place}")
    # Whoever edits it meanwhile edits another one.
    definition = definition_path(options.dataset)
    text = definition.read_text(encoding="utf-8")
    trials = all_trials(config, options.ranker or [config.model.ranker], options.trials)
    folder = locations.output / "tuning"
    make_lists = _prepared(config, options, locations, folder, console)
    rank = headline_rank(config.evaluation.ndcg_at)
    metric = headline_metric(config.evaluation.ndcg_at)
    with SearchDisplay(console, metric, definition_values(trials[0])) as display:
        search = Search(make_lists, None if rank == "all" else rank, folder, options.jobs, display)
        found = search.run(trials, options.seeds)
    result = result_of(found, metric, make_lists().judged)
    tuned = locations.output / "tuned.yaml"
    write_whole(tuned, tuned_definition(text, str(definition), found, result))
    write_whole(locations.output / "tuning.json", result.model_dump_json(indent=2) + "\n")
    show_found(result, console)
    console.print(
        f"\nDefinition   {tuned}\nAll trials   {locations.output / 'tuning.json'}", markup=False
    )


def all_trials(config: RunConfig, rankers: Sequence[RankerName], number: int) -> list[Trial]:
    """The trials of all rankers; the first is the definition as it is.

    Args:
        config: the definition.
        rankers: the rankers that are tried.
        number: settings that are drawn for each.

    Returns:
        The trials.
    """
    trials = [
        trial for ranker in dict.fromkeys(rankers) for trial in trials_of(config, ranker, number)
    ]
    own = config.model.ranker
    first = next((trial for trial in trials if trial.ranker == own), None)
    first = first or trials_of(config, own, 0)[0]
    return [first, *(trial for trial in trials if trial is not first)]


def _prepared(
    config: RunConfig,
    options: argparse.Namespace,
    locations: Locations,
    folder: Path,
    console: Console,
) -> "partial[PreparedLists]":
    """What makes the lists, which the data nodes have prepared or had prepared before."""
    from pipeline.commands.console import RunDisplay
    from pipeline.local_runner import run_locally
    from pipeline.pipeline import create_data_pipeline
    from pipeline.run_results import RunResults
    from pipeline.tuning.lists import PreparedLists

    beam = beam_arguments(
        options.beam_runner,
        split_flags(options.beam_args, "--beam-args"),
        locations.folders.pipeline_root,
    )
    inputs = inputs_of(options, locations, console)
    metadata = claimed_metadata(locations, console)
    pipeline, fingerprint = create_data_pipeline(
        config, inputs, locations.folders, beam, metadata, cache=not options.no_cache
    )
    claim_search(folder, _identity(config, inputs, fingerprint))
    with RunDisplay(console) as display:
        results = RunResults(run_locally(pipeline, display))
    return partial(
        PreparedLists,
        config.dataset,
        results.folder("ListExampleGen", "examples"),
        results.folder("Transform", "transform_graph"),
        results.split_file,
    )


def _identity(config: RunConfig, inputs: Inputs, fingerprint: str) -> Mapping[str, Any]:
    """What all trainings of a search have in common, by what a person calls it."""
    definition = config.model_dump(mode="json")
    return {
        "dataset": definition["dataset"],
        "model": definition["model"],
        "training": definition["training"],
        "region_split": definition["region_split"],
        "evaluation": {"ndcg_at": definition["evaluation"]["ndcg_at"]},
        "logs": [fingerprint, str(inputs.start), str(inputs.end)],
        "schema": inputs.schema and Path(inputs.schema).read_text(),
        "version of seqmd or its libraries": f"{code_version(_TRAINING)}-{libraries_version()}",
    }
