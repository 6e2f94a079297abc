"""The Expedia benchmark, from a file in the competition's format to figures."""

import csv
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from benchmarks import expedia
from benchmarks.expedia import MEASURES, SEQ_MD_SETTINGS, TREE_SETTINGS, expedia_competitors
from benchmarks.laboratory.cross_validation import Competitor
from benchmarks.laboratory.folds import Trial, divide
from benchmarks.laboratory.logs import Logs, read_lists
from benchmarks.laboratory.measures import ndcg_of_measures
from benchmarks.laboratory.network import Network
from benchmarks.laboratory.prepared import Prepared
from benchmarks.laboratory.trees import Trees
from components.evaluator.config import GRADED
from data.sources import source_for
from models.config import ModelConfig, TrainingConfig
from pipeline.config import RunConfig, load_config

SEARCHES, HOTELS = 60, 6


def write_searches(path: Path, config: RunConfig) -> None:
    """Searches whose hotels are booked by their location alone."""
    generator = np.random.default_rng(3)
    dataset = config.dataset
    names = {feature.column: None for feature in dataset.features}
    names |= dict.fromkeys(("srch_id", "date_time", "position", "random_bool", "prop_country_id"))
    names |= {"prop_id": None}
    names |= dict.fromkeys(("click_bool", "booking_bool"))
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, list(names))
        writer.writeheader()
        for search in range(SEARCHES):
            of_search = {f.column: _number(generator) for f in dataset.context_features}
            location = generator.permutation(HOTELS) / 10
            for place in range(HOTELS):
                row = of_search | {f.column: _number(generator) for f in dataset.item_features}
                booked = int(location[place] == location.max())
                row |= {"srch_id": search, "date_time": "2013-03-17 10:33:23", "random_bool": 0}
                row |= {"prop_id": place + 1, "position": place + 1}
                row |= {"click_bool": booked, "booking_bool": booked}
                writer.writerow(row | {"prop_location_score2": location[place]})


def _number(generator: np.random.Generator) -> int:
    return int(generator.integers(1, 4))


@pytest.fixture(scope="module")
def config() -> RunConfig:
    return load_config("expedia")


@pytest.fixture(scope="module")
def searches(tmp_path_factory: pytest.TempPathFactory, config: RunConfig) -> Path:
    path = tmp_path_factory.mktemp("expedia") / "searches.csv"
    write_searches(path, config)
    source_for(config.dataset).check([str(path)])
    return path


@pytest.fixture(scope="module")
def prepared(
    searches: Path, config: RunConfig, tmp_path_factory: pytest.TempPathFactory
) -> Prepared:
    lists = read_lists(config.dataset, [str(searches)])
    parts = divide(lists, Trial(0, 1), folds=3, validation_share=0.2)
    folder = tmp_path_factory.mktemp("prepared")
    return Prepared(Logs(config.dataset, lists, parts), config.region_split, folder)


def booking_ndcg(prepared: Prepared, scores: np.ndarray, part: str) -> float:
    """Mean NDCG of bookings; it says too that there is a score for every item."""
    values = ndcg_of_measures(prepared.dataset, MEASURES, prepared.lists[part], scores)
    return float(values["booking@10"].mean())


@pytest.mark.parametrize("within_list", [False, True])
def test_trees_learn_what_is_booked(prepared: Prepared, within_list: bool) -> None:
    small = {"num_leaves": 4, "min_data_in_leaf": 5, "learning_rate": 0.2}
    scores = Trees(small, 38, within_list, (GRADED,)).scores(prepared, 1)
    assert set(scores.validation) == set(scores.evaluation) == {GRADED}
    assert booking_ndcg(prepared, scores.evaluation[GRADED], "evaluation") > 0.9


def test_our_ranker_is_trained_by_the_projects_code(prepared: Prepared, config: RunConfig) -> None:
    training = config.training.model_dump() | {"epochs": 1}
    scores = Network(config.model.model_dump(), training).scores(prepared, 1)
    for part, found in (("validation", scores.validation), ("evaluation", scores.evaluation)):
        assert 0 <= booking_ndcg(prepared, found[GRADED], part) <= 1
        assert len(np.unique(found[GRADED])) > HOTELS


def simple_orders(config: RunConfig) -> list[Competitor]:
    """The competitors that need no training; the location score stands for ours."""
    all_of_them = expedia_competitors(config)
    return [replace(all_of_them[-3], name="SEQ+MD"), *all_of_them[-3:]]


def test_figures_from_the_command_line(
    searches: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(expedia, "expedia_competitors", simple_orders)
    figures = tmp_path / "figures.json"
    options = ["--input", str(searches), "--json", str(figures), "--folds", "3"]
    expedia.main([*options, "--seeds", "2"])
    found = json.loads(figures.read_text())["competitors"]
    for competitor in found.values():
        assert set(competitor["measures"]) == {"graded@38", "booking@10"}
        assert competitor["measures"]["graded@38"]["lists"] == SEARCHES
        assert len(competitor["measures"]["graded@38"]["seeds"]) == 2
    ours = found["SEQ+MD"]["measures"]["booking@10"]
    assert [ours["mean"], ours["low"], ours["high"]] == pytest.approx([1, 1, 1])
    # One booking at any of six ranks: the mean of 1 / log2(rank + 1).
    by_chance = sum(1 / np.log2(rank + 1) for rank in range(1, HOTELS + 1)) / HOTELS
    random = found["random order"]
    assert random["measures"]["booking@10"]["mean"] == pytest.approx(by_chance)
    assert random["ours_minus"]["booking@10"]["mean"] == pytest.approx(1 - by_chance)
    assert random["ours_minus"]["booking@10"]["low"] > 0
    assert found["prop_location_score2"]["ours_minus"]["graded@38"]["high"] == pytest.approx(0)


def test_learners_have_the_same_tuning_budget() -> None:
    assert len(SEQ_MD_SETTINGS) == len(TREE_SETTINGS) == 8
    assert len({json.dumps(setting) for setting in SEQ_MD_SETTINGS}) == 8
    assert len({json.dumps(setting) for setting in TREE_SETTINGS}) == 8


def test_our_settings_are_configurations() -> None:
    for setting in SEQ_MD_SETTINGS:
        assert set(setting) <= {"model", "training"}
        ModelConfig.model_validate(setting.get("model", {}))
        TrainingConfig.model_validate(setting.get("training", {}))
