from math import log2

import numpy as np
import pytest

from components.evaluator.extractors import age_groups
from components.evaluator.list_values import LabelledLists, ListValues, count_names
from components.evaluator.plan import Column, Plan

NAN = float("nan")


def make_plan(grades: dict[str, int] | None = None, **changes: object) -> Plan:
    fields = {
        "grades": grades or {"click": 1},
        "truth": (),
        "logged": False,
        "cut_offs": ("3", "all"),
        "replicates": 20,
    }
    return Plan.model_validate({**fields, **changes})


def make_lists(
    lengths: list[int], labels: dict[str, list[float]], **changes: object
) -> LabelledLists:
    fields: dict[str, object] = {
        "truth": {},
        "positions": None,
        "weights": np.ones(len(lengths)),
    }
    return LabelledLists(
        row_lengths=np.array(lengths),
        labels={task: np.array(values) for task, values in labels.items()},
        **{**fields, **changes},  # type: ignore[arg-type]
    )


def padded(lengths: list[int], values: list[float]) -> np.ndarray:
    result = np.full((len(lengths), max(lengths)), NAN)
    result[np.arange(max(lengths)) < np.array(lengths)[:, np.newaxis]] = values
    return result


class Measured:
    """Values and denominators of a batch by name."""

    def __init__(
        self, plan: Plan, lists: LabelledLists, scores: list[float], own: list[float] | None = None
    ) -> None:
        lengths = lists.row_lengths.tolist()
        outputs = {"score": padded(lengths, scores)}
        for task in plan.tasks:
            outputs[f"probability_{task}"] = padded(lengths, own or scores)
        values = ListValues(plan, lists, dict.fromkeys(plan.models, outputs))
        self._plan, self._sums, self._counts = plan, values.sums(), values.counts()

    def column(self, column: Column) -> list[float]:
        return self._sums[:, self._plan.columns.index(column)].tolist()

    def basis(self, target: str, basis: str) -> list[float]:
        index = len(self._plan.columns) + self._plan.bases.index((target, basis))  # type: ignore[arg-type]
        return self._sums[:, index].tolist()

    def count(self, name: str) -> list[float]:
        return self._counts[:, count_names(self._plan).index(name)].tolist()


def by_score(target: str, measure: str, model: str = "candidate") -> Column:
    return Column(target, measure, "score", "labels", model)


def test_graded_ndcg_takes_exponential_gains() -> None:
    # Known fault 1: grades 1, 4, 0 in score order. 0.6694 with gain 2^grade - 1, 0.7610 with grade.
    lists = make_lists([3], {"click": [1, 1, 0], "purchase": [0, 1, 0]})
    measured = Measured(make_plan({"click": 1, "purchase": 4}), lists, [3, 2, 1])
    expected = (1 + 15 / log2(3)) / (15 + 1 / log2(3))
    assert measured.column(by_score("graded", "ndcg@3")) == [pytest.approx(expected)]
    assert round(expected, 4) == 0.6694


def test_lists_without_an_action_do_not_count() -> None:
    # Known fault 2: one perfect list and one without action.
    measured = Measured(make_plan(), make_lists([2, 2], {"click": [1, 0, 0, 0]}), [2, 1, 2, 1])
    assert measured.column(by_score("click", "ndcg@all")) == [1, 0]
    assert measured.basis("click", "labels") == [1, 0]
    assert measured.count("lists") == [1, 1]
    assert measured.count("lists/click/labels") == [1, 0]
    assert measured.count("positives/click") == [1, 0]


