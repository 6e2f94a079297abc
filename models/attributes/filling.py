"""Fills the attributes that listings leave empty: a value, its score and a mark beside each."""

from collections import Counter
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa

from data.errors import InputError
from data.listings.files import ListingFile, listing_writer
from data.listings.listings import ListingColumns, Stated, as_texts, listings_of
from data.listings.taxonomy import Taxonomy
from models.attributes.search import ValueSearch

SCORE, FILLED = "_score", "_filled"


@dataclass
class Coverage:
    """How many listings have an attribute.

    Attributes:
        asked: listings whose category has it.
        stated: those that stated a value.
        absent: those that said outright that they have none.
        filled: those that got a value.
    """

    asked: int = 0
    stated: int = 0
    absent: int = 0
    filled: int = 0

    @property
    def before(self) -> float:
        """Share that stated a value."""
        return self.stated / self.asked if self.asked else float("nan")

    @property
    def after(self) -> float:
        """Share that stated a value or got one; those that have none are in neither."""
        return (self.stated + self.filled) / self.asked if self.asked else float("nan")


@dataclass(frozen=True)
class AttributeFiller:
    """Fills tables of listings, batch by batch.

    Attributes:
        search: finds values.
        columns: what the columns mean.
        withheld: attributes that are left as they are.
        coverage: by attribute, what was found so far.
        categories: the number of listings by category, so far.
    """

    search: ValueSearch
    columns: ListingColumns
    withheld: frozenset[str] = frozenset()
    coverage: dict[str, Coverage] = field(default_factory=dict)
    categories: Counter[str | None] = field(default_factory=Counter)

    def fill(self, table: pa.Table) -> pa.Table:
        """Fills a table.

        What is stated, or said to be absent, stays. A column of an attribute becomes one of
        texts, or of lists of texts where it held lists.

        Args:
            table: listings.

        Returns:
            The rows in their order, all columns in theirs; beside each attribute A a column
            `A_score`, the probability of the value that was filled in among the null key and all
            values, and `A_filled`, whether it was. Attributes without a column come last.
        """
        taxonomy = self.search.taxonomy
        listings = listings_of(table, self.columns, taxonomy.attributes)
        self.categories.update(listings.categories)
        answers = self.search.answers(listings)
        done: dict[str, list[pa.Array]] = {}
        for name, answer in answers.items():
            stated = listings.stated[name]
            found = np.array([value is not None for value in answer.values], bool)
            filled = stated.empty & found & (name not in self.withheld)
            self._count(name, ~np.isnan(answer.scores), stated, filled)
            done[name] = [
                _with_values(table, name, answer.values, filled),
                pa.array(answer.scores, mask=~filled),
                pa.array(filled),
            ]
        return _beside(table, done)

    def _count(self, name: str, asked: np.ndarray, stated: Stated, filled: np.ndarray) -> None:
        count = self.coverage.setdefault(name, Coverage())
        count.asked += int(asked.sum())
        count.stated += int((asked & ~stated.empty & ~stated.absent).sum())
        count.absent += int((asked & stated.absent).sum())
        count.filled += int(filled.sum())


def check_names(
    names: Collection[str], taxonomy: Taxonomy, columns: ListingColumns, path: str
) -> None:
    """Refuses columns and attributes that would be taken for one another.

    Args:
        names: of the listings' columns.
        taxonomy: the attributes.
        columns: what the other columns mean.
        path: the listings' file, for the message.

    Raises:
        InputError: names the columns.
    """
    taken = {*names, *taxonomy.attributes}
    own = [name + end for name in taxonomy.attributes for end in (SCORE, FILLED)]
    found = [name for name in own if name in taken]
    if found:
        raise InputError(
            f"{path}: expected no columns and no attributes of the names that are written, found "
            f"{', '.join(found)}"
        )
    texts = (columns.category, columns.title, columns.description)
    both = [name for name in texts if name in taxonomy.attributes]
    if both:
        raise InputError(
            f"{path}: expected category, title and description in columns that are no attributes "
            f"of the taxonomy, found {', '.join(both)}"
        )


def _with_values(table: pa.Table, name: str, values: np.ndarray, filled: np.ndarray) -> pa.Array:
    """The attribute's column with values where they are filled in."""
    if name not in table.column_names:
        return pa.array(values, pa.string(), mask=~filled)
    texts = as_texts(table[name], name)
    new = [[value] for value in values] if pa.types.is_list(texts.type) else values
    both = pa.concat_arrays([texts, pa.array(list(new), texts.type)])
    count = len(filled)
    return both.take(pa.array(np.arange(count) + count * filled))


def _beside(table: pa.Table, done: Mapping[str, list[pa.Array]]) -> pa.Table:
    """The table with the three columns of each attribute in the attribute's place."""
    names, arrays = [], []
    for name in [*table.column_names, *(name for name in done if name not in table.column_names)]:
        if name not in done:
            names.append(name)
            arrays.append(table[name])
            continue
        names += [name, name + SCORE, name + FILLED]
        arrays += done[name]
    return pa.table(arrays, names=names)


def fill_file(
    file: ListingFile, filler: AttributeFiller, output: str, told: Callable[[int], None]
) -> int:
    """Fills a file in batches.

    Args:
        file: listings.
        filler: fills them.
        output: the file that is written, whole or not at all.
        told: is told the number of rows that are done, after each batch.

    Returns:
        The number of rows.
    """
    done = 0
    with listing_writer(output) as write:
        for table in file.batches():
            write(filler.fill(table))
            done += table.num_rows
            told(done)
    return done
