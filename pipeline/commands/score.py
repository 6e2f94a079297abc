"""Scores logs with a pushed ranker.

Writes every row of the logs, in its order, with the probability of each task, the score and the
rank in its list (1 is best). Labels are not needed. A row that cannot be scored says why.
"""

import argparse
from pathlib import Path

from data.amounts import counted
from data.artifacts.model_folder import newest_version
from data.errors import InputError
from data.terminal_text import printable
from pipeline.cli import EXIT_ERROR
from pipeline.commands.options import add_attributes, add_input, path
from pipeline.config import absolute
from pipeline.output_capture import log_for_errors, new_log, prepare_tensorflow

ENDINGS = (".csv", ".parquet")


def add_options(command: argparse.ArgumentParser) -> None:
    """Adds the options of `seqmd score`."""
    command.add_argument(
        "--model", type=path, required=True, metavar="DIR", help="a pushed model's folder"
    )
    command.add_argument(
        "--dataset",
        type=path,
        metavar="NAME|FILE",
        help="how to read the logs (default: the definition that travels with the model)",
    )
    add_input(command, required=True)
    add_attributes(command)
    command.add_argument(
        "--output",
        type=path,
        required=True,
        metavar="FILE",
        help="the rows with their scores, .csv or .parquet",
    )


def run(options: argparse.Namespace) -> int:
    """Writes every row of the logs, in its order, with probabilities, score and rank.

    Args:
        options: the command line of `seqmd score`.

    Returns:
        0, or 1 where no row could be scored.

    Raises:
        InputError: if the model, the definition or the logs are not as expected, or the output
            ends in neither .csv nor .parquet, or is a folder.
    """
    prepare_tensorflow()
    output = Path(options.output)
    if output.suffix not in ENDINGS:
        raise InputError(f"--output: expected a name ending in .csv or .parquet, found {output}")
    if not output.parent.is_dir():
        raise InputError(f"--output: expected an existing folder, found none at {output.parent}")
    if output.is_dir():
        raise InputError(f"--output: expected a file, found a folder: {output}")
    inputs = [absolute(path) for path in options.input]
    if absolute(options.output) in inputs:
        raise InputError(f"--output: expected a file that is not an input, found {output}")
    model = newest_version(Path(options.model))
    with log_for_errors(new_log(output, "--output")):
        from data.artifacts.vocabulary_files import told_unknown
        from pipeline.log_rows import write_rows
        from pipeline.scored_rows import score_logs

        scored = score_logs(
            model,
            options.dataset,
            inputs,
            output.suffix == ".csv",
            attributes=options.attributes,
        )
        write_rows(scored.rows, output)
    print(
        f"Scored {scored.scored:,} of {counted(scored.rows.num_rows, 'row')}"
        f" in {counted(scored.lists, 'list')}"
        f" with {model}; written to {output}"
    )
    if scored.renamed:
        others = ", ".join(f"{name} is {other}" for name, other in scored.renamed.items())
        print(f"The logs already have columns of these names, so {others} here.")
    if scored.repeated:
        repeated = counted(scored.repeated, "row")
        print(f"Items that stand twice in a list: {repeated}; their first row was scored.")
    for column, lists in scored.conflicts.items():
        print(
            printable(
                f"Column {column!r} has several values in {counted(lists, 'list')}, where a"
                " list has one: the first row's was taken."
            )
        )
    for line in told_unknown(scored.unknown, "the logs"):
        print(printable(line))
    if scored.scored < scored.rows.num_rows:
        column = scored.renamed.get("not_scored", "not_scored")
        print(f"The other rows say why in the column `{column}`.")
    return EXIT_ERROR if scored.scored == 0 else 0
