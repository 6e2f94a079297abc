import numpy as np
import pandas as pd
import pytest

from data.definition.dataset import Dataset
from data.inspection import guess_definition


def mixed(rows: int = 600) -> pd.DataFrame:
    """Products, shops and articles, six to a list."""
    random = np.random.default_rng(2)
    card = random.choice(["product", "shop", "article"], rows, p=[0.6, 0.3, 0.1])
    price = np.where(card == "product", random.lognormal(3, 1, rows), np.nan)
    price[random.random(rows) < 0.1] = np.nan
    topic = random.choice(["news", "guide"], rows).astype(object)
    return pd.DataFrame(
        {
            "search_id": np.repeat(np.arange(rows // 6), 6),
            "card": card,
            "rating": random.normal(4, 1, rows),
            "colour": random.choice(["red", "blue"], rows),
            "price": price,
            "topic": np.where(card == "product", None, topic),
            "clicked": (random.random(rows) < 0.2).astype(int),
        }
    )


def test_kinds_are_told_by_what_they_lack() -> None:
    guess = guess_definition(mixed(), "shop")
    definition = Dataset.model_validate(guess.definition)
    assert definition.kind_of_item == "card"
    assert {one.name: one.kinds for one in definition.item_features} == {
        "card": None,
        "rating": None,
        "colour": None,
        "price": ("product",),
        "topic": ("article", "shop"),
    }
    assert guess.reasons["kind_of_item"] == "items of some kinds have no value of price, topic"


@pytest.mark.parametrize("column", ["price", "topic"])
def test_what_is_missing_here_and_there_makes_no_kind(column: str) -> None:
    frame = mixed()
    frame["price"], frame["topic"] = 1.5 + frame["rating"], "news"
    # A few values of every kind: that one is rarely filled in.
    frame.loc[np.arange(len(frame)) % 10 > 0, column] = np.nan
    assert "kind_of_item" not in guess_definition(frame, "shop").definition
