import json
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.laboratory import setups
from benchmarks.laboratory.settings import load_settings, tuned
from benchmarks.laboratory.setups import Setup
from data.errors import InputError

SETTINGS = {"seq": {"model": {"dropout": 0.1}, "training": {"learning_rate": 0.004}}}


def test_a_setup_takes_the_settings_of_its_model() -> None:
    setup = Setup("seq, descending", {"ranker": "seq"}, tuned_as="seq")
    found = tuned(setup, SETTINGS)
    assert found.model == {"dropout": 0.1, "ranker": "seq"}
    assert found.training == {"learning_rate": 0.004}
    assert tuned(Setup("ple", {"ranker": "ple"}), SETTINGS).model == {"ranker": "ple"}
    # Of its ranker, where a study names it after something else.
    assert tuned(Setup("as seen", {"ranker": "seq"}), SETTINGS) == replace(
        found, name="as seen", tuned_as=""
    )


def test_what_a_setup_says_stands() -> None:
    setup = Setup("seq", {"dropout": 0.3}, training={"learning_rate": 0.1})
    found = tuned(setup, SETTINGS)
    assert (found.model, found.training) == ({"dropout": 0.3}, {"learning_rate": 0.1})


def test_settings_are_read(tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    path.write_text(json.dumps(SETTINGS))
    assert load_settings(path) == SETTINGS
    assert load_settings(None) == {}


@pytest.mark.parametrize("text", ["{", "[]", '{"seq": 1}', '{"seq": {"modle": {}}}'])
def test_files_that_hold_no_settings_are_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "settings.json"
    path.write_text(text)
    with pytest.raises(InputError, match="expected"):
        load_settings(path)
    with pytest.raises(InputError, match="found none"):
        load_settings(tmp_path / "none.json")


@pytest.mark.parametrize(
    ("settings", "found"),
    [
        (
            {"seq": {"model": {"droput": 0.1}}},
            r"settings\.json: seq: model: .*\s+droput: no such field",
        ),
        (
            {"ple": {"training": {"learning_rate": "fast"}}},
            r"ple: training: .*\s+learning_rate: .*number",
        ),
        ({"pel": {"model": {"dropout": 0.1}}}, "found 'pel'"),
    ],
)
def test_a_wrong_field_is_told_before_anything_is_trained(
    tmp_path: Path, settings: dict[str, object], found: str
) -> None:
    path = tmp_path / "settings.json"
    path.write_text(json.dumps(settings))
    with pytest.raises(InputError, match=found):
        load_settings(path)


def test_trees_have_parameters_of_their_own(tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    path.write_text(json.dumps({"lightgbm": {"model": {"num_leaves": 15}}}))
    assert load_settings(path) == {"lightgbm": {"model": {"num_leaves": 15}}}


def test_settings_that_come_along_can_be_read() -> None:
    small, same = (
        load_settings(Path(setups.__file__).with_name(f"{name}_settings.json"))
        for name in ("small", "same")
    )
    assert {*setups.MODELS, setups.TREES} <= {*small}
    assert {*setups.MODELS, *setups.RIVALS, setups.TREES} == {*same}
    networks = [setting for model, setting in same.items() if model != setups.TREES]
    assert all(setting == networks[0] for setting in networks)
