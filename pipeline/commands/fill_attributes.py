"""Fills attributes that listings leave empty, with values of a taxonomy.

Learns from listings that state attributes, and searches the others' values by category, title and
description. Nothing that is stated is overwritten; beside each attribute A stand `A_score` and
`A_filled`. A value is filled in only where it scores higher than "none of them".
"""

import argparse
import math
import sys
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape
from rich.progress import Progress
from rich.table import Table

from data.definition.base import LARGEST_SEED
from data.errors import InputError
from data.listings.few_judged import told_few_judged
from data.terminal_text import on_one_line, printable
from pipeline.commands.options import add_listings, path
from pipeline.commands.progress_bars import advance, bars_on
from pipeline.failures import writing
from pipeline.output_capture import log_for_errors, new_log, prepare_tensorflow

if TYPE_CHECKING:
    from data.listings.files import ListingFile
    from data.listings.listings import ListingColumns
    from data.listings.taxonomy import Taxonomy
    from models.attributes.filling import AttributeFiller
    from models.attributes.learning import TrainedFilling
    from models.attributes.measures import Counts

# Of the table, after the attribute's name. `stated` and `filled` have a value, `absent` have none.
_HEADINGS = (
    *("listings", "stated", "absent", "filled", "with a value"),
    *("precision", "recall", "judged"),
)


def add_options(command: argparse.ArgumentParser) -> None:
    """Adds the options of `seqmd fill-attributes`."""
    add_listings(command)
    command.add_argument(
        "--output",
        type=path,
        required=True,
        metavar="FILE",
        help="the listings with their attributes: .csv, .parquet or .jsonl",
    )
    model = command.add_argument_group("the model")
    model.add_argument(
        "--model",
        type=path,
        metavar="DIR",
        help="a model's folder: it is loaded from there, or trained and written there if there is "
        "none yet (default: trained, and not kept)",
    )
    model.add_argument(
        "--epochs", type=int, metavar="N", help="passes over the listings (default: 15)"
    )
    model.add_argument("--seed", type=int, metavar="N", help="seed of the training (default: 0)")
    model.add_argument(
        "--left-out",
        type=float,
        metavar="SHARE",
        help="share of listings that have an attribute and do not state it, where none says that "
        "it is absent (default: 0.3)",
    )
    model.add_argument(
        "--least-precision",
        type=float,
        default=0.0,
        metavar="SHARE",
        help="leave attributes empty that were filled with less precision on listings held out "
        "(default: 0)",
    )
    model.add_argument(
        "--encoder",
        metavar="NAME",
        help="an encoder of the package sentence-transformers whose vectors join the model's own",
    )


def run(options: argparse.Namespace) -> int:
    """Fills the attributes of a file of listings.

    Args:
        options: the command line of `seqmd fill-attributes`.

    Returns:
        0.

    Raises:
        InputError: if the files are not as expected, or nothing can be learnt from them.
    """
    prepare_tensorflow()
    from data.listings.taxonomy_match import check_categories, told_categories, told_columns
    from models.attributes.model_folder import check_model_folder, holds_model
    from pipeline.listing_inputs import checked_output, read_inputs

    output = checked_output(options)
    if not 0 <= options.least_precision <= 1:
        raise InputError(
            f"--least-precision: expected a share from 0 to 1, found {options.least_precision:g}"
        )
    if options.model:
        check_model_folder("--model", options.model)
    known = bool(options.model) and holds_model(options.model)
    _check_training(options)
    taxonomy, file, columns = read_inputs(options)
    check_categories(taxonomy, file.batches(), options.category, file.path)
    for line in told_columns(taxonomy, file.columns):
        print(printable(line), flush=True)
    with log_for_errors(new_log(output, "--output")) as screen:
        from models.attributes.filling import AttributeFiller, check_names, fill_file
        from models.attributes.learning import below_precision, by_attribute
        from models.attributes.search import ValueSearch
        from pipeline.commands.console import console_on

        check_names(file.columns, taxonomy, columns, file.path)
        with bars_on(console_on(screen)) as bars:
            trained = _trained(options, file, columns, taxonomy, bars)
            withheld = below_precision(trained.held_out, options.least_precision)
            filler = AttributeFiller(ValueSearch(trained.model, taxonomy), columns, withheld)
            bar = bars.add_task("filling", total=file.rows)
            rows = fill_file(file, filler, str(output), partial(advance, bars, bar))
    _tell(filler, by_attribute(trained.held_out), console_on(sys.stdout))
    unknown = told_categories(taxonomy, filler.categories)
    if unknown:
        print(printable(unknown))
    if withheld:
        names = printable(", ".join(sorted(withheld)))
        print(f"Not filled, since below --least-precision {options.least_precision:g}: {names}")
    if options.model:
        place = printable(options.model)
        print(f"Model loaded from {place}" if known else f"Model written to {place}")
    print(f"Filled {rows:,} listings; written to {printable(str(output))}")
    return 0


