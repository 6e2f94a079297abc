import pytest

from data.definition.dataset import Dataset
from data.errors import InputError
from data.sources.needed_columns import check_columns, check_somewhere, needed_columns

DATASET = Dataset.model_validate(
    {
        "name": "shop",
        "list_id": ["day", "search"],
        "time": {"column": "at"},
        "tasks": [{"name": "click", "column": "clicks", "grade": 1}],
        "region": "country",
        "platform": "device",
        "user": "visitor",
        "position": "rank",
        "list_weight": "weight",
        "features": [
            {"name": "price", "column": "price_eur", "scope": "item", "kind": "numeric"},
            {"name": "country", "scope": "context", "kind": "categorical"},
        ],
    }
)


def test_each_column_is_needed_once_and_required_if_any_field_requires_it() -> None:
    needed = needed_columns(DATASET, with_labels=False)
    assert {column.name: column.required for column in needed} == {
        "day": True,
        "search": True,
        "country": True,  # Optional as the region, required as a feature.
        "device": False,
        "visitor": False,
        "price_eur": True,
    }


def test_labels_times_and_weights_are_needed_for_training() -> None:
    names = {column.name for column in needed_columns(DATASET) if column.required}
    assert names == {
        *("day", "search", "country", "device", "visitor", "price_eur"),
        *("at", "clicks", "rank", "weight"),
    }


def test_a_missing_column_is_named_with_its_field_and_similar_ones() -> None:
    columns = ["day", "search", "country", "device", "visitor", "at", "clicks", "rank", "weight"]
    with pytest.raises(InputError) as error:
        check_columns(needed_columns(DATASET), [*columns, "Price_EUR", "size"], "logs/a.csv")
    assert str(error.value) == (
        "logs/a.csv does not fit the dataset's definition:\n"
        "  features[0].column (feature 'price'): expected a column 'price_eur', found none; "
        "did you mean 'Price_EUR'?\n"
        "A feature with `optional: true` may be missing in some files."
    )
    with pytest.raises(InputError) as error:
        check_columns(needed_columns(DATASET), ["country"], "logs/a.csv")
    assert str(error.value).count("`optional: true`") == 1


def test_a_column_given_twice_is_refused() -> None:
    columns = [column.name for column in needed_columns(DATASET)]
    with pytest.raises(InputError, match=r"tasks\[0\].*expected one column 'clicks', found sev"):
        check_columns(needed_columns(DATASET), [*columns, "clicks"], "a.csv")


def test_a_file_may_lack_an_optional_feature_but_not_every_file() -> None:
    fields = DATASET.model_dump(mode="json")
    fields["features"].append(
        {"name": "discount", "scope": "item", "kind": "numeric", "optional": True}
    )
    needed = needed_columns(Dataset.model_validate(fields))
    without = [column.name for column in needed if column.name != "discount"]
    check_columns(needed, without, "a.csv")
    check_somewhere(needed, [without, [*without, "discount"]])
    with pytest.raises(InputError, match=r"'discount', found none; did you mean 'discounted'\?$"):
        check_somewhere(needed, [without, [*without, "discounted"]])
