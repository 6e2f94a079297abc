"""Learning and filling on made-up listings, of two categories in two languages."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from data.errors import InputError
from data.listings.files import ListingFile
from data.listings.listings import ListingColumns
from data.listings.taxonomy import Taxonomy
from models.attributes.config import AttributeConfig
from models.attributes.filling import AttributeFiller, check_names, fill_file
from models.attributes.learning import (
    TrainedFilling,
    below_precision,
    taught_listings,
    train_filling,
)
from models.attributes.measures import Counts
from models.attributes.model import AttributeModel
from models.attributes.search import ValueSearch

COLUMNS = ListingColumns()
CONFIG = AttributeConfig(
    units=16, buckets=1 << 13, match_buckets=1 << 12, match_units=8, epochs=10, batch=24
)
TAXONOMY = Taxonomy(
    {
        "shirt": {"Colour": ("Red", "Blue", "Green"), "Use": ("sport", "office")},
        "靴": {"Colour": ("赤", "青"), "Code": tuple(f"AB{at}X" for at in range(100, 400))},
    }
)
# Words that mean a use without naming it.
WORDS = {"sport": ("running", "gym"), "office": ("formal", "business")}


def shop(count: int = 160) -> pa.Table:
    drawn = np.random.default_rng(3)
    rows = []
    for _ in range(count // 2):
        colour, use = drawn.choice(["Red", "Blue", "n/a"]), drawn.choice(["sport", "office"])
        said = "plain" if colour == "n/a" else colour.lower()
        words = f"{said} shirt for {drawn.choice(WORDS[use])}"
        rows.append({"category": "shirt", "title": words, "Colour": colour, "Use": use})
        colour, code = drawn.choice(["赤", "青"]), f"AB{drawn.integers(100, 300)}X"
        title = f"{colour}い靴 {code[:2]}-{code[2:]}"
        rows.append({"category": "靴", "title": title, "Colour": colour, "Code": code})
    return pa.Table.from_pylist(rows, pa.schema([(name, pa.string()) for name in NAMES]))


NAMES = ("category", "title", "Colour", "Use", "Code")


def asked(*rows: tuple[str, str]) -> pa.Table:
    category, title = zip(*rows, strict=True)
    return pa.table({"category": list(category), "title": list(title)})


@pytest.fixture(scope="module")
def trained() -> TrainedFilling:
    return train_filling([shop()], COLUMNS, TAXONOMY, CONFIG)


def fill(trained: TrainedFilling, table: pa.Table, taxonomy: Taxonomy = TAXONOMY) -> dict:
    filler = AttributeFiller(ValueSearch(trained.model, taxonomy), COLUMNS)
    return filler.fill(table).to_pydict()


def test_values_are_found_by_what_is_said_and_meant(trained: TrainedFilling) -> None:
    table = asked(("shirt", "Blue business shirt"), ("靴", "AB-123X 赤い靴"))
    filled = fill(trained, table)
    assert filled["Colour"] == ["Blue", "赤"]
    assert filled["Use"] == ["office", None]
    assert filled["Code"] == [None, "AB123X"]
    assert filled["Code_filled"] == [False, True]
    assert filled["Code_score"][0] is None
    assert 0.5 < filled["Code_score"][1] <= 1


def test_a_value_that_no_listing_states_is_found(trained: TrainedFilling) -> None:
    filled = fill(trained, asked(("shirt", "green shirt for gym"), ("靴", "青い靴 AB-377X")))
    assert filled["Colour"] == ["Green", "青"]
    assert filled["Code"][1] == "AB377X"


def test_a_taxonomy_that_grows_needs_no_training(trained: TrainedFilling) -> None:
    shirts = {**TAXONOMY.values["shirt"], "Colour": ("Red", "Blue", "Turquoise")}
    grown = Taxonomy({**TAXONOMY.values, "shirt": shirts, "hat": {"Colour": ("Red",)}})
    assert fill(trained, asked(("shirt", "turquoise shirt")), grown)["Colour"] == ["Turquoise"]


def test_the_null_key_is_the_threshold(trained: TrainedFilling) -> None:
    filled = fill(trained, asked(("shirt", "plain shirt for running")))
    assert filled["Colour"] == [None]
    assert filled["Colour_filled"] == [False]


def test_nothing_that_is_stated_is_overwritten(trained: TrainedFilling) -> None:
    table = asked(*[("shirt", "blue shirt")] * 4, ("sock", "blue"))
    colours = pa.array([["Red", "mauve"], ["n/a"], [], None, None])
    filled = fill(trained, table.append_column("Colour", colours))
    assert filled["Colour"] == [["Red", "mauve"], ["n/a"], ["Blue"], ["Blue"], None]
    assert filled["Colour_filled"] == [False, False, True, True, False]
    assert list(filled)[:5] == ["category", "title", "Colour", "Colour_score", "Colour_filled"]


def test_coverage_before_and_after(trained: TrainedFilling) -> None:
    filler = AttributeFiller(ValueSearch(trained.model, TAXONOMY), COLUMNS)
    table = asked(("shirt", "red shirt"), ("shirt", "plain shirt"), ("sock", "red"))
    filler.fill(table.append_column("Colour", pa.array([None, "n/a", None], pa.string())))
    coverage = filler.coverage["Colour"]
    assert (coverage.asked, coverage.stated, coverage.absent, coverage.filled) == (2, 0, 1, 1)
    assert (coverage.before, coverage.after) == (0, 1 / 2)


def test_withheld_attributes_stay_empty(trained: TrainedFilling) -> None:
    search = ValueSearch(trained.model, TAXONOMY)
    filler = AttributeFiller(search, COLUMNS, frozenset({"Colour"}))
    filled = filler.fill(asked(("shirt", "red gym shirt"))).to_pydict()
    assert filled["Colour"] == [None]
    assert filled["Use"] == ["sport"]


def test_a_tenth_is_held_out_and_judged(trained: TrainedFilling) -> None:
    counts = trained.held_out["shirt", "Use"]
    assert trained.trained == 160
    assert 0 < counts.listings <= 16
    assert counts.right >= 0.7 * counts.listings


def test_a_model_that_was_saved_answers_the_same(trained: TrainedFilling, tmp_path: Path) -> None:
    trained.save(str(tmp_path))
    loaded = TrainedFilling.load(str(tmp_path))
    assert (loaded.held_out, loaded.trained) == (trained.held_out, trained.trained)
    listings = taught_listings([shop(20)], COLUMNS, TAXONOMY, 100)
    before = ValueSearch(trained.model, TAXONOMY).answers(listings)
    after = ValueSearch(loaded.model, TAXONOMY).answers(listings)
    for name in TAXONOMY.attributes:
        np.testing.assert_allclose(before[name].scores, after[name].scores, atol=1e-6)


@pytest.mark.parametrize("content", [b"PK", b"PK\x03\x04 cut off"])
def test_a_damaged_model_is_told(content: bytes, trained: TrainedFilling, tmp_path: Path) -> None:
    trained.model.save(str(tmp_path))
    (tmp_path / "weights.npz").write_bytes(content)
    with pytest.raises(InputError, match="expected a model that seqmd fill-attributes wrote"):
        AttributeModel.load(str(tmp_path))


def test_a_model_that_is_not_there_is_told_in_words(tmp_path: Path) -> None:
    told = r"with config.json and weights.npz: No such file or directory$"
    with pytest.raises(InputError, match=told):
        AttributeModel.load(str(tmp_path / "none"))


@pytest.mark.parametrize("content", ["", "[]", '{"trained": 1, "held_out": [["a", 1]]}'])
def test_damaged_measures_are_told(content: str, trained: TrainedFilling, tmp_path: Path) -> None:
    trained.save(str(tmp_path))
    (tmp_path / "held_out.json").write_text(content)
    with pytest.raises(InputError, match=r"held_out.json: expected what seqmd fill-attributes"):
        TrainedFilling.load(str(tmp_path))


def test_attributes_below_a_precision() -> None:
    """Colour 9 of 10 in all, Use 3 of 4, and Code was never filled."""
    counts = {
        ("shirt", "Colour"): Counts(right=5, wrong=1, listings=6),
        ("cup", "Colour"): Counts(right=4, wrong=0, listings=4),
        ("shirt", "Use"): Counts(right=3, wrong=1, listings=4),
        ("shirt", "Code"): Counts(missed=2, listings=2),
    }
    assert below_precision(counts, 0.9) == {"Use", "Code"}
    assert below_precision(counts, 0) == frozenset()
    assert below_precision(counts, 0.91) == {"Colour", "Use", "Code"}


def test_batches_do_not_change_what_is_filled(trained: TrainedFilling, tmp_path: Path) -> None:
    table = shop(30).select(["category", "title"])
    whole = fill(trained, table)
    parts = [fill(trained, table.slice(at, 7)) for at in range(0, 30, 7)]
    for name in TAXONOMY.attributes:
        assert [value for part in parts for value in part[name]] == whole[name]


def test_a_file_is_filled(trained: TrainedFilling, tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_text("category,title\nshirt,red gym shirt\n")
    filler = AttributeFiller(ValueSearch(trained.model, TAXONOMY), COLUMNS)
    rows: list[int] = []
    output = str(tmp_path / "out.csv")
    assert fill_file(ListingFile(str(tmp_path / "in.csv")), filler, output, rows.append) == 1
    (filled,) = next(ListingFile(output).batches()).to_pylist()
    assert (filled["Colour"], filled["Use"], rows) == ("Red", "sport", [1])


def test_of_many_listings_a_sample_is_taught() -> None:
    listings = taught_listings([shop(100), shop(100)], COLUMNS, TAXONOMY, 60)
    assert 30 < len(listings) <= 60


def test_nothing_to_learn_is_told() -> None:
    with pytest.raises(InputError, match="expected listings that state values of the taxonomy"):
        train_filling([asked(("shirt", "red shirt"))], COLUMNS, TAXONOMY, CONFIG)


def test_names_that_are_written_must_be_free() -> None:
    with pytest.raises(InputError, match="found Use_score"):
        check_names(["title", "Use_score"], TAXONOMY, COLUMNS, "a.csv")
    both = Taxonomy({"shirt": {"Use": ("gym",), "Use_filled": ("yes",)}})
    with pytest.raises(InputError, match="no attributes of the names that are written, found Use_"):
        check_names(["title"], both, COLUMNS, "a.csv")


def test_a_column_of_texts_is_no_attribute() -> None:
    with pytest.raises(InputError, match=r"no attributes of the taxonomy, found Use$"):
        check_names(["name"], TAXONOMY, ListingColumns(title="Use"), "a.csv")
