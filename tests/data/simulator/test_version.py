"""What version 1 of the simulator draws, and how fast."""

import time

import pyarrow.compute as pc
import pytest

from data.simulator import SIMULATOR_VERSION, SimulatorConfig, simulate
from data.simulator.config import LATER_EFFECTS
from data.simulator.marketplace import log_metadata

# Figures of the first 1,000 lists. A change here calls for a new SIMULATOR_VERSION.
SUMS = {
    "price": 1_344_305,
    "click": 1969,
    "add_to_cart": 410,
    "purchase": 170,
    "true_probability_click": 3440.46,
    "true_probability_add_to_cart": 662.604,
    "true_probability_purchase": 292.296,
}


# The columns of logs without any switch, in their order.
COLUMNS = (
    *("list_id", "shown_at", "user_id", "randomised", "country", "language", "platform"),
    *("query_category", "query_words", "hour", "past_purchases", "listing_category"),
    *("listing_country", "condition", "brand", "price", "discount", "shipping_cost"),
    *("delivery_days", "distance_km", "seller_rating", "review_count", "popularity"),
    *("text_match", "photo_quality", "photo_count", "age_days", "style", "position"),
    *("click", "add_to_cart", "purchase", "true_probability_click"),
    *("true_probability_add_to_cart", "true_probability_purchase"),
)


def test_equal_versions_draw_equal_logs() -> None:
    assert SIMULATOR_VERSION == 1
    (table,) = simulate(SimulatorConfig(lists=1_000))
    assert table.num_rows == 25_328
    assert tuple(table.column_names) == COLUMNS
    for column, expected in SUMS.items():
        # Processors may round a last digit differently, and so turn a label around now and then.
        total = pc.sum(table[column].cast("double")).as_py()
        assert total == pytest.approx(expected, rel=1e-5, abs=1), column


def test_a_million_rows_take_less_than_ten_seconds() -> None:
    started = time.process_time()
    rows = sum(table.num_rows for table in simulate(SimulatorConfig(lists=4_000)))
    assert time.process_time() - started < 10 * rows / 1_000_000


def test_what_logs_say_of_themselves_names_later_effects_only_where_they_are_on() -> None:
    """Else logs that were written before would differ, byte for byte, from the same ones now."""
    metadata = log_metadata(SimulatorConfig())
    assert metadata == {
        "simulator_version": "1",
        "simulator_config": '{"context_features": 7, "false_clicks": true, "item_features": 17, '
        '"lists": 12000, "longest_list": 40, "position_bias": true, "randomised_share": 0.05, '
        '"regional_shifts": true, "regional_tastes": true, "seed": 1, "shortest_list": 8, '
        '"tasks": 3}',
    }
    for switch in LATER_EFFECTS:
        needs = {"late_feedback": True} if switch == "refunds" else {}
        config = SimulatorConfig.model_validate({switch: True, **needs})
        assert f'"{switch}": true' in log_metadata(config)["simulator_config"]
