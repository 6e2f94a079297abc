"""Estimates on made-up lists whose truth is known: examination is 1 / sqrt(position)."""

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest

from components.diagnostics.counterfactual import measure_earnings
from components.diagnostics.drawn_lists import DrawnLists
from components.diagnostics.earnings import Interval
from components.diagnostics.results import Counterfactual, EarnedSlice
from components.diagnostics.usable_lists import CHANCE
from components.evaluator.list_values import LabelledLists
from data.artifacts.examination import LearntExamination
from data.counterfactual.estimators import DOUBLY_ROBUST, INVERSE_PROPENSITY
from data.definition.dataset import Dataset

LISTS, ITEMS = 2_400, 8
INTERVAL = Interval(replicates=200, confidence=0.95)


def dataset() -> Dataset:
    return Dataset.model_validate(
        {
            "name": "shop",
            "list_id": "search",
            "tasks": [{"name": "click", "grade": 1}, {"name": "purchase", "grade": 2}],
            "region": "country",
            "position": "position",
            "randomised": "randomised",
            "features": [{"name": "price", "scope": "item", "kind": "numeric"}],
        }
    )


class Shop:
    """Lists whose shown order knows something of what people want, and the rest in random order.

    Attributes:
        lists: as they were drawn.
        relevance: float [N], chance of a click on an examined item; half of those buy.
        examined: float [N], where the items were shown.
    """

    def __init__(self, seed: int, randomised: float = 0.5) -> None:
        random = np.random.default_rng(seed)
        shape = (LISTS, ITEMS)
        relevance = random.beta(1, 3, shape)
        at_random = random.random(LISTS) < randomised
        known = np.where(at_random[:, np.newaxis], 0.0, relevance)
        order = np.argsort(np.argsort(-(known + 0.3 * random.random(shape)), axis=1), axis=1)
        position = order + 1.0
        self.relevance = relevance.ravel()
        self.examined = position.ravel() ** -0.5
        click = random.random(LISTS * ITEMS) < self.examined * self.relevance
        purchase = click & (random.random(LISTS * ITEMS) < 0.5)
        names = [b"%d" % number for number in range(LISTS)]
        self.lists = DrawnLists(
            context=pa.RecordBatch.from_pydict({"list_id": pa.array(names, pa.binary())}),
            items=pa.RecordBatch.from_pydict({"price": pa.array(self.relevance)}),
            labelled=LabelledLists(
                row_lengths=np.full(LISTS, ITEMS),
                labels={"click": click.astype(float), "purchase": purchase.astype(float)},
                truth={},
                positions=position.ravel(),
                weights=np.ones(LISTS),
            ),
            regions=np.array([b"DE", b"FR"], dtype=object)[np.arange(LISTS) % 2],
            platforms=np.full(LISTS, b"all", dtype=object),
            users=np.array(names, dtype=object),
            randomised=at_random,
            domestic=None,
        )

    def outputs(self, score: np.ndarray) -> dict[str, np.ndarray]:
        """What a model answers; its probabilities are twice too high."""
        probability = 2 * score
        return {
            "score": score,
            "probability_click": probability,
            "probability_purchase": probability / 2,
        }

    def measured(self, score: np.ndarray | None = None) -> Counterfactual:
        score = self.relevance if score is None else score
        return measure_earnings(dataset(), self.lists, self.outputs(score), INTERVAL)

    def true_lift(self, inside: np.ndarray) -> float:
        """Of the best order, on lists bool [B]."""
        best = -np.sort(-self.relevance.reshape(LISTS, ITEMS)[inside], axis=1)
        shown = (self.relevance * self.examined).reshape(LISTS, ITEMS)[inside]
        return float((best @ np.arange(1, ITEMS + 1) ** -0.5).sum() / shown.sum()) - 1


@pytest.fixture(scope="module")
def shop() -> Shop:
    return Shop(seed=3)


@pytest.fixture(scope="module")
def found(shop: Shop) -> Counterfactual:
    return shop.measured()


def part(found: Counterfactual, traffic: str, region: str | None = None) -> EarnedSlice:
    return next(one for one in found.slices if (one.traffic, one.region) == (traffic, region))


