"""Drafts descriptions for listings that have none, from their titles and attributes.

Without --endpoint an embedded writer composes them, and nothing is sent anywhere. With it, title,
category, attributes, photos and descriptions of similar listings go to an OpenAI-compatible
endpoint. Every draft is checked; one that fails is refused, with the reason in `draft_refused`.
"""

import argparse
import os
from typing import TYPE_CHECKING

from data.amounts import counted
from data.errors import InputError
from data.similar_names import did_you_mean
from data.terminal_text import printable
from pipeline.cli import EXIT_ERROR
from pipeline.commands.options import add_listings, path
from pipeline.commands.progress_bars import advance, bars_on
from pipeline.drafts import DRAFT, REFUSED
from pipeline.drafts.languages import LANGUAGES
from pipeline.output_capture import log_for_errors, new_log, prepare_tensorflow

if TYPE_CHECKING:
    from data.listings.files import ListingFile
    from data.listings.listings import ListingColumns
    from data.listings.taxonomy import Taxonomy
    from pipeline.drafts.drafting import Drafting

_LONGEST_TIMEOUT = 3600
# Listings of a batch, after which the progress bar goes on: an endpoint takes seconds for one.
_ROWS, _ROWS_ASKED = 512, 16
# Reasons of an endpoint that are told at most.
_REASONS = 3


def add_options(command: argparse.ArgumentParser) -> None:
    """Adds the options of `seqmd draft`."""
    add_listings(command)
    command.add_argument(
        "--photos", metavar="COLUMN", help="a column of paths or addresses of photos, passed on"
    )
    command.add_argument(
        "--bought",
        metavar="COLUMN",
        help="a column that says which listings were bought: their descriptions are the examples "
        "(default: those of all)",
    )
    command.add_argument(
        "--output",
        type=path,
        required=True,
        metavar="FILE",
        help="the listings with `draft` and `draft_refused`: .csv, .parquet or .jsonl",
    )
    command.add_argument(
        "--model",
        type=path,
        metavar="DIR",
        help="a model of seqmd fill-attributes that finds similar listings (default: by words)",
    )
    command.add_argument(
        "--everything",
        action="store_true",
        help="draft for listings that have a description as well",
    )
    command.add_argument(
        "--similar", type=int, default=3, metavar="N", help="examples (default: %(default)s)"
    )
    endpoint = command.add_argument_group("the endpoint")
    endpoint.add_argument(
        "--endpoint", metavar="URL", help="such as https://host/v1; nothing is sent without it"
    )
    endpoint.add_argument(
        "--endpoint-model",
        default="default",
        metavar="NAME",
        help="the model's name there (default: %(default)s)",
    )
    endpoint.add_argument(
        "--key-variable",
        default="SEQMD_ENDPOINT_KEY",
        metavar="NAME",
        help="environment variable with the key (default: %(default)s)",
    )
    endpoint.add_argument(
        "--timeout", type=float, default=60.0, metavar="SECONDS", help="of one answer (default: 60)"
    )
    endpoint.add_argument(
        "--tries", type=int, default=4, metavar="N", help="for one draft (default: %(default)s)"
    )
    checks = command.add_argument_group("what a draft must hold")
    for name, default in (("shortest", 40), ("longest", 1000)):
        checks.add_argument(
            f"--{name}",
            type=int,
            default=default,
            metavar="CHARACTERS",
            help=f"{name} draft (default: %(default)s)",
        )
    checks.add_argument(
        "--language",
        metavar="CODE",
        help="de, en, es, fr, it, nl, pl or pt (default: that of the listing's title)",
    )
    checks.add_argument(
        "--allow-unsupported",
        action="store_true",
        help="take drafts that state attribute values which are not the listing's",
    )


