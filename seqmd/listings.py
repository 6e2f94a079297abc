"""Listings: attributes that sellers left empty, and drafts of descriptions."""

import json
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TypeAlias

import pandas as pd
import pyarrow as pa

from data.files import write_whole
from data.listings.files import ListingFile
from seqmd.logs import on_disk
from seqmd.runs import on_the_process_streams

# A file, or the rows themselves.
Listings: TypeAlias = str | Path | pd.DataFrame | pa.Table
# A JSON file, or the values by category and attribute.
Values: TypeAlias = str | Path | Mapping[str, Mapping[str, Sequence[str | float]]]


def fill_attributes(
    listings: Listings,
    taxonomy: Values,
    *,
    output: str | Path | None = None,
    model: str | Path | None = None,
    least_precision: float = 0.0,
    epochs: int | None = None,
    seed: int | None = None,
    left_out: float | None = None,
    encoder: str | None = None,
    category: str = "category",
    title: str = "title",
    description: str = "description",
    absent: Sequence[str] = ("n/a",),
) -> pd.DataFrame | pa.Table:
    """Fills attributes that listings leave empty, with values of a taxonomy.

    Args:
        listings: a file, a DataFrame or an Arrow table; one listing a row, an attribute a column.
        taxonomy: a JSON file, or the values by category and attribute.
        output: the file that is written as well, .csv, .parquet or .jsonl; none by default.
        model: folder that a model is loaded from, or trained and written to; it is not kept by
            default.
        least_precision: attributes are left empty that were filled with less precision on listings
            held out.
        epochs: passes over the listings, for a new model.
        seed: seed of its training.
        left_out: share of listings that have an attribute and do not state it, where none says that
            it is absent.
        encoder: name of a model of `sentence-transformers` whose vectors join the model's own.
        category: column with the category.
        title: column with the title.
        description: column with the description; it need not be there.
        absent: what an attribute says that a listing is known not to have.

    Returns:
        The listings in their order, with `A_score` and `A_filled` beside each attribute A. A table
        for a table, else a DataFrame.

    Raises:
        InputError: the listings or the taxonomy are not as expected, or nothing can be learnt.
        CommandFailedError: any other error.
    """
    words = _columns(category, title, description, absent)
    words += _given(model=model, epochs=epochs, seed=seed, left_out=left_out, encoder=encoder)
    words.append(f"--least-precision={least_precision}")
    return _written("fill-attributes", listings, taxonomy, output, words)


def draft(
    listings: Listings,
    taxonomy: Values,
    *,
    output: str | Path | None = None,
    model: str | Path | None = None,
    endpoint: str | None = None,
    endpoint_model: str | None = None,
    photos: str | None = None,
    bought: str | None = None,
    language: str | None = None,
    similar: int = 3,
    everything: bool = False,
    allow_unsupported: bool = False,
    category: str = "category",
    title: str = "title",
    description: str = "description",
    absent: Sequence[str] = ("n/a",),
) -> pd.DataFrame | pa.Table:
    """Drafts descriptions for listings without one; without `endpoint`, nothing is sent anywhere.

    Args:
        listings: as `fill_attributes` has it.
        taxonomy: as `fill_attributes` has it.
        output: as `fill_attributes` has it.
        model: folder of a model of `fill_attributes`, which finds similar listings; they are found
            by words by default.
        endpoint: address of an OpenAI-compatible endpoint, such as `https://host/v1`; its key is
            read from the environment, see docs/attributes.md.
        endpoint_model: name of the model there.
        photos: column of paths or addresses of photos, passed on.
        bought: column that says which listings were bought, whose descriptions are the examples.
        language: of the drafts, such as `de`; that of the listing's title by default.
        similar: how many similar listings are examples.
        everything: whether listings that have a description get a draft as well.
        allow_unsupported: whether drafts are taken that state values which are not the listing's.
        category: as `fill_attributes` has it.
        title: as `fill_attributes` has it.
        description: as `fill_attributes` has it.
        absent: as `fill_attributes` has it.

    Returns:
        The listings in their order, with `draft`, and `draft_refused`, why one was refused. A table
        for a table, else a DataFrame.

    Raises:
        InputError: the listings, the taxonomy or the endpoint are not as expected.
        CommandFailedError: any other error.
    """
    words = _columns(category, title, description, absent)
    words += _given(
        model=model,
        endpoint=endpoint,
        endpoint_model=endpoint_model,
        photos=photos,
        bought=bought,
        language=language,
        similar=similar,
    )
    words += ["--everything"] if everything else []
    words += ["--allow-unsupported"] if allow_unsupported else []
    return _written("draft", listings, taxonomy, output, words)


def _columns(category: str, title: str, description: str, absent: Sequence[str]) -> list[str]:
    words = [f"--category={category}", f"--title={title}", f"--description={description}"]
    return [*words, "--absent", *absent]


def _given(**options: object) -> list[str]:
    """Options that are given, as words."""
    return [
        f"--{name.replace('_', '-')}={value}"
        for name, value in options.items()
        if value is not None
    ]


def _written(
    name: str,
    listings: Listings,
    taxonomy: Values,
    output: str | Path | None,
    words: Sequence[str],
) -> pd.DataFrame | pa.Table:
    """Calls a command on files, and reads what it wrote."""
    with tempfile.TemporaryDirectory(prefix="seqmd-") as folder:
        (path,) = on_disk(listings, Path(folder))
        if isinstance(taxonomy, Mapping):
            values = f"{folder}/taxonomy.json"
            write_whole(values, json.dumps(taxonomy, ensure_ascii=False))
        else:
            values = str(taxonomy)
        target = str(output) if output is not None else f"{folder}/written.parquet"
        files = [f"--listings={path}", f"--taxonomy={values}", f"--output={target}"]
        on_the_process_streams([name, *files, *words])
        table = pa.concat_tables(ListingFile(target).batches())
    return table if isinstance(listings, pa.Table) else table.to_pandas()