def test_every_traffic_is_told_as_a_whole_and_by_region(found: Counterfactual) -> None:
    names = [(one.traffic, one.region) for one in found.slices]
    traffics = ("all", "usual", "randomised")
    assert names == [(name, region) for name in traffics for region in (None, "DE", "FR")]
    sizes = [part(found, name).lists for name in traffics]
    assert sizes[0] == LISTS == sizes[1] + sizes[2]
    assert set(found.slices[0].targets) == {"click", "purchase", "graded"}
    assert set(part(found, "usual").targets["click"].estimates) == {
        INVERSE_PROPENSITY,
        DOUBLY_ROBUST,
    }


def test_examination_is_found_on_lists_in_random_order(found: Counterfactual) -> None:
    assert found.examination is not None
    assert found.examination.source == "randomised"
    assert found.examination.positions == (1, 2, 3, 5)
    curve = found.examination.platforms["all"]
    assert curve[0].value == 1.0
    for position, estimate in zip((2, 3, 5), curve[1:], strict=True):
        assert estimate.low < position**-0.5 < estimate.high


@pytest.mark.parametrize("traffic", ["usual", "randomised"])
@pytest.mark.parametrize("task", ["click", "purchase", "graded"])
def test_intervals_hold_the_truth(
    shop: Shop, found: Counterfactual, traffic: str, task: str
) -> None:
    inside = shop.lists.randomised if traffic == "randomised" else ~shop.lists.randomised
    truth = shop.true_lift(inside)
    for estimate in part(found, traffic).targets[task].estimates.values():
        assert estimate.lift.low < truth < estimate.lift.high
        assert estimate.clipped == 0
        assert 0 < estimate.effective_actions < estimate.effective_items < LISTS * ITEMS


@pytest.mark.thorough
def test_intervals_hold_the_truth_as_often_as_they_say() -> None:
    held = []
    for seed in range(20):
        shop = Shop(seed)
        target = part(shop.measured(), "usual").targets["click"]
        lift = target.estimates[INVERSE_PROPENSITY].lift
        held.append(lift.low < shop.true_lift(~shop.lists.randomised) < lift.high)
    # 95% of 20 are 19; fewer than 16 have a chance of 0.3%.
    assert sum(held) >= 16


def test_the_order_that_was_shown_gains_nothing(shop: Shop) -> None:
    target = part(shop.measured(shop.examined), "usual").targets["purchase"]
    for estimate in target.estimates.values():
        assert estimate.lift.value == pytest.approx(0, abs=1e-12)
        assert estimate.lift.standard_error == pytest.approx(0, abs=1e-12)
        assert estimate.earned.value == pytest.approx(target.shown.value)
        assert estimate.effective_items == pytest.approx(
            part(shop.measured(), "usual").lists * ITEMS
        )


def test_without_lists_in_random_order_the_shown_ones_say_how_much_is_examined() -> None:
    shop = Shop(seed=5, randomised=0.0)
    found = shop.measured()
    assert found.examination is not None
    assert found.examination.source == "shown"
    # The model knows the relevance, up to its level, so the curve is right.
    lift = part(found, "all").targets["click"].estimates[INVERSE_PROPENSITY].lift
    assert lift.low < shop.true_lift(np.ones(LISTS, dtype=bool)) < lift.high
    empty = part(found, "randomised")
    assert empty.lists == 0
    assert empty.targets["click"].shown.value is None


LEARNT = LearntExamination(
    way="additive",
    source="joint",
    lists=10,
    unknown_lists=0,
    first_position=1,
    shared=(-0.5, -0.5, -0.5),
    platforms={"all": (0.0, 0.0, 0.0)},
    regions={},
)


def test_a_corrected_model_mends_the_curve_of_shown_orders() -> None:
    shop = Shop(seed=5, randomised=0.0)
    # What a model believes that took half of what position did (in logarithms) for relevance.
    believed = shop.relevance * shop.examined**0.5
    flat = measure_earnings(dataset(), shop.lists, shop.outputs(believed), INTERVAL)
    answers = shop.outputs(believed) | {CHANCE: shop.relevance}
    mended = measure_earnings(dataset(), shop.lists, answers, INTERVAL, learnt=LEARNT)
    assert flat.examination is not None
    assert mended.examination is not None
    assert (flat.examination.corrected, mended.examination.corrected) == (False, True)
    curves = [one.examination.platforms["all"] for one in (flat, mended) if one.examination]
    # Positions 1, 2, 3 and 5: half of log 5 is missing, or nothing.
    assert curves[0][-1].value == pytest.approx(5**-0.25, rel=0.1)
    assert curves[1][-1].value == pytest.approx(5**-0.5, rel=0.1)


