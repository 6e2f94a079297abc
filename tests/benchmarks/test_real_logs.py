"""The benchmark on real logs, from a file in the format of one of them to figures."""

import csv
import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from benchmarks import real_logs
from benchmarks.laboratory.cross_validation import Competitor
from benchmarks.laboratory.folds import Trial, divide
from benchmarks.laboratory.logs import Logs, read_lists
from benchmarks.laboratory.measures import ndcg_of_measures
from benchmarks.laboratory.network import Network
from benchmarks.laboratory.prepared import Prepared
from benchmarks.laboratory.real_logs import COUNTED, OURS, REAL_LOGS, RealLogs
from benchmarks.laboratory.setups import WITHOUT_ADAPTOR
from benchmarks.laboratory.trees import TreeInputs, Trees
from components.evaluator.config import GRADED
from data.errors import InputError
from data.sources import source_for
from models.config import ModelConfig, TrainingConfig
from pipeline.config import RunConfig, load_config

SEARCHES, HOTELS = 60, 6
EXPEDIA = REAL_LOGS["expedia"]


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
    values = ndcg_of_measures(prepared.dataset, EXPEDIA.measures, prepared.lists[part], scores)
    return float(values["booking@10"].mean())


@pytest.mark.parametrize("within_list", [False, True])
def test_trees_learn_what_is_booked(prepared: Prepared, within_list: bool) -> None:
    small = {"num_leaves": 4, "min_data_in_leaf": 5, "learning_rate": 0.2}
    scores = Trees(small, 38, within_list, (GRADED,)).scores(prepared, 1)
    assert set(scores.validation) == set(scores.evaluation) == {GRADED}
    assert booking_ndcg(prepared, scores.evaluation[GRADED], "evaluation") > 0.9


def test_trees_are_not_told_the_order_that_was_shown(prepared: Prepared) -> None:
    """LightGBM keeps rows of equal scores as they are, so that few trees rank as was shown."""
    inputs = TreeInputs(prepared, within_list=False)
    lists = len(prepared.lists["validation"])
    first = {part: np.zeros(int(of.row_lengths.sum())) for part, of in prepared.lists.items()}
    for part, of in prepared.lists.items():
        first[part][of.starts] = 1
    labelled = inputs._labelled("validation", first).construct()
    labels = labelled.get_label().reshape(lists, HOTELS)
    np.testing.assert_array_equal(labels.sum(axis=1), 1)
    # Of lists of six items, a sixth keeps its first item by chance.
    assert labels[:, 0].mean() < 0.6
    # The rows went along with their labels.
    rows = inputs._matrices["validation"][prepared.lists["validation"].starts]
    np.testing.assert_array_equal(labelled.get_data()[labels.ravel() == 1], rows)


def test_our_ranker_is_trained_by_the_projects_code(prepared: Prepared, config: RunConfig) -> None:
    training = config.training.model_dump() | {"epochs": 1}
    scores = Network(config.model.model_dump(), training).scores(prepared, 1)
    for part, found in (("validation", scores.validation), ("evaluation", scores.evaluation)):
        assert 0 <= booking_ndcg(prepared, found[GRADED], part) <= 1
        assert len(np.unique(found[GRADED])) > HOTELS


class SimpleOrders(RealLogs):
    """The competitors that need no training; the location score stands for ours."""

    def competitors(
        self, config: RunConfig, rivals: Sequence[str] = (), with_adaptor: bool = True
    ) -> list[Competitor]:
        orders = super().competitors(config, rivals, with_adaptor)[-3:]
        assert orders[0].name == "location_score_2"
        return [replace(orders[0], name=OURS, against="random order"), *orders]


