"""Who writes drafts: a model behind an endpoint, or a writer that needs none."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from data.listings.listings import Listings
from pipeline.drafts.checks import DraftChecks
from pipeline.drafts.endpoint import Endpoint, NoAnswerError

_SENTENCE = re.compile(r"(?<=[.!?])\s+|(?<=[\u3002\uff01\uff1f])")
_INSTRUCTIONS = (
    "You write the description of a product for its listing in a shop. Write {shortest} to "
    "{longest} characters of plain text{language}. State the given attributes and no others; "
    "invent no facts, numbers or names. No contact data, no links, no headings. The examples are "
    "other products: take their style, not their facts."
)


@dataclass(frozen=True)
class ToDescribe:
    """Listings to describe, with what is known of each.

    Attributes:
        listings: N listings.
        photos: paths or addresses of the photos of each.
        examples: descriptions of listings like each.
    """

    listings: Listings
    photos: list[list[str]]
    examples: list[list[str]]


class Writer(Protocol):
    """Writes drafts."""

    def write(self, given: ToDescribe) -> list[str | NoAnswerError]:
        """A draft for each listing, or why there is none."""
        ...


@dataclass(frozen=True)
class EndpointWriter:
    """Asks an endpoint, listing by listing.

    Attributes:
        endpoint: what is asked.
        checks: what drafts must hold, which it is told.
    """

    endpoint: Endpoint
    checks: DraftChecks

    def write(self, given: ToDescribe) -> list[str | NoAnswerError]:
        """See `Writer`.

        Raises:
            InputError: the endpoint's address or key is wrong.
        """
        return [self._draft(messages) for messages in self.messages(given)]

    def _draft(self, messages: Sequence[dict[str, Any]]) -> str | NoAnswerError:
        try:
            return self.endpoint.ask(messages)
        except NoAnswerError as error:
            return error

    def messages(self, given: ToDescribe) -> list[list[dict[str, Any]]]:
        """What is sent for each listing: its title, attributes and photos, and the examples."""
        checks = self.checks
        language = f", in the language {checks.language}" if checks.language else ""
        instructions = _INSTRUCTIONS.format(
            shortest=checks.shortest, longest=checks.longest, language=language
        )
        system = {"role": "system", "content": instructions}
        found: list[list[dict[str, Any]]] = []
        for at, facts in enumerate(attribute_lines(given.listings)):
            lines = [f"Title: {given.listings.titles[at] or ''}"]
            lines += [f"Category: {given.listings.categories[at] or ''}", *facts]
            lines += [f"Example: {text}" for text in given.examples[at]]
            parts: list[dict[str, Any]] = [{"type": "text", "text": "\n".join(lines)}]
            parts += [{"type": "image_url", "image_url": {"url": url}} for url in given.photos[at]]
            content = parts if given.photos[at] else parts[0]["text"]
            found.append([system, {"role": "user", "content": content}])
        return found


@dataclass(frozen=True)
class EmbeddedWriter:
    """Composes a draft from title, attributes, and sentences of similar listings.

    A sentence is taken where it would pass the checks by itself, its length aside: it states no
    value, and no number, that the listing does not state.

    Attributes:
        checks: what drafts must hold.
        sentences: sentences at most that are taken.
    """

    checks: DraftChecks
    sentences: int = 2

    def write(self, given: ToDescribe) -> list[str | NoAnswerError]:
        """See `Writer`."""
        phrases = self._phrases(given)
        drafts: list[str | NoAnswerError] = []
        for at, facts in enumerate(attribute_lines(given.listings)):
            parts = [(given.listings.titles[at] or "").strip().rstrip(".") + "."]
            parts += [f"{fact}." for fact in facts]
            for phrase in phrases[at][: self.sentences]:
                if len(" ".join([*parts, phrase])) <= self.checks.longest:
                    parts.append(phrase)
            drafts.append(" ".join(part for part in parts if part != "."))
        return drafts

    def _phrases(self, given: ToDescribe) -> list[list[str]]:
        """The sentences that each listing may take over."""
        places, texts = [], []
        for at, examples in enumerate(given.examples):
            sentences = (one for text in examples for one in _SENTENCE.split(text))
            for sentence in dict.fromkeys(sentences):
                places.append(at)
                texts.append(sentence.strip())
        repeated = given.listings.repeat(places)
        found: list[list[str]] = [[] for _ in given.examples]
        faults = self.checks.phrase_faults(repeated, texts)
        for at, text, wrong in zip(places, texts, faults, strict=True):
            if text and not wrong:
                found[at].append(text)
        return found


def attribute_lines(listings: Listings) -> list[list[str]]:
    """For each listing, `attribute: values` of all that it states."""
    found: list[list[str]] = [[] for _ in range(len(listings))]
    for name, stated in listings.stated.items():
        values: dict[int, list[str]] = {}
        for listing, value in zip(stated.listings.tolist(), stated.values, strict=True):
            values.setdefault(listing, []).append(value)
        for listing, texts in values.items():
            found[listing].append(f"{name}: {', '.join(texts)}")
    return found
