import pytest

from data.definition.dataset import Task
from data.definition.feature import Feature
from data.inspection.names import feature_names, task_names


@pytest.mark.parametrize(
    ("column", "name"),
    [
        ("price", "price"),
        ("Größe", "Groe"),
        ("Unit Price", "Unit_Price"),
        ("price ($)", "price"),
        ("a.b-c", "a_b_c"),
        ("_score", "score"),
        ("2nd_price", "column_2nd_price"),
        ("m²", "m2"),
        ("self", "column_self"),
        ("___", "column"),
        ("€", "column"),
        ("价格", "column"),
        ("x" * 200, "x" * 90),
    ],
)
def test_every_column_gets_a_valid_name(column: str, name: str) -> None:
    assert feature_names([column], ["click"]) == {column: name}
    assert Feature(name=name, column=column, scope="item", kind="numeric").column == column


def test_names_are_unique_and_valid_ones_are_kept() -> None:
    names = feature_names(["Unit Price", "Unit-Price", "Unit_Price"], ["click"])
    assert names == {
        "Unit_Price": "Unit_Price",
        "Unit Price": "Unit_Price_2",
        "Unit-Price": "Unit_Price_3",
    }


def test_names_never_differ_in_capital_letters_alone() -> None:
    assert feature_names(["Price", "price"], ["click"]) == {"Price": "Price", "price": "price_2"}


@pytest.mark.parametrize("column", ["label_click", "list_id", "row__lengths"])
def test_reserved_names_are_numbered(column: str) -> None:
    assert feature_names([column], ["click"]) == {column: f"{column}_2"}


def test_names_that_are_derived_from_others_are_numbered() -> None:
    names = feature_names(["unit price", "unit_price__missing"], ["click"])
    assert names["unit_price__missing"] == "unit_price__missing_2"


def test_tasks_have_names_of_ascii_letters() -> None:
    names = task_names(["click", "add to cart", "add-to-cart", "1 Käufe"])
    assert names == {
        "click": "click",
        "add to cart": "add_to_cart",
        "add-to-cart": "add_to_cart_2",
        "1 Käufe": "column_1_Kaufe",
    }
    for column, name in names.items():
        assert Task(name=name, column=column, grade=1).column == column
