import pyarrow as pa
import pytest

from data.errors import InputError
from data.listings.taxonomy import Taxonomy
from data.listings.taxonomy_match import check_categories, told_categories, told_columns

TAXONOMY = Taxonomy({"Shirt": {"Colour": ("Red",), "Use": ("gym",), "Size": ("S",)}})


def test_attributes_that_no_column_has_are_told() -> None:
    assert told_columns(TAXONOMY, ["title", "colour", "Size"]) == [
        "No listing has a column 'Colour'; did you mean 'colour'?",
        "No listing has a column of 1 attribute: 'Use'",
    ]
    assert told_columns(TAXONOMY, ["Colour", "Use", "Size"]) == []


def test_an_attribute_of_its_own_is_not_meant_by_another() -> None:
    taxonomy = Taxonomy({"Shirt": {"size": ("S",), "sizes": ("S",)}})
    assert told_columns(taxonomy, ["sizes"]) == ["No listing has a column of 1 attribute: 'size'"]


def test_categories_of_both_sides_are_told() -> None:
    tables = [pa.table({"category": ["shirts"] * 60})] * 2
    tables += [pa.table({"category": [*["phones"] * 60, None]})]
    told = r"taxonomy has Shirt; listings have shirts \(120\), phones \(60\), no category \(1\)"
    with pytest.raises(InputError, match=f"^a.csv: expected .*{told}$"):
        check_categories(TAXONOMY, tables, "category", "a.csv")
    check_categories(TAXONOMY, [*tables, pa.table({"category": ["Shirt"]})], "category", "a.csv")


def test_many_categories_are_told_in_part() -> None:
    table = pa.table({"category": [f"c{at}" for at in range(8)]})
    with pytest.raises(InputError, match=r"c4 \(1\) and 3 more$"):
        check_categories(TAXONOMY, [table], "category", "a.csv")


@pytest.mark.parametrize("tables", [[], [pa.table({"category": pa.array([], pa.string())})]])
def test_no_listings_are_told_with_their_file(tables: list[pa.Table]) -> None:
    with pytest.raises(InputError, match=r"^a.csv: expected listings, found none$"):
        check_categories(TAXONOMY, tables, "category", "a.csv")


def test_listings_without_a_category_of_the_taxonomy_are_told() -> None:
    told = told_categories(TAXONOMY, {"Shirt": 5, "shirt": 2, None: 1, "phones": 3})
    assert told == (
        "Nothing filled of 6 listings without a category of the taxonomy: 'phones', "
        "'shirt'; did you mean 'Shirt'?, no category"
    )
    assert told_categories(TAXONOMY, {"Shirt": 5}) is None
