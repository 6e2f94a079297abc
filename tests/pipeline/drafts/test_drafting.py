from collections.abc import Callable

import pyarrow as pa

from data.listings.listings import ListingColumns
from data.listings.taxonomy import Taxonomy
from models.attributes.config import AttributeConfig
from models.attributes.inputs import ListingInputs, rarity_of
from models.attributes.keys import Keys
from models.attributes.model import AttributeModel
from models.attributes.search import ValueSearch
from pipeline.drafts.checks import DraftChecks
from pipeline.drafts.drafting import Drafting
from pipeline.drafts.endpoint import NoAnswerError
from pipeline.drafts.similar import SimilarListings, described_listings
from pipeline.drafts.writers import EmbeddedWriter, EndpointWriter, ToDescribe, Writer

TAXONOMY = Taxonomy({"cup": {"Colour": ("Red", "Blue")}, "lamp": {"Colour": ("Red",)}})
CONFIG = AttributeConfig(units=16, buckets=1 << 12, match_buckets=1 << 8)
KEYS = Keys(TAXONOMY, CONFIG.buckets)
CHECKS = DraftChecks(KEYS, shortest=10, longest=120)
SHOP = pa.table(
    {
        "category": ["cup", "cup", "cup", "lamp", "cup"],
        "title": ["Tea cup", "Tea cup of glass", "Soup bowl", "Tea cup lamp", "Big tea cup"],
        "description": [
            None,
            "Safe in the dishwasher. It is red. Holds 3.5 dl.",
            "Deep. Wide.",
            "Shines.",
            "Keeps tea warm. It is blue.",
        ],
        "Colour": ["Blue", "Red", None, "Red", "Blue"],
        "sold": [0, 3, 1, 5, 0],
        "photos": [["a.jpg", ""], [], None, [], ["b.jpg"]],
    }
)


def similar() -> SimilarListings:
    pool = described_listings([SHOP], ListingColumns(), TAXONOMY, None)
    assert pool is not None
    model = AttributeModel.untrained(CONFIG, rarity_of(ListingInputs.of(pool, KEYS, 256), KEYS))
    return SimilarListings(ValueSearch(model, TAXONOMY), pool, 2)


def drafted(writer: Writer, everything: bool = False) -> dict[str, list]:
    drafting = Drafting(writer, CHECKS, similar(), TAXONOMY, ListingColumns(), "photos", everything)
    table = drafting.draft(SHOP)
    counts = drafting.counts
    assert counts.drafted + counts.refused + counts.unanswered == (5 if everything else 1)
    assert counts.described == 4
    assert table.select(SHOP.column_names) == SHOP
    return table.select(["draft", "draft_refused"]).to_pydict()


class Fixed:
    """Writes what it is told, and keeps what it was given."""

    def __init__(self, write: Callable[[int], str | NoAnswerError]) -> None:
        self._write = write
        self.given: list[ToDescribe] = []

    def write(self, given: ToDescribe) -> list[str | NoAnswerError]:
        self.given.append(given)
        return [self._write(at) for at in range(len(given.listings))]


def test_the_embedded_writer_takes_facts_of_the_listing_and_style_of_others() -> None:
    """`It is red` and 3.5 dl are another listing's; two sentences of the others are left."""
    found = drafted(EmbeddedWriter(CHECKS))
    draft = found["draft"][0]
    assert draft.startswith("Tea cup. Colour: Blue. ")
    assert "red" not in draft
    assert "3.5" not in draft
    assert "Safe in the dishwasher." in draft or "Keeps tea warm." in draft
    assert found["draft"][1:] == [None] * 4
    assert found["draft_refused"] == [None] * 5


def test_examples_are_of_the_same_category_and_the_nearest() -> None:
    writer = Fixed(lambda at: "A cup for all your tea")
    drafted(writer)
    (given,) = writer.given
    assert given.photos == [["a.jpg"]]
    assert set(given.examples[0]) == {
        SHOP["description"][1].as_py(),
        SHOP["description"][4].as_py(),
    }


def test_a_listing_is_no_example_of_itself() -> None:
    writer = Fixed(lambda at: "A cup for all your tea")
    drafted(writer, everything=True)
    for own, examples in zip(
        SHOP["description"].to_pylist(), writer.given[0].examples, strict=True
    ):
        assert own not in examples


def test_only_what_was_bought_is_an_example() -> None:
    pool = described_listings([SHOP], ListingColumns(), TAXONOMY, "sold")
    assert pool is not None
    assert pool.titles == ["Tea cup of glass", "Soup bowl", "Tea cup lamp"]
    assert described_listings([SHOP.slice(0, 1)], ListingColumns(), TAXONOMY, None) is None


def test_refused_drafts_say_why() -> None:
    found = drafted(Fixed(lambda at: "A red cup for tea"))
    assert found["draft"] == [None] * 5
    assert found["draft_refused"][0] == "states what the listing does not: Colour 'Red'"
    silent = drafted(Fixed(lambda at: NoAnswerError("no answer in 4 tries")))
    assert silent["draft_refused"][0] == "no answer in 4 tries"


def test_nothing_is_written_of_a_listing_that_says_nothing() -> None:
    writer = Fixed(lambda at: "A cup for all your tea")
    drafting = Drafting(writer, CHECKS, None, TAXONOMY, ListingColumns(), "photo", False)
    shop = pa.table(
        {"category": ["cup"] * 3, "title": [" ", "Tea cup", None], "photo": [None, None, "a.jpg"]}
    )
    found = drafting.draft(shop)
    assert found["draft"].to_pylist() == [None, *["A cup for all your tea"] * 2]
    assert found["draft_refused"][0].as_py() == "expected a title, attributes or photos, found none"
    assert [given.listings.titles for given in writer.given] == [["Tea cup", None]]
    counts = drafting.counts
    assert (counts.drafted, counts.refused, counts.untitled) == (2, 0, 1)


def test_what_an_endpoint_is_told() -> None:
    asked = []

    class Recorded:
        def ask(self, messages: list) -> str:
            asked.append(messages)
            return "A blue cup for your tea."

    found = drafted(EndpointWriter(Recorded(), CHECKS))  # type: ignore[arg-type]
    assert found["draft"][0] == "A blue cup for your tea."
    ((system, user),) = asked
    assert "10 to 120 characters" in system["content"]
    text, photo = user["content"]
    assert text["text"].splitlines()[:3] == ["Title: Tea cup", "Category: cup", "Colour: Blue"]
    assert "Example: " in text["text"]
    assert photo == {"type": "image_url", "image_url": {"url": "a.jpg"}}
