"""Searches in the form of the competition's train.csv: 54 columns, missing values as NULL."""

from pathlib import Path

import numpy as np
import pandas as pd

COUNTRIES = (219, 100, 55, 129)


def searches(number: int, hotels: int = 12, seed: int = 1) -> pd.DataFrame:
    """Made-up searches whose visitors favour well-situated, cheap hotels."""
    random = np.random.default_rng(seed)
    rows = number * hotels
    search = np.repeat(np.arange(number), hotels)
    location = random.uniform(0, 1, rows)
    price = np.exp(random.normal(4.7, 0.5, rows))
    appeal = 6 * location - 2 * np.log(price) + random.gumbel(0, 1, rows)
    best = appeal == np.repeat(appeal.reshape(number, hotels).max(axis=1), hotels)
    booked = best & (random.uniform(0, 1, number)[search] < 0.7)
    frame = pd.DataFrame(
        {
            "srch_id": search + 1,
            "date_time": pd.Timestamp("2013-03-17") + pd.to_timedelta(search, "h"),
            "site_id": random.integers(1, 4, number)[search],
            "visitor_location_country_id": random.choice(COUNTRIES, number)[search],
            "visitor_hist_starrating": np.nan,
            "visitor_hist_adr_usd": np.nan,
            "prop_country_id": random.choice(COUNTRIES, number)[search],
            "prop_id": np.random.default_rng(seed).permutation(10**5)[:rows] + 1,
            "prop_starrating": random.integers(1, 6, rows),
            "prop_review_score": random.integers(2, 11, rows) / 2,
            "prop_brand_bool": random.integers(0, 2, rows),
            "prop_location_score1": np.round(10 * location, 2),
            "prop_location_score2": np.where(random.uniform(0, 1, rows) < 0.2, np.nan, location),
            "prop_log_historical_price": np.round(np.log(price), 2),
            "position": np.tile(np.arange(1, hotels + 1), number),
            "price_usd": np.round(price, 2),
            "promotion_flag": random.integers(0, 2, rows),
            "srch_destination_id": search % 50,
            "srch_length_of_stay": random.integers(1, 8, number)[search],
            "srch_booking_window": random.integers(0, 90, number)[search],
            "srch_adults_count": random.integers(1, 4, number)[search],
            "srch_children_count": random.integers(0, 3, number)[search],
            "srch_room_count": 1,
            "srch_saturday_night_bool": random.integers(0, 2, number)[search],
            "srch_query_affinity_score": np.where(search % 5 == 0, -20 * location, np.nan),
            "orig_destination_distance": np.exp(random.normal(6, 1, rows)),
            "random_bool": (search % 3 == 0).astype(int),
        }
    )
    for competitor in range(1, 9):
        known = random.uniform(0, 1, rows) < 0.3
        rate = np.where(known, random.integers(-1, 2, rows), np.nan)
        frame[f"comp{competitor}_rate"] = rate
        frame[f"comp{competitor}_inv"] = np.where(known, 0, np.nan)
        frame[f"comp{competitor}_rate_percent_diff"] = np.where(rate != 0, 5 * known, np.nan)
    frame["click_bool"] = best.astype(int)
    frame["gross_bookings_usd"] = np.where(booked, price, np.nan)
    frame["booking_bool"] = booked.astype(int)
    return frame


def write_searches(path: Path, number: int) -> None:
    """Writes searches as the competition's files do."""
    searches(number).to_csv(path, index=False, na_rep="NULL")