def _check_training(options: argparse.Namespace) -> None:
    epochs, seed, share = options.epochs, options.seed, options.left_out
    if epochs is not None and epochs < 1:
        raise InputError(f"--epochs: expected 1 or more, found {epochs}")
    if seed is not None and not 0 <= seed <= LARGEST_SEED:
        raise InputError(f"--seed: expected a seed from 0 to {LARGEST_SEED}, found {seed}")
    if share is not None and not 0 <= share < 1:
        raise InputError(f"--left-out: expected a share from 0 to below 1, found {share:g}")


def _trained(
    options: argparse.Namespace,
    file: "ListingFile",
    columns: "ListingColumns",
    taxonomy: "Taxonomy",
    bars: Progress,
) -> "TrainedFilling":
    """The model that is there, or a new one, and what it gets right of listings held out."""
    from models.attributes.config import AttributeConfig
    from models.attributes.learning import TrainedFilling, train_filling
    from models.attributes.model_folder import holds_model

    chosen = {
        "epochs": options.epochs,
        "seed": options.seed,
        "left_out": options.left_out,
        "sentence_encoder": options.encoder,
    }
    fields = {name: value for name, value in chosen.items() if value is not None}
    if options.model and holds_model(options.model):
        if fields:
            raise InputError(
                f"--model: {options.model} holds a model; expected none of --epochs, --seed, "
                "--left-out and --encoder, which are for a new one"
            )
        return TrainedFilling.load(options.model)
    config = AttributeConfig.model_validate(fields)
    if options.model:
        # Not only once it is trained.
        with writing("--model", options.model):
            Path(options.model).mkdir(parents=True, exist_ok=True)
    bars.console.print(f"Training a model on {file.path}", markup=False, soft_wrap=True)
    bar = bars.add_task("training", total=1.0)
    trained = train_filling(file.batches(), columns, taxonomy, config, partial(advance, bars, bar))
    if options.model:
        with writing("--model", options.model):
            trained.save(options.model)
    return trained


def _tell(filler: "AttributeFiller", held_out: Mapping[str, "Counts"], console: Console) -> None:
    """A line an attribute: how many had it, and have it now; how right it is where it is known."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("attribute", overflow="fold")
    for heading in _HEADINGS:
        table.add_column(heading, justify="right")
    for name, count in filler.coverage.items():
        judged = held_out.get(name)
        table.add_row(
            escape(on_one_line(name)),
            f"{count.asked:,}",
            f"{count.stated:,}",
            f"{count.absent:,}",
            f"{count.filled:,}",
            percent(count.after),
            percent(judged.precision if judged else math.nan),
            percent(judged.recall if judged else math.nan),
            f"{judged.listings:,}" if judged else "",
        )
    console.print(table)
    if held_out:
        console.print(
            "Precision and recall: on a tenth of the listings, before the training saw them; "
            "judged: how many of these say something of the attribute."
        )
    few = told_few_judged({name: count.listings for name, count in held_out.items()})
    if few:
        console.print(escape(on_one_line(f"Take care: {few}")), soft_wrap=True)


def percent(share: float) -> str:
    """A share for people; nothing where it cannot be told."""
    return "" if math.isnan(share) else f"{100 * share:.1f}%"
