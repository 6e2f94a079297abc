"""Studies of histories and of kinds: what is learnt from, and items judged among themselves."""

import numpy as np
import pytest

from benchmarks.laboratory.comparison import Comparison
from benchmarks.laboratory.histories import WITH_PIECES, by_stock, encoders
from benchmarks.laboratory.item_kinds import alignments, of_kinds
from benchmarks.laboratory.logs import Logs, Preset, simulated_logs
from benchmarks.laboratory.measures import item_column
from benchmarks.laboratory.prepared import Scores
from benchmarks.laboratory.tastes import TASTES
from benchmarks.laboratory.views import EVERYWHERE
from components.evaluator.config import GRADED
from data.definition import keys
from data.metrics.list_metrics import list_ndcg

SMALL = Preset(lists=300, evaluation_lists=120, seeds=1, epochs=1)


@pytest.fixture(scope="module")
def pieces() -> Logs:
    return simulated_logs(SMALL, WITH_PIECES)


def test_users_and_listings_of_histories_are_those_that_are_judged(pieces: Logs) -> None:
    assert len(pieces.lists) == 300
    training, validation, evaluation = (len(part) for part in pieces.parts)
    assert training + validation + evaluation == 300
    assert evaluation == pytest.approx(300 * 3 / 17, abs=8)


def test_views_of_the_past_differ_in_what_they_know(pieces: Logs) -> None:
    none, one, split, blind, known = setups = encoders(pieces)
    assert [setup.against for setup in (one, split, blind, known)] == [
        none.name,
        one.name,
        one.name,
        none.name,
    ]
    datasets = {setup.name: setup.view.of(pieces).dataset for setup in setups}
    names = {of: {one.name for one in dataset.features} for of, dataset in datasets.items()}
    past = {feature.name for feature in pieces.dataset.history_features}
    assert past
    assert names[one.name] - names[none.name] == past
    assert datasets[none.name].history is None
    assert datasets[split.name] == datasets[one.name]
    assert names[one.name] - names[blind.name] == {"viewed_stock"}
    history = datasets[blind.name].history
    assert history is not None
    assert history.split_by is None
    assert names[known.name] - names[none.name] == set(TASTES)


def test_single_pieces_are_judged_among_themselves(pieces: Logs) -> None:
    lists = pieces.lists.take(pieces.parts.evaluation)
    scores = np.random.default_rng(1).random(len(lists.list_of_item))
    names = [*(task.name for task in pieces.dataset.tasks), GRADED]
    found = Scores({}, dict.fromkeys(names, scores))
    none, *_ = encoders(pieces)
    slices = by_stock(pieces)
    comparison = Comparison(pieces, [none], 1, {(0, 1): found}, slices)
    ndcg = {(row.task, row.platform): row.change.ndcg for row in comparison.rows()}
    truth = item_column(lists, keys.truth("click")).astype(float)
    for place, inside in {EVERYWHERE: np.ones(len(scores), bool), **slices}.items():
        lengths = np.bincount(lists.list_of_item[inside], minlength=len(lists))
        expected = list_ndcg(truth[inside], scores[inside], lengths, 10)
        assert ndcg["click", place] == pytest.approx(np.nanmean(expected), abs=1e-9)
    assert set(slices) == {"single pieces", "deep stock"}


def test_imputing_knows_no_kinds() -> None:
    logs = simulated_logs(SMALL, {"second_kind": True})
    imputed, masked, *_ = alignments(logs)
    assert logs.dataset.kinds == ("listing", "shop")
    seen = imputed.view.of(logs).dataset
    assert (seen.kinds, seen.kind_of_item) == ((), None)
    assert [one.name for one in seen.features] == [one.name for one in logs.dataset.features]
    assert masked.view.of(logs).dataset == logs.dataset
    slices = of_kinds(logs)
    assert set(slices) == {"listings", "shops"}
    assert (slices["listings"] ^ slices["shops"]).all()
    assert 0.1 < slices["shops"].mean() < 0.25
