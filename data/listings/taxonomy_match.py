"""Whether listings and a taxonomy speak of the same attributes and categories."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping

import pyarrow as pa

from data.amounts import counted, listed
from data.errors import InputError
from data.listings.listings import as_texts
from data.listings.taxonomy import Taxonomy
from data.similar_names import did_you_mean


def told_columns(taxonomy: Taxonomy, columns: Collection[str]) -> list[str]:
    """Says which attributes of a taxonomy are no columns of the listings.

    Args:
        taxonomy: the attributes.
        columns: names of the listings' columns.

    Returns:
        A line for each that another column may be meant by, and one for all others together.
    """
    missing = [name for name in taxonomy.attributes if name not in columns]
    free = [name for name in columns if name not in taxonomy.attributes]
    hints = {name: did_you_mean(name, free) for name in missing}
    lines = [f"No listing has a column {name!r}{hint}" for name, hint in hints.items() if hint]
    others = [name for name, hint in hints.items() if not hint]
    if others:
        names = ", ".join(map(repr, others))
        lines.append(f"No listing has a column of {counted(len(others), 'attribute')}: {names}")
    return lines


def told_categories(taxonomy: Taxonomy, found: Mapping[str | None, int]) -> str | None:
    """Says which listings have no category of a taxonomy, and so nothing to fill.

    Args:
        taxonomy: the categories.
        found: the number of listings by category.

    Returns:
        One line; None where all have one.
    """
    unknown = Counter({name: found[name] for name in found if name not in taxonomy.categories})
    if not unknown:
        return None
    theirs = [
        "no category" if name is None else f"{name!r}{did_you_mean(name, taxonomy.categories)}"
        for name, _ in unknown.most_common()
    ]
    number = counted(sum(unknown.values()), "listing")
    return f"Nothing filled of {number} without a category of the taxonomy: {listed(theirs)}"


def check_categories(
    taxonomy: Taxonomy, batches: Iterable[pa.Table], column: str, path: str
) -> None:
    """Refuses listings of which none has a category of the taxonomy; reads as far as the first.

    Args:
        taxonomy: the categories.
        batches: the listings.
        column: the column with the category.
        path: their file, for the message.

    Raises:
        InputError: there are no listings, or none has such a category; it names those of both.
    """
    found: Counter[str | None] = Counter()
    for table in batches:
        found.update(as_texts(table[column], column).to_pylist())
        if not found.keys().isdisjoint(taxonomy.categories):
            return
    if not found:
        raise InputError(f"{path}: expected listings, found none")
    theirs = [
        f"{'no category' if name is None else name} ({count:,})"
        for name, count in found.most_common()
    ]
    raise InputError(
        f"{path}: expected listings of categories of the taxonomy, found none: taxonomy has "
        f"{listed(list(taxonomy.categories))}; listings have {listed(theirs)}"
    )
