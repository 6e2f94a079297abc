"""The Expedia benchmark, from a file in the competition's format to figures."""

import csv
import json
from pathlib import Path

import numpy as np
import pytest

from benchmarks import expedia
from benchmarks.expedia_settings import SEQ_MD_SETTINGS, TREE_SETTINGS
from data.sources import source_for
from models.config import ModelConfig, TrainingConfig
from pipeline.config import RunConfig, load_config

SEARCHES, HOTELS = 60, 6


def write_searches(path: Path, config: RunConfig) -> None:
    """Searches whose hotels are booked by their location alone."""
    generator = np.random.default_rng(3)
    dataset = config.dataset
    names = [feature.column for feature in dataset.features]
    names += ["srch_id", "date_time", "position", "random_bool", "prop_country_id"]
    names += ["click_bool", "booking_bool"]
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, names)
        writer.writeheader()
        for search in range(SEARCHES):
            of_search = {f.column: _number(generator) for f in dataset.context_features}
            location = generator.permutation(HOTELS) / 10
            for place in range(HOTELS):
                row = of_search | {f.column: _number(generator) for f in dataset.item_features}
                booked = int(location[place] == location.max())
                row |= {"srch_id": search, "date_time": "2013-03-17 10:33:23", "random_bool": 0}
                row |= {"position": place + 1, "click_bool": booked, "booking_bool": booked}
                writer.writerow(row | {"prop_location_score2": location[place]})


def _number(generator: np.random.Generator) -> int:
    return int(generator.integers(1, 4))


@pytest.fixture(scope="module")
def short() -> RunConfig:
    config = load_config("expedia")
    training = config.training.model_copy(update={"epochs": 1})
    return config.model_copy(update={"training": training})


@pytest.fixture(scope="module")
def searches(tmp_path_factory: pytest.TempPathFactory, short: RunConfig) -> Path:
    path = tmp_path_factory.mktemp("expedia") / "searches.csv"
    write_searches(path, short)
    source_for(short.dataset).check([str(path)])
    return path


def test_figures_of_every_competitor(
    searches: Path, short: RunConfig, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(expedia, "load_config", lambda name: short)
    figures = tmp_path / "figures.json"
    options = ["--input", str(searches), "--json", str(figures), "--folds", "2"]
    expedia.main([*options, "--seeds", "1", "--settings", "1"])
    found = json.loads(figures.read_text())["competitors"]
    assert len(found) == 7
    for competitor in found.values():
        assert set(competitor["measures"]) == {"graded@38", "booking@10"}
        assert competitor["measures"]["graded@38"]["lists"] == SEARCHES
    perfect = found["prop_location_score2"]["measures"]["booking@10"]
    assert [perfect["mean"], perfect["low"], perfect["high"]] == pytest.approx([1, 1, 1])
    # One booking at any of six ranks: the mean of 1 / log2(rank + 1).
    by_chance = sum(1 / np.log2(rank + 1) for rank in range(1, HOTELS + 1)) / HOTELS
    random = found["random order"]["measures"]["booking@10"]["mean"]
    assert random == pytest.approx(by_chance)
    ours = found["SEQ+MD"]["measures"]["booking@10"]["mean"]
    difference = found["random order"]["ours_minus"]["booking@10"]["mean"]
    assert difference == pytest.approx(ours - by_chance)


def test_learners_have_the_same_tuning_budget() -> None:
    assert len(SEQ_MD_SETTINGS) == len(TREE_SETTINGS) == 8
    assert len({json.dumps(setting) for setting in SEQ_MD_SETTINGS}) == 8
    assert len({json.dumps(setting) for setting in TREE_SETTINGS}) == 8


def test_our_settings_are_configurations() -> None:
    for setting in SEQ_MD_SETTINGS:
        assert set(setting) <= {"model", "training"}
        ModelConfig.model_validate(setting.get("model", {}))
        TrainingConfig.model_validate(setting.get("training", {}))
