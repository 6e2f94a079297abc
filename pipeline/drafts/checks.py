"""What a draft must hold before it is shown to anybody."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from data.listings.listings import Listings
from models.attributes.keys import Keys
from models.attributes.tokens import tokens_of
from pipeline.drafts.languages import language_of, script_of

# Endings of web addresses; not those that are common words, such as `it`.
_ENDS = "com|net|org|shop|io|info|app|biz|eu|uk|de|ch|fr|nl|pl|pt|ru|cn|jp|kr|br|tr"
_HELD = {
    "an e-mail address": re.compile(
        r"[\w.+-]+\s?(?:@|\(at\)|\[at\])\s?[\w-]+\s?(?:\.|\bdot\b|\(dot\)|\[dot\])\s?\w{2,}", re.I
    ),
    "a web address": re.compile(
        rf"https?://|www\.|\b[\w-]+\.(?:{_ENDS})\b|\b[\w-]+\.[a-z]{{2,}}/\w", re.I
    ),
    "a handle": re.compile(r"(?<![\w@])@\w{3,}"),
    "a messenger": re.compile(r"whats\s?app|telegram|wechat|微信|viber", re.I),
    "tags": re.compile(r"</?[a-z][^<>]*>", re.I),
    "characters that are no text": re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]"),
}
_TELEPHONE = re.compile(r"(?<!\w)\+?\(?\d[\d\s()/.-]{6,}\d(?!\w)")
_FEWEST_DIGITS = 8


@dataclass(frozen=True)
class DraftChecks:
    """What drafts are checked for.

    Attributes:
        keys: the taxonomy, whose values a draft may state only of its own listing.
        shortest: fewest characters.
        longest: most characters.
        language: the language, one of `LANGUAGES`; None takes that of the listing.
        unsupported: whether values may be stated that are not the listing's.
    """

    keys: Keys
    shortest: int = 40
    longest: int = 1000
    language: str | None = None
    unsupported: bool = False

    def faults(self, listings: Listings, drafts: Sequence[str]) -> list[list[str]]:
        """What is wrong with drafts.

        Args:
            listings: N listings.
            drafts: the N drafts.

        Returns:
            For each draft, what is wrong with it.
        """
        values = self.unsupported_values(listings, drafts)
        known = supported_texts(listings)
        found = []
        for draft, own, stated in zip(drafts, known, values, strict=True):
            faults = self._length(draft) + self._language(draft, own) + _held(draft, own)
            if stated and not self.unsupported:
                faults.append(f"states what the listing does not: {', '.join(stated)}")
            found.append(faults)
        return found

    def unsupported_values(self, listings: Listings, texts: Sequence[str]) -> list[list[str]]:
        """Values of the taxonomy that texts state and their listings do not.

        A value counts as the listing's where its title or one of its attributes says it.

        Args:
            listings: N listings.
            texts: a text of each.

        Returns:
            For each text, `attribute value` of each such value.
        """
        taxonomy = self.keys.taxonomy
        own = self._stated(listings, supported_texts(listings))
        stated = self._stated(listings, texts)
        found: list[list[str]] = [[] for _ in texts]
        for listing, value in sorted(stated - own):
            _, name = taxonomy.pairs[taxonomy.pair_of_value[value]]
            found[listing].append(f"{name} {taxonomy.texts[value]!r}")
        return found

    def coverage(self, listings: Listings, texts: Sequence[str]) -> float:
        """Share of the taxonomy's values that listings state which their texts state too.

        Args:
            listings: N listings.
            texts: a text of each.

        Returns:
            The share; NaN where the listings state nothing.
        """
        stated: list[list[str]] = [[] for _ in texts]
        for one in listings.stated.values():
            for listing, value in zip(one.listings, one.values, strict=True):
                stated[listing].append(value)
        own = self._stated(listings, [" ; ".join(values) for values in stated])
        said = self._stated(listings, texts)
        return len(own & said) / len(own) if own else float("nan")

    def phrase_faults(self, listings: Listings, phrases: Sequence[str]) -> list[list[str]]:
        """What is wrong with sentences that come from other listings.

        Args:
            listings: N listings.
            phrases: a sentence for each.

        Returns:
            For each sentence, the faults of a draft, its length aside, and numbers that the
            listing does not state.
        """
        values = self.unsupported_values(listings, phrases)
        found = []
        for phrase, own, stated in zip(phrases, supported_texts(listings), values, strict=True):
            numbers = set(re.findall(r"\d+", phrase)) - set(re.findall(r"\d+", own))
            faults = self._language(phrase, own) + _held(phrase, own)
            found.append([*faults, *stated, *sorted(numbers)])
        return found

    def _stated(self, listings: Listings, texts: Sequence[str]) -> set[tuple[int, int]]:
        finder = self.keys.finder
        place = {name: at for at, name in enumerate(finder.categories)}
        categories = np.array([place.get(name or "", -1) for name in listings.categories], np.int64)
        rows, values = finder.said(tokens_of([*texts, *[""] * len(texts)]), categories)
        return set(zip(rows.tolist(), values.tolist(), strict=True))

    def _length(self, draft: str) -> list[str]:
        if self.shortest <= len(draft) <= self.longest:
            return []
        return [f"expected {self.shortest} to {self.longest} characters, found {len(draft)}"]

    def _language(self, draft: str, own: str) -> list[str]:
        expected, found = self.language or language_of(own), language_of(draft)
        if expected and found and expected != found:
            return [f"expected the language {expected}, found {found}"]
        script, others = script_of(draft), script_of(own)
        if script and others and script != others:
            return [f"expected {others.lower()} letters, found {script.lower()} ones"]
        return []


def supported_texts(listings: Listings) -> list[str]:
    """For each listing, its title and all that its attributes state."""
    found = [[title or ""] for title in listings.titles]
    for stated in listings.stated.values():
        for listing, value in zip(stated.listings, stated.values, strict=True):
            found[listing].append(value)
    return ["; ".join(texts) for texts in found]


def _held(draft: str, own: str) -> list[str]:
    found = [name for name, pattern in _HELD.items() if pattern.search(draft)]
    known = re.sub(r"\D", "", own)
    for number in _TELEPHONE.findall(draft):
        digits = re.sub(r"\D", "", number)
        if len(digits) >= _FEWEST_DIGITS and digits not in known:
            found.append("a telephone number")
            break
    return [f"holds {name}" for name in found]
