from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

from data.definition.dataset import Dataset
from data.errors import InputError
from data.inspection import guess_definition, read_first_rows


def logs(lists: int = 40, items: int = 6) -> pd.DataFrame:
    """Searches in two countries; every third list ends in a purchase of its first item."""
    random = np.random.default_rng(1)
    rows = lists * items
    search = np.repeat(np.arange(lists), items)
    first = np.tile(np.arange(items), lists) == 0
    purchase = first & (search % 3 == 0)
    return pd.DataFrame(
        {
            "search_id": search,
            "shown_at_time": pd.Timestamp("2026-01-01") + pd.to_timedelta(search, "h"),
            "country": np.where(search % 2, "DE", "US"),
            "position": np.tile(np.arange(1, items + 1), lists),
            "price": np.exp(random.normal(0, 2, rows)),
            "stars": random.integers(1, 6, rows),
            "embedding": list(random.normal(0, 1, (rows, 4))),
            "revenue": np.where(purchase, 9.5, np.nan),
            "clicked": first.astype(int),
            "purchased": purchase.astype(int),
        }
    )


def test_roles_tasks_and_kinds() -> None:
    definition = Dataset.model_validate(guess_definition(logs(), "shop").definition)
    assert definition.list_id == ("search_id",)
    assert [task.name for task in definition.tasks] == ["clicked", "purchased"]
    assert definition.actions_imply_previous
    assert definition.region == "country"
    assert definition.country_features == ("country",)
    assert definition.position == "position"
    assert definition.time is not None
    assert definition.time.column == "shown_at_time"
    kinds = {feature.name: (feature.scope, feature.kind) for feature in definition.features}
    assert kinds == {
        "country": ("context", "categorical"),
        "price": ("item", "numeric"),
        "stars": ("item", "numeric"),
        "embedding": ("item", "vector"),
    }
    assert definition.feature("embedding").length == 4
    assert definition.feature("price").log


@pytest.mark.parametrize("name", ["Land", "market", "buyer_country", "site_id"])
def test_the_region_is_found_by_its_name(name: str) -> None:
    frame = logs().rename(columns={"country": name})
    assert guess_definition(frame, "shop").definition["region"] == name


def test_what_follows_from_the_region_describes_it() -> None:
    frame = logs()
    frame["currency"] = np.where(frame.country == "DE", "EUR", "USD")
    frame["rate_of_tax"] = np.where(frame.country == "DE", 0.19, 0.0)
    frame["weekday"] = frame.search_id % 7
    guess = guess_definition(frame, "shop")
    definition = Dataset.model_validate(guess.definition)
    assert definition.country_features == ("country", "currency", "rate_of_tax")
    assert "follows from country" in guess.reasons["feature currency"]
    assert "follows" not in guess.reasons["feature weekday"]
    assert "currency, rate_of_tax" in guess.reasons["country_features"]


def test_what_differs_within_a_region_does_not_describe_it() -> None:
    frame = logs()
    # 2 of the 20 lists of one country: 2 of 20 that differ from the commonest value of all.
    frame["currency"] = np.where(frame.country == "DE", "EUR", "USD")
    frame.loc[frame.search_id.isin([1, 3]), "currency"] = "USD"
    # Each list has a region of its own, from which anything follows.
    alone = logs()
    alone["country"] = [f"country {search}" for search in alone.search_id]
    alone["weekday"] = alone.search_id % 7
    for one in (frame, alone):
        assert guess_definition(one, "shop").definition["country_features"] == ["country"]


def with_items(name: str, items: int = 6) -> pd.DataFrame:
    """Each list shows six of 50 items, none twice."""
    frame = logs(items=items)
    random = np.random.default_rng(2)
    frame[name] = np.concatenate([random.permutation(50)[:items] for _ in range(40)])
    return frame


@pytest.mark.parametrize(
    "name",
    ["item_id", "prop_id", "Product ID", "sku", "impression_hotel", "thing_id", "Artikel.Nr"],
)
def test_the_column_that_identifies_an_item_is_proposed(name: str) -> None:
    frame = with_items(name)
    assert guess_definition(frame, "shop").definition["item"] == name
    twice = pd.concat([frame, frame], ignore_index=True)
    assert guess_definition(twice, "shop").definition["item"] == name


def test_an_item_with_too_many_values_for_a_feature_is_not_left_out() -> None:
    frame = pd.concat([with_items("sku")] * 50, ignore_index=True)
    frame["search_id"] = np.repeat(np.arange(40 * 50), 6)
    frame["sku"] = np.arange(len(frame)).astype(str)
    definition = guess_definition(frame, "shop").definition
    assert definition["item"] == "sku"
    assert "sku" not in definition["left_out"]
    assert "sku" not in [feature["name"] for feature in definition["features"]]


