"""Times of actions, refunds and a region that drifts: off by default, and what they do where on."""

import json
from collections.abc import Callable

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from pydantic import ValidationError

from data.definition.dataset import Dataset
from data.simulator import SimulatorConfig, simulated_dataset
from data.simulator.config import DAYS
from data.simulator.feedback import KEPT_DAYS, PURCHASE_DAYS

Simulate = Callable[..., pa.Table]
LATE = {"lists": 1_500, "late_feedback": True, "refunds": True}
WHOLE = {**LATE, "seen_days": DAYS + KEPT_DAYS + 1}
DAY = 86_400_000


@pytest.fixture(scope="module")
def late(simulated: Simulate) -> pa.Table:
    return simulated(**LATE)


@pytest.fixture(scope="module")
def whole(simulated: Simulate) -> pa.Table:
    return simulated(**WHOLE)


def _days(table: pa.Table, column: str) -> np.ndarray:
    """Days from the list to what a column has the time of, NaN for none."""
    at, shown = (table[name].cast(pa.int64()) for name in (column, "shown_at"))
    return np.asarray(pc.subtract(at, shown), float) / DAY


def test_logs_without_the_switches_say_nothing_of_them(simulated: Simulate) -> None:
    table = simulated(lists=3)
    config = json.loads(table.schema.metadata[b"simulator_config"])
    later = {"late_feedback", "refunds", "drifting_region", "seen_days", "delay_scale"}
    assert not later & set(config)
    assert not [name for name in table.column_names if name.endswith("_at") and name != "shown_at"]
    assert json.loads(simulated(**LATE | {"lists": 3}).schema.metadata[b"simulator_config"])[
        "refunds"
    ]


def test_what_is_done_in_the_end_is_what_logs_without_times_have(
    whole: pa.Table, simulated: Simulate
) -> None:
    plain = simulated(lists=LATE["lists"])
    for name in plain.column_names:
        assert whole[name].equals(plain[name]), name


def test_logs_have_not_seen_what_is_done_later(late: pa.Table, whole: pa.Table) -> None:
    until = pa.scalar((19_786 + DAYS) * DAY, pa.int64())  # 4 March 2024 is day 19,786 of Unix.
    for column, label in (("purchase_at", "purchase"), ("sent_back_at", None)):
        at = whole[column].cast(pa.int64())
        seen = pc.fill_null(pc.less_equal(at, until), False)
        assert late[column].is_valid().equals(seen)
        assert 0 < pc.sum(seen).as_py() < pc.sum(at.is_valid()).as_py()
        if label:
            assert pc.equal(late[label], 1).equals(seen)
    assert pc.sum(late["click"]).as_py() <= pc.sum(whole["click"]).as_py()


def test_logs_of_an_earlier_day_end_there(whole: pa.Table, simulated: Simulate) -> None:
    early = simulated(**LATE | {"seen_days": 9.5})
    until = pa.scalar(int((19_786 + 9.5) * DAY), pa.int64())
    shown = pc.less(whole["shown_at"].cast(pa.int64()), until)
    assert 0 < early.num_rows == pc.sum(shown).as_py()
    same = whole.filter(shown)
    assert early["list_id"].equals(same["list_id"])
    bought = pc.fill_null(pc.less_equal(same["purchase_at"].cast(pa.int64()), until), False)
    assert 0 < pc.sum(bought).as_py() < pc.sum(same["purchase"]).as_py()
    assert pc.equal(early["purchase"], 1).equals(bought)


def test_times_are_in_the_order_of_the_funnel_and_within_their_windows(whole: pa.Table) -> None:
    columns = ("click_at", "add_to_cart_at", "purchase_at", "sent_back_at")
    click, cart, purchase, back = (_days(whole, column) for column in columns)
    assert np.nanmin(click) >= 0
    for earlier, later in ((click, cart), (cart, purchase), (purchase, back)):
        both = np.isfinite(later)
        assert both.any()
        assert (earlier[both] <= later[both]).all()
    assert np.nanmax(purchase) <= PURCHASE_DAYS
    assert np.nanmax(back) <= KEPT_DAYS


def test_one_region_is_slow_and_the_app_is_fast(whole: pa.Table) -> None:
    days = np.asarray(whole["true_purchase_days"])
    country, platform = (np.asarray(whole[name]) for name in ("country", "platform"))
    assert days[country == "DE"].mean() > 1.3 * days[country != "DE"].mean()
    assert days[platform == "app"].mean() < days[platform == "web"].mean()


def test_good_photos_raise_clicks_and_refunds(whole: pa.Table) -> None:
    photo = np.asarray(whole["photo_quality"])
    good, bad = photo > 0.8, photo < 0.4
    for column in ("true_probability_click", "true_refund_rate"):
        values = np.asarray(whole[column])
        assert values[good].mean() > 1.5 * values[bad].mean(), column
    kept = np.asarray(whole["true_probability_kept"], float)
    rate, purchase = (
        np.asarray(whole[name], float) for name in ("true_refund_rate", "true_probability_purchase")
    )
    np.testing.assert_allclose(kept, purchase * (1 - rate), rtol=1e-5)
    bought = np.asarray(whole["purchase"]) == 1
    sent_back = np.asarray(whole["sent_back_at"].is_valid())[bought]
    error = np.sqrt((rate[bought] * (1 - rate[bought])).sum())
    assert abs(sent_back.sum() - rate[bought].sum()) < 4 * error


def test_without_delays_all_is_done_at_once(whole: pa.Table, simulated: Simulate) -> None:
    at_once = simulated(**LATE | {"delay_scale": 0})
    for column in ("click_at", "purchase_at", "sent_back_at"):
        assert np.nanmax(_days(at_once, column)) == 0
    for task in ("click", "add_to_cart", "purchase"):
        assert at_once[task].equals(whole[task])
    assert at_once["sent_back_at"].is_valid().equals(whole["sent_back_at"].is_valid())


def test_the_drifting_region_alone_changes_and_more_every_day(simulated: Simulate) -> None:
    plain, drifting = simulated(lists=1_000), simulated(lists=1_000, drifting_region=True)
    truth = "true_probability_click"
    changed = np.abs(np.asarray(plain[truth]) - np.asarray(drifting[truth]))
    country = np.asarray(plain["country"])
    assert changed[country != "GB"].max() == 0
    places = np.flatnonzero(country == "GB")
    first, last = places[:500], places[-500:]
    assert changed[last].mean() > 5 * changed[first].mean()
    for column in ("price", "position"):
        assert plain[column].equals(drifting[column])


def test_the_definition_names_the_times_and_the_windows() -> None:
    dataset = Dataset.model_validate(simulated_dataset(SimulatorConfig.model_validate(LATE)))
    kept = dataset.tasks[-1]
    assert (kept.name, kept.column, kept.at, kept.undone_by) == (
        *("kept", "purchase", "purchase_at", "sent_back_at"),
    )
    windows = [task.window for task in dataset.tasks]
    assert windows == [None, None, PURCHASE_DAYS * 86_400, KEPT_DAYS * 86_400]


@pytest.mark.parametrize("chosen", [{"refunds": True}, {"seen_days": 30}, {"delay_scale": 2}])
def test_what_needs_times_is_refused_without_them(chosen: dict) -> None:
    with pytest.raises(ValidationError, match="late_feedback"):
        SimulatorConfig.model_validate(chosen)