def run(options: argparse.Namespace) -> int:
    """Drafts descriptions.

    Args:
        options: the command line of `seqmd draft`.

    Returns:
        0, or 1 where the endpoint answered for no listing, or an interrupt ended the asking.

    Raises:
        InputError: if the files or the endpoint are not as expected.
    """
    prepare_tensorflow()
    from data.listings.files import listing_writer
    from data.listings.taxonomy_match import told_columns
    from models.attributes.model_folder import holds_model
    from pipeline.drafts.endpoint import INTERRUPTED
    from pipeline.listing_inputs import checked_output, read_inputs

    output = checked_output(options)
    _check_numbers(options)
    if options.model and not holds_model(options.model):
        raise InputError(
            f"--model: expected a folder of seqmd fill-attributes, found no model in "
            f"{options.model}"
        )
    taxonomy, file, columns = read_inputs(options)
    _check_columns(options, file)
    for line in told_columns(taxonomy, file.columns):
        print(printable(line), flush=True)
    with log_for_errors(new_log(output, "--output")) as screen:
        from pipeline.commands.console import console_on

        drafting = _drafting(options, file, columns, taxonomy)
        with bars_on(console_on(screen)) as bars, listing_writer(str(output)) as write:
            bar, done = bars.add_task("drafting", total=file.rows), 0
            for table in file.batches(_ROWS_ASKED if options.endpoint else _ROWS):
                write(drafting.draft(table))
                done += table.num_rows
                advance(bars, bar, done)
            if not done:
                raise InputError(f"{file.path}: expected listings, found none")
    counts = drafting.counts
    print(
        f"Drafted {counts.drafted:,} of {done:,} listings, {counts.described:,} of which have a "
        f"description; written to {printable(str(output))}"
    )
    if counts.refused:
        told = counted(counts.refused, "draft")
        print(f"Refused {told}; the column `draft_refused` says why.")
    if counts.untitled:
        untitled = counted(counts.untitled, "listing")
        print(f"{untitled} without title, attributes and photos got no draft.")
    if counts.unanswered:
        why = printable(", ".join(counts.reasons[:_REASONS]))
        without = counted(counts.unanswered, "listing")
        print(f"The endpoint did not answer ({why}), and so {without} got no draft.")
    none = counts.unanswered and not counts.drafted + counts.refused
    return EXIT_ERROR if none or INTERRUPTED in counts.reasons else 0


def _check_numbers(options: argparse.Namespace) -> None:
    for name in ("similar", "shortest", "longest", "tries"):
        if getattr(options, name) < (0 if name in ("similar", "shortest") else 1):
            raise InputError(f"--{name}: expected a larger number, found {getattr(options, name)}")
    if not 0 < options.timeout <= _LONGEST_TIMEOUT:
        raise InputError(
            f"--timeout: expected up to {_LONGEST_TIMEOUT} seconds, found {options.timeout:g}"
        )
    if options.longest < options.shortest:
        raise InputError(
            f"--longest: expected at least --shortest {options.shortest}, found {options.longest}"
        )
    if options.language is not None and options.language not in LANGUAGES:
        raise InputError(
            f"--language: expected one of {', '.join(LANGUAGES)}, found {options.language!r}"
        )


def _check_columns(options: argparse.Namespace, file: "ListingFile") -> None:
    for option, name in (("--photos", options.photos), ("--bought", options.bought)):
        if name is not None and name not in file.columns:
            raise InputError(
                f"{option}: {file.path} has no column {name!r}{did_you_mean(name, file.columns)}"
            )
    for name in (DRAFT, REFUSED):
        if name in file.columns:
            raise InputError(f"{file.path}: expected no column {name!r}, which is written")


def _drafting(
    options: argparse.Namespace,
    file: "ListingFile",
    columns: "ListingColumns",
    taxonomy: "Taxonomy",
) -> "Drafting":
    """Who writes, what is checked, and where examples come from."""
    from models.attributes.config import AttributeConfig
    from models.attributes.inputs import ListingInputs, rarity_of
    from models.attributes.keys import Keys
    from models.attributes.model import AttributeModel
    from models.attributes.search import ValueSearch
    from pipeline.drafts.checks import DraftChecks
    from pipeline.drafts.drafting import Drafting
    from pipeline.drafts.endpoint import Endpoint
    from pipeline.drafts.similar import SimilarListings, described_listings
    from pipeline.drafts.writers import EmbeddedWriter, EndpointWriter

    config = AttributeConfig()
    keys = Keys(taxonomy, config.buckets)
    checks = DraftChecks(
        keys, options.shortest, options.longest, options.language, options.allow_unsupported
    )
    endpoint = options.endpoint and Endpoint(
        options.endpoint,
        options.endpoint_model,
        os.environ.get(options.key_variable, ""),
        timeout=options.timeout,
        tries=options.tries,
    )
    pool = described_listings(file.batches(), columns, taxonomy, options.bought)
    similar = None
    if pool is not None and options.similar:
        if options.model:
            model = AttributeModel.load(options.model)
        else:
            inputs = ListingInputs.of(pool, keys, config.match_buckets)
            model = AttributeModel.untrained(config, rarity_of(inputs, keys))
        similar = SimilarListings(ValueSearch(model, taxonomy), pool, options.similar)
    writer = EndpointWriter(endpoint, checks) if endpoint else EmbeddedWriter(checks)
    return Drafting(writer, checks, similar, taxonomy, columns, options.photos, options.everything)
