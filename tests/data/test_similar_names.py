import pytest

from data.similar_names import did_you_mean, similar


@pytest.mark.parametrize(
    ("name", "others", "near"),
    [
        ("discount", ["country", "count"], []),
        ("price_eur", ["price", "EUR_price", "prices"], ["EUR_price", "price"]),
        ("srch_id", ["search_id", "user_id", "id"], ["search_id"]),
        ("countryCode", ["code", "country", "country_code"], ["country_code", "country"]),
        ("clicks", ["click", "Clicks", "brick"], ["Clicks", "click"]),
        ("земля", ["Земля", "цена"], ["Земля"]),
    ],
)
def test_similar_names_are_close_in_spelling_or_share_words(
    name: str, others: list[str], near: list[str]
) -> None:
    assert similar(name, others) == near


def test_what_may_be_meant_ends_a_message() -> None:
    assert did_you_mean("clik", ["click", "purchase"]) == "; did you mean 'click'?"
    assert did_you_mean("clicks", ["click", "Clicks"]) == "; did you mean 'Clicks' or 'click'?"
    assert did_you_mean("clik", ["purchase"]) == did_you_mean("clik", []) == ""
