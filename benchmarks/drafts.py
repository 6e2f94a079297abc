"""What the embedded writer of drafts makes of offers of WDC-PAVE.

    python -m benchmarks.drafts --offers train_large.jsonl --taxonomy taxonomy.json

Every offer gets a draft from its title, its attributes and the descriptions of others like it, and,
to compare, from title and attributes alone; its own description is what both are compared with.
"""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks.attributes import read_offers
from benchmarks.command import run_command
from data.listings.taxonomy import read_taxonomy


@dataclass(frozen=True)
class DraftMeasures:
    """How good drafts are.

    Attributes:
        rouge_l: mean ROUGE-L F1 against real descriptions.
        coverage: share of the listings' attribute values that drafts state.
        unsupported: values of the taxonomy a draft that are not the listing's.
        refused: share of drafts that the checks refuse.
    """

    rouge_l: float
    coverage: float
    unsupported: float
    refused: float


def main() -> None:
    """Prints a line a writer."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.drafts", description=__doc__)
    parser.add_argument("--offers", required=True, metavar="FILE")
    parser.add_argument("--taxonomy", required=True, metavar="FILE")
    options = parser.parse_args()
    from models.attributes.config import AttributeConfig
    from models.attributes.inputs import ListingInputs, rarity_of
    from models.attributes.keys import Keys
    from models.attributes.model import AttributeModel
    from models.attributes.search import ValueSearch
    from pipeline.drafts.checks import DraftChecks
    from pipeline.drafts.similar import SimilarListings
    from pipeline.drafts.writers import EmbeddedWriter, ToDescribe

    taxonomy = read_taxonomy(options.taxonomy)
    offers, _ = read_offers(options.offers, taxonomy)
    described = [at for at, text in enumerate(offers.descriptions) if text]
    offers = offers.take(np.array(described))
    config = AttributeConfig()
    keys = Keys(taxonomy, config.buckets)
    inputs = ListingInputs.of(offers, keys, config.match_buckets)
    model = AttributeModel.untrained(config, rarity_of(inputs, keys))
    similar = SimilarListings(ValueSearch(model, taxonomy), offers)
    checks = DraftChecks(keys)
    nothing: list[list[str]] = [[] for _ in described]
    given = ToDescribe(offers, nothing, similar.descriptions(offers))
    real = [text or "" for text in offers.descriptions]
    for name, sentences in (("attributes alone", 0), ("with similar listings", 2)):
        drafts = [str(one) for one in EmbeddedWriter(checks, sentences).write(given)]
        found = checks.unsupported_values(offers, drafts)
        measures = DraftMeasures(
            rouge_l=float(np.mean([rouge_l(*pair) for pair in zip(drafts, real, strict=True)])),
            coverage=checks.coverage(offers, drafts),
            unsupported=sum(map(len, found)) / len(drafts),
            refused=float(np.mean([bool(one) for one in checks.faults(offers, drafts)])),
        )
        print(
            f"{name}: ROUGE-L {100 * measures.rouge_l:.1f}, values stated "
            f"{100 * measures.coverage:.1f}%, unsupported values {measures.unsupported:.3f} a "
            f"draft, refused {100 * measures.refused:.1f}%, {len(drafts):,} drafts",
            flush=True,
        )


def rouge_l(draft: str, real: str) -> float:
    """F1 of the longest common subsequence of words (Lin 2004), 0 where a text has no words.

    Args:
        draft: the text that is judged.
        real: what it is compared with.
    """
    one, other = draft.casefold().split(), real.casefold().split()
    if not one or not other:
        return 0.0
    return 2 * common_subsequence(one, other) / (len(one) + len(other))


def common_subsequence(one: Sequence[str], other: Sequence[str]) -> int:
    """Length of the longest common subsequence, by bits of whole rows (Hyyrö 2004).

    Args:
        one: words.
        other: words.
    """
    places: dict[str, int] = {}
    for at, word in enumerate(one):
        places[word] = places.get(word, 0) | 1 << at
    full = (1 << len(one)) - 1
    row = full
    for word in other:
        matches = row & places.get(word, 0)
        row = ((row + matches) | (row - matches)) & full
    return len(one) - row.bit_count()


if __name__ == "__main__":
    run_command(main)
