"""What the commands about listings read and write: a taxonomy, listings, and a file of results."""

import argparse
from pathlib import Path
from typing import NamedTuple

from data.errors import InputError
from data.listings.files import ListingFile, check_kinds, check_written
from data.listings.listings import ListingColumns
from data.listings.taxonomy import Taxonomy, read_taxonomy
from pipeline.config import absolute


class ListingInputs(NamedTuple):
    """Listings, and the taxonomy of their attributes.

    Attributes:
        taxonomy: categories, attributes and values.
        file: the listings.
        columns: what the listings' columns are.
    """

    taxonomy: Taxonomy
    file: ListingFile
    columns: ListingColumns


def checked_output(options: argparse.Namespace) -> Path:
    """The file that is to be written.

    Args:
        options: the command line, with `add_listings`' options.

    Raises:
        InputError: it cannot be written, or is an input.
    """
    output = Path(options.output)
    check_written("--output", output)
    if absolute(options.output) in map(absolute, (options.listings, options.taxonomy)):
        raise InputError(f"--output: expected a file that is not an input, found {output}")
    return output


def read_inputs(options: argparse.Namespace) -> ListingInputs:
    """Reads the taxonomy and opens the listings.

    Args:
        options: the command line, with `add_listings`' options.

    Raises:
        InputError: a file is not as expected, the listings lack a column, or the output has no
            place for what they hold.
    """
    taxonomy = read_taxonomy(options.taxonomy)
    file = ListingFile(options.listings)
    absent = tuple(options.absent)
    columns = ListingColumns(options.category, options.title, options.description, absent)
    columns.check(file.columns, file.path)
    check_kinds("--output", Path(options.output), file)
    return ListingInputs(taxonomy, file, columns)
