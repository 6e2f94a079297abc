"""The curves of one panel of the picture: shares of a feature's values in each region."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from components.region_split.coding import list_places, numbers, rank_categories
from components.region_split.sample import Sample
from data.feature import Feature

BINS = 30
MOST_CATEGORIES = 10
MOST_LETTERS = 12


@dataclass(frozen=True)
class Curves:
    """What a panel shows.

    Attributes:
        shares: float [K] by region.
        edges: float [K + 1], edges of the bins of numbers; empty for separate values.
        labels: K separate values; None for bins.
        unit: what the horizontal axis shows.
        share_of: what the vertical axis shows.
    """

    shares: dict[str, np.ndarray]
    edges: np.ndarray
    labels: list[str] | None
    unit: str
    share_of: str


def feature_curves(
    feature: Feature, component: int | None, sample: Sample, most_regions: int
) -> Curves:
    """Shares of a feature's values in the largest regions.

    Args:
        feature: the feature.
        component: which number of a vector, from 0; None for other features.
        sample: the lists.
        most_regions: regions that are shown.

    Returns:
        The curves. Missing values are left out of numbers, and a value of their own in categories.
    """
    column = sample.columns.column(feature.name)
    region = sample.region_of_list[list_places(column, feature.length or 1)]
    names = list(sample.regions)[:most_regions]
    if feature.is_text:
        codes, edges, labels = _text_bins(column)
    else:
        codes, edges, labels = _bins(numbers(column, feature)[:, component or 0])
    width = len(labels) if labels is not None else len(edges) - 1
    shares = {}
    for place, name in enumerate(names):
        counts = np.bincount(codes[(region == place) & (codes >= 0)], minlength=width)
        shares[name] = counts / max(1, counts.sum())
    share_of = "share of lists" if feature.scope == "context" else "share of items"
    return Curves(shares, edges, labels, _unit(feature, component), share_of)


def _unit(feature: Feature, component: int | None) -> str:
    if feature.is_text:
        return "value, the most frequent first"
    if component is not None:
        return f"number {component + 1} of {feature.length}"
    return "value, as sign(x) log(1 + |x|)" if feature.log else "value"


def _text_bins(column: pa.Array) -> tuple[np.ndarray, np.ndarray, list[str] | None]:
    ranks, names = rank_categories(column)
    shown = [name.decode(errors="replace") for name in names[:MOST_CATEGORIES]]
    labels = [
        name if len(name) <= MOST_LETTERS else f"{name[: MOST_LETTERS - 1]}…" for name in shown
    ]
    others = len(names) > MOST_CATEGORIES
    codes = np.where(ranks < 0, len(labels) + others, np.minimum(ranks, MOST_CATEGORIES))
    return codes, np.empty(0), [*labels, *(["others"] if others else []), "(missing)"]


def _bins(values: np.ndarray) -> tuple[np.ndarray, np.ndarray, list[str] | None]:
    """Separate values where there are few, else bins between the 1st and the 99th percentile."""
    distinct = np.unique(values[~np.isnan(values)])
    if len(distinct) <= MOST_CATEGORIES:
        codes = np.where(np.isnan(values), -1, np.searchsorted(distinct, values))
        return codes, np.empty(0), [f"{value:g}" for value in distinct]
    low, high = np.nanquantile(values, [0.01, 0.99])
    edges = np.linspace(low, high if high > low else low + 1, BINS + 1)
    codes = np.clip(np.searchsorted(edges, values, side="right") - 1, -1, BINS)
    return np.where(codes == BINS, -1, codes), edges, None
