import json
from pathlib import Path

import numpy as np
import pytest

from benchmarks.laboratory.comparison import Comparison
from benchmarks.laboratory.examined_positions import POSITIONS, figures_of
from benchmarks.laboratory.logs import Logs, Preset, simulated_logs
from benchmarks.laboratory.measures import gains_of
from benchmarks.laboratory.position_bias import position_bias, write_examination, write_gaps
from benchmarks.laboratory.prepared import Scores
from benchmarks.laboratory.setups import Setup
from data.artifacts.examination import LearntExamination
from data.definition import keys

TINY = Preset(lists=300, evaluation_lists=120, seeds=1, epochs=1)
LEARNT = LearntExamination(
    way="additive",
    source="joint",
    lists=10,
    unknown_lists=0,
    first_position=1,
    shared=(-0.1,) * 6,
    platforms={"web": (0.0,) * 6, "app": (-0.1,) * 6},
    regions={},
)


@pytest.fixture(scope="module")
def logs() -> Logs:
    return simulated_logs(TINY)


def test_what_models_learn_from_changes_alone(logs: Logs) -> None:
    without = simulated_logs(TINY, learns_from={"position_bias": False})
    click = keys.label("click")
    for part, same in (("training", False), ("evaluation", True)):
        ours, theirs = (one.lists.take(getattr(one.parts, part)) for one in (logs, without))
        assert ours.items["price"].equals(theirs.items["price"])
        assert ours.items[click].equals(theirs.items[click]) == same


def test_setups_stand_against_logs_with_or_without_bias() -> None:
    names = [setup.name for setup in position_bias()]
    assert len(set(names)) == len(names)
    assert {setup.against for setup in position_bias()} <= set(names)


def test_learnt_examination_is_told_beside_the_truth(logs: Logs, tmp_path: Path) -> None:
    scores = Scores({}, {}, figures_of(LEARNT))
    setups = [Setup("additive", against="additive"), Setup("plain", against="plain")]
    found = {(0, 1): scores, (1, 1): Scores({}, {}, figures_of(None))}
    told = write_examination(Comparison(logs, setups, 1, found), tmp_path, "bias")
    rows = json.loads((tmp_path / "bias_examination.json").read_text())
    values = {(row["model"], row["platform"]): row["values"][1][0] for row in rows}
    # The second of the positions is 5, at which the web's attention has faded by 1 + 4 / 6.
    assert POSITIONS[1] == 5
    assert values["the truth", "web"] == pytest.approx((1 + 4 / 6) ** -0.5)
    assert values["additive", "web"] == pytest.approx(5 ** (-0.1 / np.log(2)), rel=1e-6)
    assert values["additive", "app"] == pytest.approx(5 ** (-0.2 / np.log(2)), rel=1e-6)
    assert "plain" not in told


def test_the_gap_that_is_closed_lies_between_both_ends(logs: Logs, tmp_path: Path) -> None:
    gains = gains_of(logs.dataset, logs.lists.take(logs.parts.evaluation))
    noise = np.random.default_rng(1).normal(0, 1, len(gains["click"]))

    def scores(truth: float) -> Scores:
        mixed = {target: truth * gain / gain.std() + noise for target, gain in gains.items()}
        return Scores({}, mixed)

    setups = [Setup(name, against="worse") for name in ("worse", "middle", "better")]
    found = {(number, 1): scores(truth) for number, truth in enumerate((0.5, 1.0, 2.0))}
    shares = Comparison(logs, setups, 1, found).shares_of_gap("worse", "better")
    assert [share.model for share in shares] == ["middle"] * len(gains)
    assert all(0 < share.low < share.share < share.high < 1 for share in shares)
    assert "| middle |" in write_gaps(shares, tmp_path, "bias", "best")
