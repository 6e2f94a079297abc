from typing import Any

import pyarrow as pa
import pytest

from data.listings.listings import ListingColumns, Listings, listings_of
from data.listings.taxonomy import Taxonomy
from models.attributes.keys import Keys
from pipeline.drafts.checks import DraftChecks
from pipeline.drafts.languages import language_of, script_of

TAXONOMY = Taxonomy({"cup": {"Colour": ("Red", "Navy Blue", "Blue"), "Volume": ("300", "500")}})
KEYS = Keys(TAXONOMY, 1 << 10)


def listings(*titles: str) -> Listings:
    table = pa.table(
        {
            "category": ["cup"] * len(titles),
            "title": list(titles),
            "Colour": [["Navy Blue"]] * len(titles),
        }
    )
    return listings_of(table, ListingColumns(), TAXONOMY.attributes)


def faults(draft: str, title: str = "Tea cup 4006381333931", **more: Any) -> list[str]:
    checks = DraftChecks(KEYS, shortest=5, longest=200, **more)
    (found,) = checks.faults(listings(title), [draft])
    return found


def test_what_the_listing_states_may_be_stated() -> None:
    """Blue is a part of Navy Blue, and the long number of the title is no telephone's."""
    assert faults("A navy-blue cup, truly blue. EAN 4006381333931.") == []
    assert faults("A cup. It is 3.5 in. high, and/or blue < white.\nTea.") == []


@pytest.mark.parametrize(
    ("draft", "expected"),
    [
        ("A red cup", ["states what the listing does not: Colour 'Red'"]),
        ("Cup of 500 ml, red", ["states what the listing does not: Colour 'Red', Volume '500'"]),
        ("Cup", ["expected 5 to 200 characters, found 3"]),
        ("Cup " * 60, ["expected 5 to 200 characters, found 240"]),
        ("Cup: ask me@shop.example", ["holds an e-mail address"]),
        ("Cup at https://x.example", ["holds a web address"]),
        ("Cup, see shop.com", ["holds a web address"]),
        ("Cup, see shop.co.uk", ["holds a web address"]),
        ("Cup, see t.me/shop", ["holds a web address"]),
        ("Cup: me (at) shop dot example", ["holds an e-mail address"]),
        ("<think>hm</think> A cup", ["holds tags"]),
        ("A cup \x00", ["holds characters that are no text"]),
        ("Cup, call +49 (0)30 1234567", ["holds a telephone number"]),
        ("Cup, message @seller_1", ["holds a handle"]),
        ("Cup, WhatsApp only", ["holds a messenger"]),
        ("茶のためのきれいなカップ", ["expected latin letters, found cjk ones"]),
    ],
)
def test_what_is_refused(draft: str, expected: list[str]) -> None:
    assert faults(draft) == expected


def test_unsupported_values_can_be_allowed() -> None:
    assert faults("A red cup", unsupported=True) == []


def test_the_language_that_was_asked_for() -> None:
    german = "Die Tasse ist für den Tee und für den Kaffee, mit der Untertasse"
    assert faults(german, language="de") == []
    assert faults(german, language="en") == ["expected the language en, found de"]


def test_languages_and_scripts() -> None:
    assert language_of("the cup is for the tea and it is of glass") == "en"
    assert language_of("la taza es para el té y es de vidrio") == "es"
    assert language_of("cup 300 ml") is None
    assert script_of("赤いカップ ABC") == "CJK"
    assert script_of("300 + 1") is None


def test_sentences_of_others_state_no_new_numbers() -> None:
    checks = DraftChecks(KEYS)
    found = checks.phrase_faults(
        listings(*["Tea cup 300"] * 3), ["Holds 300 ml.", "Holds 250 ml.", "It is red."]
    )
    assert found == [[], ["250"], ["Colour 'Red'"]]