def test_what_lists_have_twice_or_each_row_has_of_its_own_is_no_item() -> None:
    frame = with_items("item_id")
    frame["item_id"] //= 10
    frame["row_id"] = np.arange(len(frame))
    frame["brand_id"] = frame["item_id"] % 3
    assert "item" not in guess_definition(frame, "shop").definition


def test_a_column_that_knows_the_outcome_is_left_out_with_the_reason() -> None:
    guess = guess_definition(logs(), "shop")
    assert "only where clicked is 1" in guess.definition["left_out"]["revenue"]


def test_purchases_without_a_click_are_seen() -> None:
    frame = logs()
    frame.loc[1, "purchased"] = 1
    assert guess_definition(frame, "shop").definition["actions_imply_previous"] is False


@pytest.mark.parametrize(("missing", "expected"), [("search_id", "list"), ("clicked", "action")])
def test_what_is_not_found_is_named(missing: str, expected: str) -> None:
    columns = [missing] if missing == "search_id" else ["clicked", "purchased"]
    with pytest.raises(InputError, match=expected):
        guess_definition(logs().drop(columns=columns), "shop")


def test_csv_and_parquet_give_the_same_guess(tmp_path: Path) -> None:
    frame = logs().drop(columns=["embedding", "shown_at_time"])
    frame.to_csv(tmp_path / "a.csv", index=False)
    frame.to_parquet(tmp_path / "a.parquet")
    guesses = [
        guess_definition(read_first_rows(str(tmp_path / name)), "shop").definition
        for name in ("a.csv", "a.parquet")
    ]
    assert guesses[0] == guesses[1]


def test_a_number_that_is_0_but_after_the_action_is_left_out() -> None:
    frame = logs()
    frame["refund"] = np.where(frame["purchased"] == 1, 3.0, 0.0)
    left_out = guess_definition(frame, "shop").definition["left_out"]
    assert "only where clicked is 1" in left_out["refund"]


def test_nothing_inside_lists_or_structs_becomes_a_role() -> None:
    frame = logs().drop(columns=["country"])
    frame["device"] = [{"brand": "a", "market": "b"}] * len(frame)
    frame["market_tags"] = [["x"]] * len(frame)
    definition = guess_definition(frame, "shop").definition
    assert "platform" not in definition
    assert "region" not in definition
    assert {"device", "market_tags"} <= set(definition["left_out"])


def test_columns_whose_names_are_no_names_are_given_one() -> None:
    frame = logs().rename(
        columns={
            "search_id": "Search ID",
            "country": "Market Country",
            "price": "Unit Price",
            "clicked": "click!",
            "purchased": "add to cart",
        }
    )
    written = guess_definition(frame, "shop").definition
    definition = Dataset.model_validate(written)
    assert definition.list_id == ("Search ID",)
    assert [(task.name, task.column) for task in definition.tasks] == [
        ("click", "click!"),
        ("add_to_cart", "add to cart"),
    ]
    assert definition.region == "Market Country"
    assert definition.country_features == ("Market_Country",)
    assert definition.feature("Market_Country").column == "Market Country"
    assert definition.feature("Unit_Price").column == "Unit Price"
    assert "column" not in next(item for item in written["features"] if item["name"] == "stars")


def test_names_that_are_reserved_are_not_given() -> None:
    frame = logs().rename(columns={"country": "list_region", "price": "item_position"})
    frame["stars__missing"] = frame["stars"] * 2.5
    definition = Dataset.model_validate(guess_definition(frame, "shop").definition)
    assert {
        feature.name: feature.column
        for feature in definition.features
        if feature.name != feature.column
    } == {
        "list_region_2": "list_region",
        "item_position_2": "item_position",
        "stars__missing_2": "stars__missing",
    }


def test_an_action_that_fits_two_patterns_is_one_task() -> None:
    frame = logs().rename(columns={"purchased": "click_then_buy"})
    tasks = guess_definition(frame, "shop").definition["tasks"]
    assert [task["name"] for task in tasks] == ["clicked", "click_then_buy"]


def test_a_timestamp_is_the_time_whatever_its_name() -> None:
    shown = pd.to_datetime(["2026-01-01", "2026-01-01", "2026-01-02", "2026-01-02"] * 5)
    sample = pd.DataFrame(
        {
            "search_id": np.repeat(np.arange(10), 2),
            "shown_at": shown,
            "price": np.arange(20.0),
            "click": [0, 1] * 10,
            "true_probability_click": np.linspace(0.1, 0.9, 20),
        }
    )
    definition = guess_definition(sample, "shop").definition
    assert definition["time"]["column"] == "shown_at"
    assert "true probability" in definition["left_out"]["true_probability_click"]
    assert [feature["name"] for feature in definition["features"]] == ["price"]