def test_lists_in_which_no_order_can_be_wrong_do_not_count() -> None:
    # One item; two that are both clicked; two of which one label is unknown; one perfect list.
    labels = {"click": [1.0, 1.0, 1.0, 1.0, NAN, 1.0, 0.0]}
    measured = Measured(make_plan(), make_lists([1, 2, 2, 2], labels), [1, 2, 1, 2, 1, 2, 1])
    assert measured.column(by_score("click", "ndcg@all")) == [0, 0, 0, 1]
    assert measured.column(by_score("click", "mrr")) == [0, 0, 0, 1]
    assert measured.basis("click", "labels") == [0, 0, 0, 1]
    assert measured.count("equals/click") == [1, 1, 1, 0]
    assert measured.count("positives/click") == [1, 2, 1, 1]
    # Their probabilities are judged all the same.
    assert measured.basis("click", "items") == [1, 2, 1, 2]


def test_equal_items_of_one_task_may_differ_in_another() -> None:
    labels = {"click": [1.0, 1.0], "purchase": [0.0, 1.0]}
    measured = Measured(make_plan({"click": 1, "purchase": 2}), make_lists([2], labels), [1, 2])
    assert [measured.count(f"lists/{name}/labels") for name in ("click", "purchase", "graded")] == [
        [0],
        [1],
        [1],
    ]
    assert [measured.count(f"equals/{name}") for name in ("click", "purchase", "graded")] == [
        [1],
        [0],
        [0],
    ]


def test_equal_true_probabilities_say_nothing_of_an_order() -> None:
    truth = {"click": np.array([0.2, 0.2, 0.2, 0.3])}
    lists = make_lists([1, 2, 1], {"click": [0, 0, 0, 0]}, truth=truth)
    measured = Measured(make_plan(truth=("click",)), lists, [1, 2, 1, 1])
    assert measured.basis("click", "truth") == [0, 0, 0]


def test_ranked_by_score_and_by_own_probability() -> None:
    lists = make_lists([3], {"click": [0, 0, 1]})
    measured = Measured(make_plan(), lists, scores=[3, 2, 1], own=[0.1, 0.2, 0.15])
    assert measured.column(by_score("click", "mrr")) == [1 / 3]
    assert measured.column(Column("click", "mrr", "own", "labels", "candidate")) == [1 / 2]


def test_random_order_is_an_exact_expectation() -> None:
    # One relevant item of three: each of three ranks with probability 1/3.
    lists = make_lists([3], {"click": [0, 0, 1]})
    measured = Measured(make_plan(), lists, [3, 2, 1])
    ndcg = measured.column(Column("click", "ndcg@3", "random", "labels"))
    assert ndcg == [pytest.approx((1 + 1 / log2(3) + 1 / log2(4)) / 3)]
    mrr = measured.column(Column("click", "mrr", "random", "labels"))
    assert mrr == [pytest.approx((1 + 1 / 2 + 1 / 3) / 3)]


def test_logged_order_needs_all_positions() -> None:
    positions = np.array([2.0, 1.0, 1.0, NAN])
    lists = make_lists([2, 2], {"click": [1, 0, 1, 0]}, positions=positions)
    measured = Measured(make_plan(logged=True), lists, [2, 1, 2, 1])
    column = Column("click", "ndcg@all", "logged", "logged")
    assert measured.column(column) == [pytest.approx(1 / log2(3)), 0]
    assert measured.basis("click", "logged") == [1, 0]
    assert measured.basis("click", "labels") == [1, 1]


def test_expected_ndcg_under_the_truth() -> None:
    truth = {"click": np.array([0.1, 0.4, 0.3])}
    lists = make_lists([3], {"click": [0, 0, 0]}, truth=truth)
    measured = Measured(make_plan(truth=("click",)), lists, [3, 2, 1])
    best = 0.4 + 0.3 / log2(3) + 0.1 / log2(4)
    reached = 0.1 + 0.4 / log2(3) + 0.3 / log2(4)
    column = Column("click", "expected_ndcg@all", "score", "truth", "candidate")
    assert measured.column(column) == [pytest.approx(reached / best)]
    # It counts although nobody clicked.
    assert measured.basis("click", "truth") == [1]
    assert measured.basis("click", "labels") == [0]


