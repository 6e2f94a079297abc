import numpy as np
import pandas as pd
import pytest

from data.inspection import guess_definition

ROWS = 4_000


def logs(**texts: str) -> pd.DataFrame:
    """Lists of 4 rows; in the columns that are named, one value is a text."""
    random = np.random.default_rng(1)
    click = np.tile([1, 0, 0, 0], ROWS // 4)
    frame = pd.DataFrame(
        {
            "search_id": np.repeat(np.arange(ROWS // 4), 4),
            "click": click,
            "purchase": click * (random.random(ROWS) < 0.2),
            "price": random.normal(20, 3, ROWS).round(4),
        }
    )
    for name, text in texts.items():
        frame[name] = frame[name].astype(str)
        frame.loc[9, name] = text
    return frame


def test_an_action_with_a_broken_value_stays_an_action_and_its_row_is_told() -> None:
    guess = guess_definition(logs(click="maybe"), "shop")
    assert [task["name"] for task in guess.definition["tasks"]] == ["click", "purchase"]
    assert [feature["name"] for feature in guess.definition["features"]] == ["price"]
    assert "but for 1 other, such as 'maybe' in click: rows" in guess.reasons["tasks"]


def test_numbers_with_a_broken_value_stay_numbers() -> None:
    guess = guess_definition(logs(price="dear"), "shop")
    assert guess.definition["features"] == [{"name": "price", "scope": "item", "kind": "numeric"}]
    assert "such as 'dear' in price" in guess.reasons["feature price"]


def test_a_text_for_missing_numbers_is_named() -> None:
    frame = logs(price="N/A")
    frame.loc[::10, "price"] = "N/A"  # A tenth of the rows, and the one of `logs`.
    guess = guess_definition(frame, "shop")
    assert guess.definition["features"] == []
    reason = guess.definition["left_out"]["price"]
    assert "numbers and 401 others, such as 'N/A': `null_values`" in reason


@pytest.mark.parametrize("others", ["0{}", "{}x"])
def test_codes_stay_categories(others: str) -> None:
    frame = logs()
    frame["sku"] = [others.format(row % 50) for row in range(ROWS)]
    frame.loc[9, "sku"] = "none"
    (_, sku) = guess_definition(frame, "shop").definition["features"]
    assert sku["kind"] == "categorical"


def test_a_column_that_says_when_is_the_time() -> None:
    frame = logs()
    hours = pd.to_timedelta(frame["search_id"], "h")
    frame["shown_at"] = (pd.Timestamp("2026-01-01") + hours).astype(str)
    time = guess_definition(frame, "shop").definition["time"]
    assert time == {"column": "shown_at", "zone": "UTC"}
