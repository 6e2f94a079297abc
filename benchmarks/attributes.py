"""How well attribute values are filled: cross-validation on offers of WDC-PAVE.

    python -m benchmarks.attributes --offers train_large.jsonl --taxonomy taxonomy.json

The files are those of WDC-PAVE in the repository of TACLR (arXiv 2501.03835); its taxonomy holds
the values of the test part too. Folds keep the offers of a cluster, one product, together. The
command also times the filling, and looks for values that the training never saw.
"""

import argparse
import json
import time
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from benchmarks.command import run_command
from data.errors import InputError
from data.listings.listings import ListingColumns, Listings, Stated, listings_of
from data.listings.taxonomy import Taxonomy, read_taxonomy

if TYPE_CHECKING:
    from models.attributes.measures import Counts

_SIZES = ("Width", "Height", "Depth", "Length")


def main() -> None:
    """Prints F1, precision and recall over all folds, and listings a second."""
    options = _options()
    from models.attributes.config import AttributeConfig
    from models.attributes.measures import Counts, counts_of, total
    from models.attributes.search import ValueSearch
    from models.attributes.training import train

    taxonomy = read_taxonomy(options.taxonomy)
    listings, clusters = read_offers(options.offers, taxonomy)
    fold_of = folds(clusters, options.folds, options.split_seed)
    for seed in options.seeds:
        found: dict[tuple[str, str], Counts] = {}
        unseen = Counts()
        for fold in range(options.folds)[: options.only]:
            inside = listings.take(np.flatnonzero(fold_of != fold))
            outside = listings.take(np.flatnonzero(fold_of == fold))
            started = time.perf_counter()
            config = AttributeConfig(seed=seed, **dict(options.set))
            model = train(inside, taxonomy, config)
            trained = time.perf_counter()
            answers = ValueSearch(model, taxonomy).answers(outside)
            counts = counts_of(outside, answers)
            new = counts_of(_unseen(outside, inside), answers)
            unseen += total(new)
            for pair, count in counts.items():
                found[pair] = found.get(pair, Counts()) + count
            print(
                f"seed {seed}, fold {fold}: {_line(total(counts))}; trained in "
                f"{trained - started:.0f} s",
                flush=True,
            )
        if options.by_attribute:
            for (category, name), count in sorted(found.items()):
                print(f"  {category}, {name}: {_line(count)}")
        others = {pair: count for pair, count in found.items() if pair[1] not in _SIZES}
        print(f"seed {seed}: {_line(total(found))}")
        print(f"  without {', '.join(_SIZES)}: {_line(total(others))}")
        print(f"  values that no listing of the training states: recall {100 * unseen.recall:.1f}")
    many = listings.take(np.arange(len(listings)))
    search = ValueSearch(model, taxonomy)
    search.answers(many)
    started = time.perf_counter()
    search.answers(many)
    print(f"{len(many) / (time.perf_counter() - started):,.0f} listings a second")


def read_offers(path: str, taxonomy: Taxonomy) -> tuple[Listings, np.ndarray]:
    """Offers of WDC-PAVE as listings.

    Args:
        path: JSON lines with `category`, `input_title`, `input_description`, `cluster_id` and
            `target_scores`, by attribute the values that are right.
        taxonomy: the values.

    Returns:
        The listings, and the cluster of each.

    Raises:
        InputError: the file is not of this form.
    """
    try:
        lines = Path(path).read_text(encoding="utf-8").splitlines()
        offers = [json.loads(line) for line in lines]
        columns: dict[str, list] = {
            "category": [offer["category"] for offer in offers],
            "title": [offer["input_title"] for offer in offers],
            "description": [offer["input_description"] for offer in offers],
        }
        clusters = np.array([str(offer["cluster_id"]) for offer in offers])
        stated = [offer["target_scores"] for offer in offers]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(f"{path}: expected offers of WDC-PAVE as JSON lines: {error!r}") from error
    for name in taxonomy.attributes:
        columns[name] = [list(values[name]) if name in values else None for values in stated]
    return listings_of(pa.table(columns), ListingColumns(), taxonomy.attributes), clusters


def folds(clusters: np.ndarray, count: int, seed: int) -> np.ndarray:
    """int64 [N], the fold of each offer; those of one cluster are in one fold.

    Args:
        clusters: the cluster of each.
        count: number of folds.
        seed: seed of the draw.
    """
    distinct, place = np.unique(clusters, return_inverse=True)
    drawn = np.random.default_rng(seed).permutation(len(distinct)) % count
    return drawn[place.reshape(-1)]


def _unseen(outside: Listings, inside: Listings) -> Listings:
    """Listings with those values alone that no other ones state."""
    stated = {}
    for name, one in outside.stated.items():
        seen = set(inside.stated[name].values)
        new = [at for at, value in enumerate(one.values) if value not in seen]
        none = np.zeros(len(outside), bool)
        values = [one.values[at] for at in new]
        stated[name] = Stated(one.listings[new], values, none, ~none)
    return Listings(outside.categories, outside.titles, outside.descriptions, stated)


def _line(count: "Counts") -> str:
    return (
        f"F1 {100 * count.f1:.1f}, precision {100 * count.precision:.1f}, "
        f"recall {100 * count.recall:.1f}, {count.listings:,} answers"
    )


def _setting(text: str) -> tuple[str, str]:
    name, _, value = text.partition("=")
    return name, value


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.attributes", description=__doc__)
    parser.add_argument("--offers", required=True, metavar="FILE")
    parser.add_argument("--taxonomy", required=True, metavar="FILE")
    parser.add_argument("--folds", type=int, default=5, metavar="N")
    parser.add_argument("--only", type=int, metavar="N", help="of these, the first alone")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0], metavar="N")
    parser.add_argument("--split-seed", type=int, default=0, metavar="N")
    parser.add_argument(
        "--set", type=_setting, nargs="*", default=[], metavar="NAME=VALUE", help="of the training"
    )
    parser.add_argument("--by-attribute", action="store_true", help="print each attribute as well")
    return parser.parse_args()


if __name__ == "__main__":
    run_command(main)
