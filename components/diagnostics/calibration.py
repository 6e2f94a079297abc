"""Calibration: predicted probabilities beside observed rates, in bins."""

import numpy as np

from components.diagnostics.results import Calibration, CalibrationBin, mean_over_lists
from components.evaluator.results import Estimate

BINS = 10


def calibrate(
    predicted: np.ndarray, labels: np.ndarray, weights: np.ndarray, list_of_item: np.ndarray
) -> Calibration:
    """Compares predicted probabilities with labels, in bins of about equally many items.

    Args:
        predicted: float [N], NaN where there is none.
        labels: float [N], NaN where unknown.
        weights: float [N], the weight of each item's list.
        list_of_item: int64 [N], ascending.

    Returns:
        The comparison. Items of equal prediction are never torn apart, so there may be fewer bins.
    """
    known = np.isfinite(labels) & (weights > 0)
    used = known & np.isfinite(predicted)
    without = int(np.count_nonzero(known & ~used))
    predicted, labels = predicted[used], labels[used]
    weights, lists = weights[used], list_of_item[used]
    if not len(predicted):
        return Calibration(items=0, without_prediction=without)
    cuts = np.unique(np.quantile(predicted, np.arange(1, BINS) / BINS))
    codes = np.searchsorted(cuts, predicted)
    bins = [
        _bin(predicted[inside], labels[inside], weights[inside], lists[inside])
        for inside in (codes == code for code in np.unique(codes))
    ]
    shares = np.bincount(codes, weights)[np.unique(codes)] / weights.sum()
    gaps = [abs(one.predicted - (one.observed.value or 0.0)) for one in bins]
    return Calibration(
        items=len(predicted),
        without_prediction=without,
        predicted=float(np.average(predicted, weights=weights)),
        observed=float(np.average(labels, weights=weights)),
        expected_error=float(np.dot(shares, gaps)),
        bins=tuple(bins),
    )


def _bin(
    predicted: np.ndarray, labels: np.ndarray, weights: np.ndarray, lists: np.ndarray
) -> CalibrationBin:
    observed = mean_over_lists(np.bincount(lists, labels * weights), np.bincount(lists, weights))
    return CalibrationBin(
        low=float(predicted.min()),
        high=float(predicted.max()),
        predicted=float(np.average(predicted, weights=weights)),
        observed=_as_rate(observed),
        items=len(predicted),
    )


def _as_rate(found: Estimate) -> Estimate:
    """The interval without what no rate can be."""
    if found.low is None or found.high is None:
        return found
    return found.model_copy(update={"low": max(0.0, found.low), "high": min(1.0, found.high)})
