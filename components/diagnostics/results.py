"""diagnostics.json: calibration, importance, share of domestic items, counterfactual gain."""

from typing import Literal

import numpy as np

from components.evaluator.results import Estimate
from data.artifacts.result_file import ResultFile
from data.artifacts.vocabulary_files import UnknownValues
from data.definition.base import Definition
from data.explanation.pair import Pair

Traffic = Literal["all", "usual", "randomised"]

# Of the normal distribution, for an interval of 95%.
_DEVIATIONS = 1.959964
_FEWEST = 2


class CalibrationBin(Definition):
    """Items of similar predicted probability.

    Attributes:
        low: smallest prediction among them.
        high: largest prediction among them.
        predicted: their mean prediction, by list weight.
        observed: their mean label, by list weight; the interval takes lists as independent.
        items: number of items.
    """

    low: float
    high: float
    predicted: float
    observed: Estimate
    items: int


class Calibration(Definition):
    """Predicted probabilities of a task beside what is observed.

    Attributes:
        items: labelled items with a finite prediction and a weight above 0.
        without_prediction: labelled items without a finite prediction.
        predicted: mean prediction.
        observed: mean label.
        expected_error: mean over items of |predicted - observed| of their bin.
        bins: about equally many items each, in ascending order.
    """

    items: int
    without_prediction: int
    predicted: float | None = None
    observed: float | None = None
    expected_error: float | None = None
    bins: tuple[CalibrationBin, ...] = ()


class RegionCalibration(Definition):
    """Mean prediction / mean label (PCOC) of a task in one region, by list weight.

    Attributes:
        positives: items with a positive label.
        pcoc: with a 95% interval, lists taken as independent; above 1, what is said is too high.
        before: the same of what the network said before it was calibrated; None where it was not.
    """

    positives: int
    pcoc: Estimate
    before: Estimate | None = None


class Importance(Definition):
    """What rankings lose when the values of a feature are shuffled.

    Attributes:
        metric: such as `ndcg@10`; of a task by its own probability, of `graded` by the score.
        seed: of the permutations.
        lists: by target, the lists that count and were ranked.
        whole: by target, the metric with the features as they are; None without lists.
        lost: by feature and target, the metric as it is minus that with the feature permuted, with
            a 95% interval over lists.
    """

    metric: str
    seed: int
    lists: dict[str, int]
    whole: dict[str, float | None]
    lost: dict[str, dict[str, Estimate]]


class DomesticShare(Definition):
    """Domestic items in the lists of one region.

    Attributes:
        lists: lists of the region whose items are known to be domestic or not.
        ranked_first: share among the first items by the score, with a 95% interval over lists.
        shown_first: share among the first items of the logged order; None without positions.
        offered: share among all items.
        acted_on: by task, share among the items with a positive label; None without any.
    """

    lists: int
    ranked_first: Estimate
    shown_first: float | None = None
    offered: float | None = None
    acted_on: dict[str, float | None]


class EarnedEstimate(Definition):
    """What a new order would earn, by one estimator; not measurable below 10 effective actions.

    Attributes:
        earned: actions, or gain, a list.
        lift: share by which that is more than what the lists earned as they were shown.
        effective_items: effective sample size of the items' weights, (sum w)^2 / (sum w^2).
        effective_actions: the same of the weights of what was acted on, by what it earned.
        clipped: share of the items whose weight was cut.
    """

    earned: Estimate
    lift: Estimate
    effective_items: float
    effective_actions: float
    clipped: float


class EarnedTarget(Definition):
    """A task, or the graded relevance, in one slice of the lists.

    Attributes:
        actions: items that were acted on.
        shown: actions, or gain, a list as it was shown.
        estimates: by estimator: `inverse_propensity`, `doubly_robust`, and `self_normalised` for
            lists in random order.
    """

    actions: int
    shown: Estimate
    estimates: dict[str, EarnedEstimate]


