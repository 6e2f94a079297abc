"""diagnostics.json: calibration, importance of features, share of domestic items."""

from typing import Literal

from components.evaluator.results import Estimate
from data.definition import Definition
from data.result_file import ResultFile
from data.vocabulary_files import UnknownValues


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


class Diagnostics(ResultFile):
    """The whole of diagnostics.json.

    Attributes:
        version: of this format.
        lists: evaluation lists that were drawn, by the hash of their ids.
        of_lists: all evaluation lists.
        faulty_items: drawn items without a finite score.
        calibration: by task.
        importance: of the features.
        first: how many items `domestic` calls the first.
        domestic: by region; None where the dataset does not say which items are domestic.
        unknown_values: values that the model does not know, by categorical feature.
    """

    FILE = "diagnostics.json"

    version: Literal[1] = 1
    lists: int
    of_lists: int
    faulty_items: int
    calibration: dict[str, Calibration]
    importance: Importance
    first: int
    domestic: dict[str, DomesticShare] | None = None
    unknown_values: dict[str, UnknownValues] = {}