def test_expected_graded_gains() -> None:
    # Grades 1 and 3: gain 1 with probability .5 - .2, gain 7 with .2: .3 + 1.4 = 1.7.
    truth = {"click": np.array([0.5]), "purchase": np.array([0.2])}
    lists = make_lists([1], {"click": [0], "purchase": [0]}, truth=truth)
    gains = lists.expected_graded_gains(make_plan({"click": 1, "purchase": 3}))
    assert gains == pytest.approx([0.3 * 1 + 0.2 * 7])


def test_calibration_takes_labelled_items_only() -> None:
    lists = make_lists([2, 1], {"click": [1, NAN, 0]})
    measured = Measured(make_plan(), lists, [0, 0, 0], own=[0.5, 0.9, 0.25])
    assert measured.column(Column("click", "mean", "predicted", "items", "candidate")) == [
        0.5,
        0.25,
    ]
    assert measured.column(Column("click", "mean", "observed", "items")) == [1, 0]
    assert measured.basis("click", "items") == [1, 1]
    assert measured.count("labelled/click") == [1, 1]


def test_list_weights_enter_values_and_denominators() -> None:
    lists = make_lists([2, 2], {"click": [0, 1, 1, 0]}, weights=np.array([3.0, 0.0]))
    measured = Measured(make_plan(), lists, [2, 1, 2, 1])
    assert measured.column(by_score("click", "mrr")) == [3 * 1 / 2, 0]
    assert measured.basis("click", "labels") == [3, 0]
    assert measured.count("lists/click/labels") == [1, 0]


def test_items_without_a_prediction_are_counted_and_rank_last() -> None:
    lists = make_lists([2, 3], {"click": [1, 0, 1, 0, 0]})
    measured = Measured(make_plan(), lists, [NAN, 1, 3, 2, float("inf")])
    assert measured.count("faulty/candidate") == [1, 1]
    assert measured.column(by_score("click", "mrr")) == [1 / 2, 1]


def test_a_missing_output_is_named() -> None:
    lists = make_lists([1], {"click": [1]})
    with pytest.raises(ValueError, match="candidate: expected an output probability_click"):
        ListValues(make_plan(), lists, {"candidate": {"score": np.ones((1, 1))}})


def test_an_unknown_label_drops_the_item_for_its_task_alone() -> None:
    labels = {"click": [1.0, 0.0, 1.0], "purchase": [NAN, 0.0, 1.0]}
    measured = Measured(make_plan({"click": 1, "purchase": 2}), make_lists([3], labels), [3, 2, 1])
    assert measured.column(by_score("click", "mrr")) == [1]
    # The first item is out: the purchase is second of two.
    assert measured.column(by_score("purchase", "mrr")) == [1 / 2]


def test_lists_whose_window_is_open_are_counted_apart() -> None:
    windows = {"purchase": 100}
    grades = {"click": 1, "purchase": 2}
    plan = make_plan(grades, windows=windows)
    # The second list has not been seen for as long: its purchases are unknown.
    labels = {"click": [1, 0, 1, 0], "purchase": [1, 0, NAN, NAN]}
    lists = make_lists([2, 2], labels, ages=np.array([100, 99]))
    measured = Measured(plan, lists, [2, 1, 2, 1])
    assert measured.count("open/purchase") == [0, 1]
    assert measured.count("open/graded") == [0, 1]
    assert measured.count("lists/click/labels") == [1, 1]
    assert measured.count("lists/purchase/labels") == [1, 0]
    assert measured.count("lists/graded/labels") == [1, 0]
    assert not [name for name in count_names(make_plan(grades)) if name.startswith("open/")]


def test_lists_are_grouped_by_age() -> None:
    day = 86_400
    ages = np.array([0, day - 1, day, 3 * day, 27 * day, 28 * day, 1e9])
    assert [group.decode() for group in age_groups(ages)] == [
        *("0 to 1 days", "0 to 1 days", "1 to 3 days", "3 to 7 days", "14 to 28 days"),
        *("28 days or more", "28 days or more"),
    ]
