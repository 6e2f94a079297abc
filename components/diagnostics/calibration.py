"""Calibration: predicted probabilities beside observed rates, in bins and by region."""

from collections.abc import Mapping

import numpy as np

from components.diagnostics.drawn_lists import DrawnLists
from components.diagnostics.results import (
    Calibration,
    CalibrationBin,
    RegionCalibration,
    mean_over_lists,
)
from components.evaluator.results import Estimate
from data.artifacts.calibration import Calibration as ServedCalibration

BINS = 10
# Positives that a region has at least: with fewer, the interval says nothing.
FEWEST_POSITIVES = 30

# Probabilities of the N drawn items, float [N], NaN where there is none, by task.
Probabilities = Mapping[str, np.ndarray]


def compare(probabilities: Probabilities, sample: DrawnLists) -> dict[str, Calibration]:
    """Compares predicted probabilities with labels, task by task.

    Args:
        probabilities: by task.
        sample: the lists.

    Returns:
        By task.
    """
    weights = sample.labelled.weights[sample.list_of_item]
    labels = sample.labelled.labels
    return {
        task: calibrate(predicted, labels[task], weights, sample.list_of_item)
        for task, predicted in probabilities.items()
    }


def uncalibrated(
    probabilities: Probabilities, sample: DrawnLists, calibration: ServedCalibration | None
) -> dict[str, np.ndarray]:
    """What the network said before it was calibrated.

    Args:
        probabilities: what was served, by task.
        sample: the lists.
        calibration: the model's.

    Returns:
        By task; nothing where there is no calibration.
    """
    if calibration is None:
        return {}
    features = [shifts.feature for shifts in calibration.shifts.values()]
    places = {
        name: np.array([_text(value) for value in sample.context[name].to_pylist()], object)[
            sample.list_of_item
        ].tolist()
        for name in features
    }
    return {
        task: calibration.undone(task, predicted, places)
        for task, predicted in probabilities.items()
    }


def compare_by_region(
    probabilities: Probabilities, before: Probabilities, sample: DrawnLists
) -> dict[str, dict[str, RegionCalibration]]:
    """Mean prediction / mean label of each task in each region.

    Args:
        probabilities: what was served, by task.
        before: what the network said, by task; may be empty.
        sample: the lists.

    Returns:
        By region, in order, and task, as far as there are enough positives; empty with one region.
    """
    regions = sorted(set(sample.regions.tolist()))
    if len(regions) < 2:
        return {}
    of_item = sample.regions[sample.list_of_item]
    found: dict[str, dict[str, RegionCalibration]] = {}
    for region in regions:
        for task, predicted in probabilities.items():
            labels = sample.labelled.labels[task]
            inside = (of_item == region) & np.isfinite(labels) & np.isfinite(predicted)
            positives = int(np.count_nonzero(labels[inside] > 0))
            if positives >= FEWEST_POSITIVES:
                said = _pcoc(before[task], labels, inside, sample) if task in before else None
                found.setdefault(region.decode(), {})[task] = RegionCalibration(
                    positives=positives,
                    pcoc=_pcoc(predicted, labels, inside, sample),
                    before=said,
                )
    return found


def _pcoc(
    predicted: np.ndarray, labels: np.ndarray, inside: np.ndarray, sample: DrawnLists
) -> Estimate:
    lists = sample.list_of_item[inside]
    weights = sample.labelled.weights[lists]
    return mean_over_lists(
        np.bincount(lists, predicted[inside] * weights),
        np.bincount(lists, labels[inside] * weights),
    )


def _text(value: bytes | str | None) -> str:
    return value.decode(errors="replace") if isinstance(value, bytes) else value or ""


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
