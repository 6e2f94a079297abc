"""A search whose trainings are made up."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from data.metrics.list_metrics import random_ndcg
from data.simulator import SimulatorConfig, simulated_dataset
from models.training.losses_of_epoch import LossNotFiniteError
from pipeline.config import RunConfig, config_from
from pipeline.tuning import search as module
from pipeline.tuning import training
from pipeline.tuning.kept import load_ndcg, save_ndcg
from pipeline.tuning.lists import JudgedLists
from pipeline.tuning.rounds import FINALISTS
from pipeline.tuning.search import Search, TrainingDone
from pipeline.tuning.settings import setting_of
from pipeline.tuning.trials import Trial, trials_of

LISTS = 300
JUDGED = JudgedLists(
    {"click": np.zeros(LISTS), "graded": np.zeros(LISTS)},
    np.ones(LISTS, int),
    np.ones(LISTS),
    pa.array([f"user {number}".encode() for number in range(LISTS)]),
)
DEFINITION = config_from(simulated_dataset(SimulatorConfig()), "market.yaml")


class Lists:
    judged = JUDGED

    def close(self) -> None:
        pass


class Followed:
    def __init__(self) -> None:
        self.starts: list[int] = []
        self.done: list[TrainingDone] = []

    def trainings_start(self, number: int) -> None:
        self.starts.append(number)

    def training_done(self, done: TrainingDone) -> None:
        self.done.append(done)


def _trials(*dropouts: float) -> list[Trial]:
    """The definition without dropout, then a trial for each share."""
    plain = DEFINITION.model.model_copy(update={"dropout": 0.0})
    (first,) = trials_of(DEFINITION.model_copy(update={"model": plain}), "seq_md", 0)
    trials = [first]
    for dropout in dropouts:
        drawn = {"model.dropout": dropout}
        setting = setting_of(drawn, DEFINITION)
        model = DEFINITION.model.model_copy(update={"dropout": dropout})
        trials.append(
            Trial("seq_md", drawn, setting, DEFINITION.model_copy(update={"model": model}))
        )
    return trials


@pytest.fixture
def trained(monkeypatch: pytest.MonkeyPatch) -> list[RunConfig]:
    """Trainings that reach .5, and more with more dropout, give or take some luck."""
    made: list[RunConfig] = []

    def train(lists: Lists, config: RunConfig, file: Path, **more: object) -> dict[str, np.ndarray]:
        made.append(config)
        draws = np.random.default_rng(config.training.seed)
        ndcg = 0.5 + 0.1 * config.model.dropout + draws.normal(0, 0.001, LISTS)
        save_ndcg(file, {"graded": ndcg, "click": np.full(LISTS, np.nan)})
        return load_ndcg(file)

    monkeypatch.setattr(module, "_trained", train)
    return made


@pytest.fixture
def searched(trained: list[RunConfig], tmp_path: Path) -> Callable[..., tuple]:
    def search(*dropouts: float, further: int = 2) -> tuple:
        followed = Followed()
        found = Search(Lists, 10, tmp_path, 1, followed).run(_trials(*dropouts), further)
        return found, followed

    return search


def test_the_best_trials_and_the_definition_are_trained_again(
    searched: Callable[..., tuple], trained: list[RunConfig]
) -> None:
    found, followed = searched(0.1, 0.4, 0.2, 0.3)
    assert found.finalists == [2, 4, 3]
    assert found.best.drawn == {"model.dropout": 0.4}
    assert followed.starts == [5, 2 * (1 + FINALISTS)]
    assert [config.training.seed for config in trained] == [1] * 5 + [2] * 4 + [3] * 4
    assert found.seeds == [1, 2, 3]


def test_a_real_difference_is_beyond_chance(searched: Callable[..., tuple]) -> None:
    found, _ = searched(0.4)
    change = found.changes["graded"]
    assert change.relative == pytest.approx(0.04 / 0.5, abs=0.002)
    assert change.low < change.relative < change.high
    assert found.beyond_chance
    assert found.changes["click"].lists == 0


def test_the_definition_stands_where_nothing_is_better(searched: Callable[..., tuple]) -> None:
    (first, *_), trials = _trials(), [-0.2, -0.1]
    found, _ = searched(*trials)
    assert found.best is found.trials[0]
    assert found.best.config == first.config
    assert not found.beyond_chance
    assert found.changes["graded"].relative == 0


def test_a_search_that_was_stopped_goes_on(
    searched: Callable[..., tuple], trained: list[RunConfig], monkeypatch: pytest.MonkeyPatch
) -> None:
    train = module._trained

    def stopped(*words: object, config: RunConfig, **more: object) -> dict[str, np.ndarray]:
        if len(trained) == 2:
            raise KeyboardInterrupt
        return train(*words, config=config, **more)

    monkeypatch.setattr(module, "_trained", stopped)
    with pytest.raises(KeyboardInterrupt):
        searched(0.1, 0.2, 0.3)
    monkeypatch.setattr(module, "_trained", train)
    found, followed = searched(0.1, 0.2, 0.3)
    assert [done.kept for done in followed.done] == [True] * 2 + [False] * 10
    assert len(trained) == 4 + 2 * 4
    assert found.best.drawn == {"model.dropout": 0.3}


def test_more_trials_train_what_is_new(
    searched: Callable[..., tuple], trained: list[RunConfig]
) -> None:
    searched(0.1, 0.2)
    before = len(trained)
    found, _ = searched(0.1, 0.2, 0.3)
    assert found.best.drawn == {"model.dropout": 0.3}
    # The new one, and it again with two seeds.
    assert len(trained) - before == 3


def test_a_draw_that_diverges_is_as_good_as_a_random_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def diverge(*words: object) -> None:
        raise LossNotFiniteError("training: expected finite losses")

    monkeypatch.setattr(training, "judged_training", diverge)
    gains = np.tile([0.0, 1.0, 0.0], 2)
    lists = Lists()
    lists.judged = JUDGED._replace(gains={"graded": gains}, row_lengths=np.array([3, 3]))
    words = {"config": DEFINITION, "at": None, "checkpoints": ""}
    file = tmp_path / "diverged.npz"
    found = module._trained(lists, file=file, may_diverge=True, **words)
    np.testing.assert_allclose(found["graded"], random_ndcg(gains, np.array([3, 3])))
    assert file.exists()
    with pytest.raises(LossNotFiniteError):
        module._trained(lists, file=tmp_path / "own.npz", may_diverge=False, **words)
    assert not (tmp_path / "own.npz").exists()
