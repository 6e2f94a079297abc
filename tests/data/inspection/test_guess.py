from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from data.dataset import Dataset
from data.errors import InputError
from data.inspection import guess_definition, read_sample


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
        guess_definition(read_sample(str(tmp_path / name)), "shop").definition
        for name in ("a.csv", "a.parquet")
    ]
    assert guesses[0] == guesses[1]


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("absent.csv", None, "expected a file"),
        ("logs.xlsx", b"x", "expected a file ending in"),
        ("broken.parquet", b"not parquet", "cannot be read"),
    ],
)
def test_a_wrong_file_is_named(
    tmp_path: Path, name: str, content: bytes | None, expected: str
) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError, match=expected):
        read_sample(str(tmp_path / name))


def test_a_number_that_is_0_but_after_the_action_is_left_out() -> None:
    frame = logs()
    frame["refund"] = np.where(frame["purchased"] == 1, 3.0, 0.0)
    left_out = guess_definition(frame, "shop").definition["left_out"]
    assert "only where clicked is 1" in left_out["refund"]


def test_the_first_file_of_a_folder_is_looked_at(tmp_path: Path) -> None:
    (tmp_path / "day=1").mkdir()
    logs().drop(columns="embedding").to_csv(tmp_path / "day=1" / "a.csv", index=False)
    assert len(read_sample(str(tmp_path))) == 240
