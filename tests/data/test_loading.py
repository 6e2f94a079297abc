from pathlib import Path

import pytest

from data.errors import InputError
from data.loading import catalog_names, load_dataset, load_definition

DEFINITION = """
name: mine
list_id: search
tasks: [{name: click, grade: 1}]
features: [{name: price, scope: item, kind: numeric}]
"""


def write(folder: Path, text: str) -> str:
    path = folder / "mine.yaml"
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_sections_for_learning_are_loaded_but_left_out_of_the_dataset(tmp_path: Path) -> None:
    path = write(tmp_path, DEFINITION + "training: {epochs: 3}\nmodel: {dropout: 0.5}\n")
    definition = load_definition(path)
    assert definition["training"] == {"epochs": 3}
    assert definition["model"] == {"dropout": 0.5}
    dataset = load_dataset(path)
    assert dataset.name == "mine"
    assert dataset.list_id == ("search",)


def test_neither_file_nor_name_lists_the_catalog() -> None:
    with pytest.raises(InputError, match=r"'no_such_data'.*expedia.*google_store"):
        load_dataset("no_such_data")


def test_key_given_twice_is_refused_with_its_line(tmp_path: Path) -> None:
    path = write(tmp_path, DEFINITION + "name: again\n")
    with pytest.raises(InputError, match=r"mine\.yaml: line 6: .*'name' is given twice"):
        load_definition(path)


def test_syntax_error_names_the_line(tmp_path: Path) -> None:
    path = write(tmp_path, "name: mine\nlist_id: [search\ntasks: 1\n")
    with pytest.raises(InputError, match=r"mine\.yaml: line 3: not valid YAML"):
        load_definition(path)


@pytest.mark.parametrize("text", ["", "- a\n- b\n", "just text"])
def test_a_file_without_fields_is_refused(tmp_path: Path, text: str) -> None:
    found = "found a file that is empty" if not text else "found"
    with pytest.raises(InputError, match=f"expected fields such as .*{found}"):
        load_definition(write(tmp_path, text))


def test_no_arbitrary_python_is_built(tmp_path: Path) -> None:
    path = write(tmp_path, "name: !!python/object/apply:os.getcwd []\n")
    with pytest.raises(InputError, match="not valid YAML"):
        load_definition(path)


def test_wrong_field_is_named_with_what_was_found(tmp_path: Path) -> None:
    path = write(tmp_path, DEFINITION.replace("kind: numeric", "kind: number"))
    with pytest.raises(InputError, match=r"features\[0\]\.kind: .*numeric.*, found 'number'"):
        load_dataset(path)


@pytest.mark.parametrize("name", ["expedia", "google_store", "aliexpress", "ali_ccp", "trivago"])
def test_catalog_is_valid(name: str) -> None:
    assert name in catalog_names()
    dataset = load_dataset(name)
    assert dataset.name == name
    assert len(dataset.tasks) >= 1 + (name != "trivago")
    assert dataset.left_out, "every catalog entry says what it leaves out, and why"
    assert all(len(reason) > 5 for reason in dataset.left_out.values())


def test_expedia_says_of_each_column_what_it_is_for() -> None:
    competitors = [
        f"comp{number}_{what}"
        for number in range(1, 9)
        for what in ("rate", "inv", "rate_percent_diff")
    ]
    others = [
        "srch_id",
        "date_time",
        "site_id",
        "visitor_location_country_id",
        "visitor_hist_starrating",
        "visitor_hist_adr_usd",
        "prop_country_id",
        "prop_id",
        "prop_starrating",
        "prop_review_score",
        "prop_brand_bool",
        "prop_location_score1",
        "prop_location_score2",
        "prop_log_historical_price",
        "position",
        "price_usd",
        "promotion_flag",
        "srch_destination_id",
        "srch_length_of_stay",
        "srch_booking_window",
        "srch_adults_count",
        "srch_children_count",
        "srch_room_count",
        "srch_saturday_night_bool",
        "srch_query_affinity_score",
        "orig_destination_distance",
        "random_bool",
        "click_bool",
        "gross_bookings_usd",
        "booking_bool",
    ]
    dataset = load_dataset("expedia")
    used = {feature.column for feature in dataset.features} | {*dataset.list_id, "date_time"}
    assert used | set(dataset.left_out) == {*competitors, *others}
    assert not used & {"position", "gross_bookings_usd", "click_bool", "booking_bool"}
    # Graded NDCG of the competition: 2^5 - 1 for a booking, 2^1 - 1 for a click.
    assert [task.grade for task in dataset.tasks] == [1, 5]


def test_fields_may_be_merged_from_an_anchor(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(
        "name: mine\nlist_id: search\ntasks: [{name: click, grade: 1}]\n"
        "features:\n- &price {name: price, scope: item, kind: numeric}\n"
        "- {<<: *price, name: fee}\n"
    )
    assert [feature.name for feature in load_dataset(str(path)).features] == ["price", "fee"]