class EarnedSlice(Definition):
    """What some lists would earn in the new order.

    Attributes:
        traffic: `all` lists, those in the `usual` order or the `randomised` ones.
        region: one region; None for every region.
        lists: how many they are.
        targets: by task, and `graded`.
    """

    traffic: Traffic
    region: str | None = None
    lists: int
    targets: dict[str, EarnedTarget]


class Examination(Definition):
    """How much a position is looked at, relative to the first one.

    Attributes:
        source: `randomised`: from lists in random order, those of training too; `shown`: from the
            evaluated lists, given what the model expects of their items.
        lists: lists that it was fitted to.
        actions: items acted on in them.
        positions: some positions.
        platforms: by platform, examination at these positions.
        corrected: of `shown`, whether the model was trained with position bias corrected.
        learnt: by platform, examination at these positions as it was learnt in training.
        truth: by platform, the same as the true probabilities of a simulation say.
    """

    source: Literal["randomised", "shown"]
    lists: int
    actions: int
    positions: tuple[int, ...]
    platforms: dict[str, tuple[Estimate, ...]]
    corrected: bool = False
    learnt: dict[str, tuple[float, ...]] = {}
    truth: dict[str, tuple[float, ...]] = {}


class Counterfactual(Definition):
    """What the new order would earn beside what was shown; docs/counterfactual.md.

    Attributes:
        reason: why it is not measurable; None where it is.
        lists_left_out: lists of which a position is unknown, or with weight 0.
        largest_weight: above which weights are cut.
        examination: by position; None where not measurable.
        slices: every traffic, as a whole and by region.
    """

    reason: str | None = None
    lists_left_out: int = 0
    largest_weight: float
    examination: Examination | None = None
    slices: tuple[EarnedSlice, ...] = ()


class Diagnostics(ResultFile):
    """The whole of diagnostics.json.

    Attributes:
        version: of this format.
        lists: evaluation lists that were drawn, by the hash of their ids.
        of_lists: all evaluation lists.
        faulty_items: drawn items without a finite score.
        calibration: by task.
        uncalibrated: of what the network said before it was calibrated, by task; empty where its
            probabilities are served as they are.
        calibration_by_region: by region and task, as far as there are enough positives.
        importance: of the features.
        first: how many items `domestic` calls the first.
        domestic: by region; None where the dataset does not say which items are domestic.
        unknown_values: values that the model does not know, by categorical feature.
        counterfactual: what the new order would earn; None in files of earlier versions.
        pairs: of a few lists, why the first item stands above the second one.
    """

    FILE = "diagnostics.json"

    version: Literal[1] = 1
    lists: int
    of_lists: int
    faulty_items: int
    calibration: dict[str, Calibration]
    uncalibrated: dict[str, Calibration] = {}
    calibration_by_region: dict[str, dict[str, RegionCalibration]] = {}
    importance: Importance
    first: int
    domestic: dict[str, DomesticShare] | None = None
    unknown_values: dict[str, UnknownValues] = {}
    counterfactual: Counterfactual | None = None
    pairs: tuple[Pair, ...] = ()


def mean_over_lists(values: np.ndarray, sizes: np.ndarray) -> Estimate:
    """A weighted mean, the ratio of two sums over lists, with its 95% interval.

    mean = sum of values / sum of sizes; its error is that of the ratio,
    sqrt(sum over lists of (value - mean * size)^2) / sum of sizes.

    Args:
        values: float [B], what each list adds to the numerator.
        sizes: float [B], what each list adds to the denominator.

    Returns:
        The mean; without an interval for one list, and empty where all sizes are 0.
    """
    total = float(sizes.sum())
    if not total > 0:
        return Estimate()
    mean = float(values.sum()) / total
    lists = int(np.count_nonzero(sizes))
    if lists < _FEWEST:
        return Estimate(value=mean)
    correction = lists / (lists - 1)
    error = float(np.sqrt(correction * np.square(values - mean * sizes).sum())) / total
    half = _DEVIATIONS * error
    return Estimate(value=mean, low=mean - half, high=mean + half, standard_error=error)
