"""Small models on a small marketplace, as the paper's tables compare them."""

import json
from pathlib import Path

import numpy as np
import pytest

from benchmarks import paper
from benchmarks.laboratory import figures
from benchmarks.laboratory.comparison import slices_of
from benchmarks.laboratory.logs import PRESETS, Logs, Preset, simulated_logs
from benchmarks.laboratory.measures import gains_of, ndcg_by_target
from benchmarks.laboratory.paper_exhibits import with_and_without_adaptor
from benchmarks.laboratory.setups import Exhibit, Setup, compared_models
from components.evaluator.config import GRADED
from data.definition import keys
from data.metrics.relevance import gain

TINY = Preset(lists=400, evaluation_lists=250, seeds=2, epochs=1)


@pytest.fixture(scope="module")
def logs() -> Logs:
    return simulated_logs(TINY)


def test_evaluation_lists_are_drawn_anew_on_later_days(logs: Logs) -> None:
    times = logs.lists.context[keys.LIST_TIME].to_numpy()
    training, validation, evaluation = (times[part] for part in logs.parts)
    assert training.max() < validation.min()
    assert validation.max() < evaluation.min()
    assert len(evaluation) == pytest.approx(250, rel=0.15)
    assert sum(map(len, logs.parts)) == len(logs.lists)
    ids = logs.lists.context[keys.LIST_ID].to_pylist()
    assert len(ids) == len(logs.lists)


def test_tasks_can_be_left_out() -> None:
    logs = simulated_logs(TINY, tasks=("click", "purchase"))
    assert [task.name for task in logs.dataset.tasks] == ["click", "purchase"]


def test_expected_gains_come_from_true_probabilities(logs: Logs) -> None:
    lists = logs.lists.take(logs.parts.evaluation)
    gains = gains_of(logs.dataset, lists)
    names = [task.name for task in logs.dataset.tasks]
    assert set(gains) == {*names, GRADED}
    click, cart, purchase = (gains[name] for name in names)
    one, two, three = gain(np.array([1.0, 2.0, 3.0]))
    expected = one * (click - cart) + two * (cart - purchase) + three * purchase
    np.testing.assert_allclose(gains[GRADED], expected, atol=1e-6)
    best = ndcg_by_target(gains, lists, gains)
    assert all(np.nanmin(values) == pytest.approx(1) for values in best.values())


def test_slices_are_platforms_of_some_size(logs: Logs) -> None:
    slices = slices_of(logs)
    assert set(slices) == {"all", "app", "web"}
    assert (slices["app"] | slices["web"]).all()


def test_table_two_sets_each_model_against_itself() -> None:
    against = {setup.name: setup.against for setup in with_and_without_adaptor()}
    assert against["ple + MD, as in the paper"] == "ple, as in the paper"
    assert against["seq_md, as in the paper"] == "seq, as in the paper"
    assert against["seq_md"] == "seq"
    assert {setup.against for setup in compared_models()} == {"shared_bottom"}


def test_a_table_is_written_and_finished_trainings_are_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    setups = [Setup(name, {"ranker": name}) for name in ("shared_bottom", "seq_md")]
    setups.append(Setup("lightgbm", {"rounds": 5}, learns="trees"))
    monkeypatch.setitem(PRESETS, "small", TINY)
    monkeypatch.setattr(figures, "FEWEST_LISTS", 20)
    exhibit = Exhibit("Three tasks", lambda logs: setups, domestic=True)
    monkeypatch.setitem(paper.EXHIBITS, "table3", exhibit)
    words = ["--table", "3", "--output", str(tmp_path), "--parameters", "4000"]
    paper.main(words)
    rows = json.loads((tmp_path / "table3.json").read_text())
    assert len(rows) == 3 * 4 * 3
    assert {row["platform"] for row in rows} == {"all", "app", "web"}
    networks = [row for row in rows if row["model"] != "lightgbm"]
    assert all(row["parameters"] == pytest.approx(4000, rel=0.05) for row in networks)
    assert all(row["parameters"] is None for row in rows if row not in networks)
    # What is measured by true probabilities is measured by sampled actions too.
    assert all(0 < row["ndcg_by_actions"] < row["ndcg"] < 1 for row in rows)
    assert all(row["way"] < row["ndcg"] for row in rows)
    shares = json.loads((tmp_path / "table3_domestic.json").read_text())
    assert all(0 <= row["share"] <= 1 for row in shares)
    assert {row["model"] for row in shares} == {"shared_bottom", "seq_md", "lightgbm"}
    assert (tmp_path / "table3.png").stat().st_size > 1000
    assert (tmp_path / "table3_domestic_10.png").stat().st_size > 1000
    kept = {path: path.stat().st_mtime_ns for path in (tmp_path / "kept").iterdir()}
    assert len(kept) == 3 * 2
    paper.main(words)
    assert kept == {path: path.stat().st_mtime_ns for path in (tmp_path / "kept").iterdir()}
    assert rows == json.loads((tmp_path / "table3.json").read_text())