def test_what_training_learnt_and_the_truth_stand_beside_the_curve() -> None:
    shop = Shop(seed=5, randomised=0.0)
    truth = {"click": shop.relevance, "purchase": shop.relevance / 2}
    known = replace(shop.lists, labelled=replace(shop.lists.labelled, truth=truth))
    flat = shop.outputs(np.ones(LISTS * ITEMS))
    found = measure_earnings(dataset(), known, flat, INTERVAL, learnt=LEARNT).examination
    assert found is not None
    # A slope of -.5 a doubling; between 4 and 8 by the logarithm.
    doublings = np.log2([1, 2, 3, 5])
    assert found.learnt["all"] == pytest.approx(np.exp(-0.5 * doublings))
    assert found.truth["all"] == pytest.approx(np.array([1, 2, 3, 5]) ** -0.5, rel=0.1)


def test_lists_without_a_position_are_left_out(shop: Shop, found: Counterfactual) -> None:
    positions = shop.lists.labelled.positions.copy()
    positions[[0, ITEMS + 1, ITEMS + 2]] = np.nan
    labelled = replace(shop.lists.labelled, positions=positions)
    outputs = shop.outputs(shop.relevance)
    less = measure_earnings(dataset(), replace(shop.lists, labelled=labelled), outputs, INTERVAL)
    assert less.lists_left_out == 2
    assert less.slices[0].lists == LISTS - 2
    # Positions counted from 0 are the same positions.
    labelled = replace(shop.lists.labelled, positions=shop.lists.labelled.positions - 1)
    same = measure_earnings(dataset(), replace(shop.lists, labelled=labelled), outputs, INTERVAL)
    assert same == found


@pytest.mark.parametrize(("counted_from", "strange"), [(0, -1.0), (1, 0.0)])
def test_a_strange_position_leaves_out_its_list_alone(
    shop: Shop, counted_from: int, strange: float
) -> None:
    positions = shop.lists.labelled.positions + counted_from - 1
    positions[ITEMS] = strange
    labelled = replace(shop.lists.labelled, positions=positions)
    outputs = shop.outputs(shop.relevance)
    less = measure_earnings(dataset(), replace(shop.lists, labelled=labelled), outputs, INTERVAL)
    assert less.lists_left_out == 1
    # Lists in random order may begin otherwise by chance: they count as the others do.
    beside = replace(shop.lists, labelled=labelled).take(np.array([1]))
    both = measure_earnings(
        dataset(), replace(shop.lists, labelled=labelled), outputs, INTERVAL, beside
    )
    assert both.lists_left_out == 1


def test_lists_that_weigh_more_leave_fewer_that_count(shop: Shop, found: Counterfactual) -> None:
    weights = np.where(np.arange(LISTS) < LISTS // 200, 1000.0, 1.0)
    labelled = replace(shop.lists.labelled, weights=weights)
    outputs = shop.outputs(shop.relevance)
    heavy = measure_earnings(dataset(), replace(shop.lists, labelled=labelled), outputs, INTERVAL)
    name = "inverse_propensity"
    plain, weighed = (
        one.slices[0].targets["click"].estimates[name].effective_items for one in (found, heavy)
    )
    # By Kish (sum of weights)^2 / sum of squares, in lists: few of these count at all.
    left = weights.sum() ** 2 / (weights**2).sum()
    assert left < LISTS / 100
    assert weighed < 3 * plain * left / LISTS


def test_what_cannot_be_measured_is_told(shop: Shop) -> None:
    outputs = shop.outputs(shop.relevance)
    labelled = replace(shop.lists.labelled, positions=None)
    found = measure_earnings(dataset(), replace(shop.lists, labelled=labelled), outputs, INTERVAL)
    assert found.reason is not None
    assert "position" in found.reason
    assert found.slices == ()
    nothing = {name: np.zeros(LISTS * ITEMS) for name in ("click", "purchase")}
    labelled = replace(shop.lists.labelled, labels=nothing)
    found = measure_earnings(dataset(), replace(shop.lists, labelled=labelled), outputs, INTERVAL)
    assert found.reason is not None
    assert "found 0" in found.reason
