"""How many of the first items of a list are domestic, by region."""

import numpy as np

from components.diagnostics.drawn_lists import DrawnLists
from components.diagnostics.results import DomesticShare, mean_over_lists
from data.metrics.ranked import item_ranks

FIRST = 10


def domestic_shares(
    sample: DrawnLists, scores: np.ndarray, first: int = FIRST
) -> dict[str, DomesticShare] | None:
    """The share of domestic items at the top of rankings, beside what was offered and acted on.

    Args:
        sample: the lists.
        scores: float [N], of the items; those that are NaN rank last.
        first: how many items of a list are its first.

    Returns:
        The shares by region, in the order of their names; None where the dataset does not say
        which items are domestic. Lists with an item of which it is unknown are left out.
    """
    if sample.domestic is None:
        return None
    unknown = sample.labelled.list_sums(np.isnan(sample.domestic)) > 0
    ranked = _ranks(scores, sample.list_of_item) <= first
    positions = sample.labelled.positions
    shown = None if positions is None else _ranks(-positions, sample.list_of_item) <= first
    domestic = np.nan_to_num(sample.domestic)
    shares = {}
    for region in np.unique(sample.regions[~unknown]).tolist():
        inside = ((sample.regions == region) & ~unknown)[sample.list_of_item]
        shares[region.decode(errors="replace")] = _share(sample, domestic, inside, ranked, shown)
    return shares


def _share(
    sample: DrawnLists,
    domestic: np.ndarray,
    inside: np.ndarray,
    ranked: np.ndarray,
    shown: np.ndarray | None,
) -> DomesticShare:
    lists = sample.labelled
    first = inside & ranked
    labels = {task: np.nan_to_num(values) > 0 for task, values in lists.labels.items()}
    return DomesticShare(
        lists=len(np.unique(sample.list_of_item[inside])),
        ranked_first=mean_over_lists(lists.list_sums(domestic * first), lists.list_sums(first)),
        shown_first=None if shown is None else _mean(domestic, inside & shown),
        offered=_mean(domestic, inside),
        acted_on={task: _mean(domestic, inside & acted) for task, acted in labels.items()},
    )


def _mean(values: np.ndarray, chosen: np.ndarray) -> float | None:
    return float(values[chosen].mean()) if chosen.any() else None


def _ranks(scores: np.ndarray, list_of_item: np.ndarray) -> np.ndarray:
    """Int [N], the rank of each item in its list; those that are NaN come last."""
    return item_ranks(np.nan_to_num(scores, nan=-np.inf), list_of_item)
