"""Drafts descriptions for a table of listings, and checks each."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa

from data.listings.listings import ListingColumns, Listings, as_texts, listings_of
from data.listings.taxonomy import Taxonomy
from pipeline.drafts import DRAFT, REFUSED
from pipeline.drafts.checks import DraftChecks, supported_texts
from pipeline.drafts.endpoint import NoAnswerError
from pipeline.drafts.similar import SimilarListings
from pipeline.drafts.writers import ToDescribe, Writer


@dataclass
class DraftCounts:
    """How drafting went.

    Attributes:
        drafted: listings with a draft.
        refused: listings whose draft was refused.
        unanswered: listings for which the endpoint gave no text.
        reasons: why it gave none, in a few words each.
        described: listings that had a description.
        untitled: listings without title, attributes and photos, of which nothing can be written.
    """

    drafted: int = 0
    refused: int = 0
    unanswered: int = 0
    reasons: list[str] = field(default_factory=list)
    described: int = 0
    untitled: int = 0

    def no_answer(self, error: NoAnswerError) -> None:
        """Counts a listing for which the endpoint gave no text."""
        self.unanswered += 1
        if error.reason and error.reason not in self.reasons:
            self.reasons.append(error.reason)


@dataclass(frozen=True)
class Drafting:
    """Drafts descriptions.

    Attributes:
        writer: writes.
        checks: what drafts must hold.
        similar: finds examples; None where no listing has a description.
        taxonomy: the attributes.
        columns: what the columns of listings mean.
        photos: column of paths or addresses of photos; None for none.
        everything: whether listings that have a description get a draft as well.
        counts: what was done so far.
    """

    writer: Writer
    checks: DraftChecks
    similar: SimilarListings | None
    taxonomy: Taxonomy
    columns: ListingColumns
    photos: str | None
    everything: bool
    counts: DraftCounts = field(default_factory=DraftCounts)

    def draft(self, table: pa.Table) -> pa.Table:
        """Adds the columns `draft` and `draft_refused`, why there is none.

        Args:
            table: listings; no column is changed.

        Raises:
            InputError: the endpoint's address or key is wrong.
        """
        listings = listings_of(table, self.columns, self.taxonomy.attributes)
        photos = _photos(table, self.photos)
        described = np.array([bool((one or "").strip()) for one in listings.descriptions], bool)
        texts = supported_texts(listings)
        known = np.array(
            [bool(text.strip("; ") or some) for text, some in zip(texts, photos, strict=True)], bool
        )
        wanted = ~described | self.everything
        drafts = np.full(len(listings), None, object)
        refused = np.full(len(listings), None, object)
        refused[wanted & ~known] = "expected a title, attributes or photos, found none"
        for row, (draft, fault) in self._written(listings, photos, np.flatnonzero(wanted & known)):
            drafts[row], refused[row] = draft, fault
        self.counts.untitled += int((wanted & ~known).sum())
        self.counts.described += int(described.sum())
        table = table.append_column(DRAFT, pa.array(drafts, pa.string()))
        return table.append_column(REFUSED, pa.array(refused, pa.string()))

    def _written(
        self, listings: Listings, photos: list[list[str]], rows: np.ndarray
    ) -> Iterator[tuple[int, tuple[str | None, str | None]]]:
        """Drafts for some listings, or why there are none, counted."""
        some = listings.take(rows)
        examples = self.similar.descriptions(some) if self.similar else [[] for _ in rows]
        given = ToDescribe(some, [photos[row] for row in rows], examples)
        written = self.writer.write(given) if len(rows) else []
        texts = [one if isinstance(one, str) else "" for one in written]
        faults = self.checks.faults(some, texts)
        for row, text, answer, found in zip(rows, texts, written, faults, strict=True):
            if isinstance(answer, NoAnswerError):
                self.counts.no_answer(answer)
                yield row, (None, str(answer))
            elif found:
                self.counts.refused += 1
                yield row, (None, "; ".join(found))
            else:
                self.counts.drafted += 1
                yield row, (text, None)


def _photos(table: pa.Table, column: str | None) -> list[list[str]]:
    if column is None:
        return [[] for _ in range(table.num_rows)]
    texts = as_texts(table[column], column).to_pylist()
    found = [[text] if isinstance(text, str) else text or [] for text in texts]
    return [[one for one in photos if one] for photos in found]