@pytest.mark.parametrize(
    ("unit", "factor"), [("s", 1), ("ms", 10**3), ("us", 10**6), ("ns", 10**9)]
)
def test_numbers_are_a_time_in_the_unit_of_their_size(
    tmp_path: Path, unit: str, factor: int
) -> None:
    frame = logs()
    since = frame["shown_at_time"].astype("datetime64[ns]").astype("int64") // 10**9
    frame.assign(shown_at_time=since * factor).to_csv(tmp_path / "a.csv", index=False)
    definition = guess_definition(read_first_rows(str(tmp_path / "a.csv")), "shop").definition
    assert definition["time"] == {"column": "shown_at_time", "unit": unit}


def test_numbers_that_are_named_like_a_time_are_none() -> None:
    frame = logs().rename(columns={"shown_at_time": "hours_at"})
    frame["hours_at"] = frame["search_id"] % 24
    definition = guess_definition(frame, "shop").definition
    assert "time" not in definition
    assert "hours_at" in [feature["name"] for feature in definition["features"]]


def late_logs() -> pd.DataFrame:
    """Logs that say when items were clicked, purchased and sent back."""
    frame = logs(lists=120)
    clicked, purchased = frame["clicked"] > 0, frame["purchased"] > 0
    shown = frame["shown_at_time"]
    hours = pd.to_timedelta(np.arange(len(frame)) % 50, "h")
    back = purchased & (np.arange(len(frame)) % 4 == 0)
    return frame.assign(
        clicked_at=(shown + pd.to_timedelta(30, "s")).where(clicked),
        purchased_at=(shown + hours).where(purchased),
        returned_at=(shown + hours + pd.to_timedelta(9, "D")).where(back),
        # Known only afterwards as well, but the time of nothing that is a task.
        paid_time=(shown - pd.to_timedelta(1, "D")).where(purchased),
    )


@pytest.mark.parametrize("as_text", [False, True])
def test_times_of_actions_are_found_by_names_and_values(as_text: bool) -> None:
    frame = late_logs()
    if as_text:
        names = ["shown_at_time", "clicked_at", "purchased_at", "returned_at", "paid_time"]
        texts = frame[names].apply(lambda column: column.dt.strftime("%Y-%m-%d %H:%M:%S"))
        frame = frame.assign(**{name: texts[name] for name in names})
    guess = guess_definition(frame, "shop")
    click, purchase, kept = Dataset.model_validate(guess.definition).tasks
    assert (click.name, click.at, click.undone_by) == ("clicked", "clicked_at", None)
    assert (purchase.name, purchase.at, purchase.undone_by) == ("purchased", "purchased_at", None)
    assert (kept.name, kept.column, kept.grade) == ("kept_purchased", "purchased", 3)
    assert (kept.at, kept.undone_by) == ("purchased_at", "returned_at")
    assert "paid_time" in guess.definition["left_out"]
    reasons = guess.reasons["tasks"]
    assert "clicked_at stands where clicked is 1 (99% within 1m)" in reasons
    # After 48 hours at most, and sent back 9 days later.
    assert "purchased_at stands where purchased is 1 (99% within 2d)" in reasons
    assert "returned_at looks like taking it back (99% within 14d)" in reasons
    assert "`matures_after`" in reasons
    assert guess.windows == {"clicked": "1m", "purchased": "2d", "kept_purchased": "14d"}


@pytest.mark.parametrize(
    ("hours", "windows"),
    [(2, ["3h", "3h"]), (27 * 24, ["28d", "28d"]), (29 * 24, ["35d", "35d"])],
)
def test_windows_are_usual_ones_and_do_not_fall(hours: int, windows: list[str]) -> None:
    frame = late_logs().drop(columns="returned_at")
    shown = frame["shown_at_time"]
    late = {"clicked_at": pd.to_timedelta(hours, "h"), "purchased_at": pd.to_timedelta(1, "h")}
    frame = frame.assign(
        **{name: (shown + by).where(frame[name].notna()) for name, by in late.items()}
    )
    assert list(guess_definition(frame, "shop").windows.values()) == windows


def test_times_of_another_kind_than_the_lists_say_so() -> None:
    frame = late_logs()
    seconds = (frame["purchased_at"] - pd.Timestamp(0)) / pd.Timedelta(1, "s")
    guess = guess_definition(frame.assign(purchased_at=seconds), "shop")
    bought, kept = guess.definition["tasks"][1:]
    assert bought["at"] == kept["at"] == {"column": "purchased_at", "unit": "s"}
    assert "&" not in yaml.safe_dump(guess.definition["tasks"]), "each task says it itself"
    Dataset.model_validate(guess.definition)


def test_logs_without_times_of_actions_have_none() -> None:
    guess = guess_definition(logs(), "shop")
    assert not [task for task in guess.definition["tasks"] if "at" in task]
    assert "matures_after" not in guess.reasons["tasks"]
    assert guess.windows == {}