def test_figures_from_the_command_line(
    searches: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    simple = SimpleOrders(EXPEDIA.measures, (), (), orders=EXPEDIA.orders)
    monkeypatch.setattr(real_logs, "REAL_LOGS", {"expedia": simple})
    figures = tmp_path / "figures.json"
    options = ["--dataset", "expedia", "--input", str(searches), "--json", str(figures)]
    real_logs.main([*options, "--folds", "3", "--seeds", "2"])
    found = json.loads(figures.read_text())["competitors"]
    for competitor in found.values():
        assert set(competitor["measures"]) == {"graded@38", "booking@10"}
        assert competitor["measures"]["graded@38"]["lists"] == SEARCHES
        assert len(competitor["measures"]["graded@38"]["seeds"]) == 2
    ours = found[OURS]["measures"]["booking@10"]
    assert [ours["mean"], ours["low"], ours["high"]] == pytest.approx([1, 1, 1])
    # One booking at any of six ranks: the mean of 1 / log2(rank + 1).
    by_chance = sum(1 / np.log2(rank + 1) for rank in range(1, HOTELS + 1)) / HOTELS
    random = found["random order"]
    assert random["measures"]["booking@10"]["mean"] == pytest.approx(by_chance)
    assert random["ours_minus"]["booking@10"]["mean"] == pytest.approx(1 - by_chance)
    assert random["ours_minus"]["booking@10"]["low"] > 0
    assert found[OURS]["minus_it"] == random["ours_minus"]
    assert found["location_score_2"]["ours_minus"]["graded@38"]["high"] == pytest.approx(0)


@pytest.mark.parametrize("name", REAL_LOGS)
def test_learners_have_the_same_tuning_budget(name: str) -> None:
    logs, config = REAL_LOGS[name], load_config(name)
    competitors = logs.competitors(config, WITHOUT_ADAPTOR)
    learnt = [one for one in competitors if isinstance(one.learners[0], Network | Trees)]
    budgets = {one.name: len(one.settings) for one in learnt}
    assert budgets.pop(f"{OURS}, catalog's setting") == 1
    assert set(budgets.values()) == {len(logs.settings)}
    for one in learnt:
        assert len({json.dumps(setting) for setting in one.settings}) == len(one.settings)


@pytest.mark.parametrize("name", REAL_LOGS)
def test_every_model_is_measured_with_and_without_the_adaptor(name: str) -> None:
    competitors = REAL_LOGS[name].competitors(load_config(name), WITHOUT_ADAPTOR)
    by_name = {one.name: one for one in competitors}
    assert by_name[OURS].against == "seq"
    for ranker in WITHOUT_ADAPTOR:
        assert by_name[ranker].against == "shared_bottom"
        assert by_name[f"{ranker} + MD"].against == ranker
        plain, adapted = (by_name[key].learners[0] for key in (ranker, f"{ranker} + MD"))
        assert isinstance(plain, Network)
        assert isinstance(adapted, Network)
        assert (plain.model["adaptor"], adapted.model["adaptor"]) == ("none", "shared")
        assert {**plain.model, "adaptor": "shared"} == adapted.model
    assert all(one.against in by_name for one in competitors if one.against)


def test_rivals_may_take_part_without_the_adaptor_alone() -> None:
    found = EXPEDIA.competitors(load_config("expedia"), WITHOUT_ADAPTOR, with_adaptor=False)
    names = [one.name for one in found]
    assert {*WITHOUT_ADAPTOR, OURS, f"{OURS}, as in the paper"} < {*names}
    assert not [name for name in names if name.endswith("+ MD")]


@pytest.mark.parametrize("name", REAL_LOGS)
def test_settings_are_configurations(name: str) -> None:
    for one in REAL_LOGS[name].competitors(load_config(name), WITHOUT_ADAPTOR):
        for learner in one.learners:
            if isinstance(learner, Network):
                ModelConfig.model_validate(learner.model)
                TrainingConfig.model_validate(learner.training)


def test_counts_of_the_past_are_left_out_where_its_entries_are_alone() -> None:
    config = load_config("trivago")
    real = REAL_LOGS["trivago"]
    found = {one.name: one for one in real.with_and_without_past(config)}
    logs = Logs(config.dataset, None, None)  # type: ignore[arg-type]
    seen = {name: one.view.of(logs).dataset for name, one in found.items()}
    every = {feature.name for feature in config.dataset.features}
    past = {feature.name for feature in config.dataset.history_features}
    expected = {
        OURS: every,
        COUNTED: every - past,
        "SEQ+MD, histories alone": every - set(real.counted),
        "SEQ+MD, neither": every - past - set(real.counted),
    }
    assert {name: {f.name for f in one.features} for name, one in seen.items()} == expected
    assert {name: one.against for name, one in found.items()} == {
        **dict.fromkeys(expected, COUNTED),
        COUNTED: "",
    }


def test_logs_without_histories_have_none_to_compare(config: RunConfig) -> None:
    with pytest.raises(InputError, match="expected a dataset with them, found expedia"):
        EXPEDIA.with_and_without_past(config)
