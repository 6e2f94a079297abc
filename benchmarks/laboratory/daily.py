"""Every day anew: a model of a sliding window of days, which starts from that of the day before."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from benchmarks.laboratory.feedback import KEPT, LATE, ORACLE, PURCHASE
from benchmarks.laboratory.laboratory import KeptScores
from benchmarks.laboratory.logs import EVALUATION_SEED, Logs, Parts, joined, lists_of, seen_whole
from benchmarks.laboratory.network import calibration_of, predicted, train_network
from benchmarks.laboratory.prepared import Prepared, Scores
from benchmarks.laboratory.views import View
from components.region_split.config import RegionSplitConfig
from data.definition import keys
from data.definition.dataset import Dataset
from data.definition.splitting import EVALUATES, TRAINS, VALIDATES, split_lists
from data.lists.lists import Lists
from data.simulator import SimulatorConfig, simulated_dataset
from data.simulator.queries import DAY_MILLISECONDS, FIRST_DAY
from models.config import ModelConfig, TrainingConfig
from models.training.pushed_model import PushedModel

# Short windows, which leave those who wait something to learn from in so few days of logs.
WINDOWS = {PURCHASE: "3d", KEPT: "6d"}
# Delays are as short beside these as they are beside the marketplace's own of 7 and 14 days.
MARKETPLACE: Mapping[str, Any] = {**LATE, "delay_scale": 3 / 7, "drifting_region": True}
# What is learnt from does not hang on the ranker; this one trains fast.
_RANKER = ModelConfig.model_validate({"ranker": "shared_bottom", "parameters": 60_000})


@dataclass(frozen=True)
class Routine:
    """What is done every day.

    Attributes:
        name: how it is reported.
        feedback: what is learnt from lists whose windows are open; see `TrainingConfig`.
        warm: whether a model starts from that of the day before.
        knows_all: whether all that is still to come is known already.
    """

    name: str
    feedback: str
    warm: bool = True
    knows_all: bool = False


# The first one is what the others are measured against: it waits for windows to close.
ROUTINES = (
    Routine("waiting", "mature_only"),
    Routine("as seen", "as_seen"),
    Routine("survival", "survival"),
    Routine("survival, drawn anew each day", "survival", warm=False),
    Routine(ORACLE, "mature_only", knows_all=True),
)


@dataclass(frozen=True)
class Days:
    """Simulated days of logs, how they are cut, and how long is trained.

    Attributes:
        lists: lists of all 17 days that are learnt from.
        judged_lists: lists of 17 days of another draw, of which those of each day are judged.
        first: the first day for which a model is made, from 0.
        days: days for which models are made.
        window: days of lists that a model learns from.
        epochs: epochs at most.
        model: the network.
    """

    lists: int
    judged_lists: int
    first: int = 10
    days: int = 7
    window: int = 10
    epochs: int = 12
    model: ModelConfig = _RANKER

    def __iter__(self) -> Iterator[int]:
        return iter(range(self.first, self.first + self.days))

    @property
    def config(self) -> SimulatorConfig:
        """The marketplace."""
        return SimulatorConfig(lists=self.lists, **MARKETPLACE)

    @cached_property
    def dataset(self) -> Dataset:
        """Its definition, with the windows of this study."""
        definition = simulated_dataset(self.config)
        for task in definition["tasks"]:
            task |= {"matures_after": WINDOWS[task["name"]]} if task["name"] in WINDOWS else {}
        return Dataset.model_validate(definition)

    @cached_property
    def judged(self) -> Lists:
        """Lists of other users of the same days, with all that was done in the end."""
        seed = self.config.seed + EVALUATION_SEED
        drawn = self.config.model_copy(update={"lists": self.judged_lists, "seed": seed})
        return lists_of(self.dataset, seen_whole(drawn))

    def judged_on(self, day: int) -> Lists:
        """Those of one day."""
        return self.judged.take(np.flatnonzero(days_of(self.judged) == day))

    def logs_of(self, day: int) -> Logs:
        """What is known on the morning of a day: the window before it, as it was seen until then.

        Args:
            day: from 0.

        Returns:
            The lists of the window, which train and validate, and those of the day to judge.
        """
        seen = self._before(day, self.config.model_copy(update={"seen_days": float(day)}))
        whole, judged = self._before(day, seen_whole(self.config)), self.judged_on(day)
        sides = split_lists(self.dataset, seen.context)
        places = np.arange(len(judged)) + len(seen)
        parts = Parts(np.flatnonzero(sides == TRAINS), np.flatnonzero(sides == VALIDATES), places)
        return Logs(self.dataset, joined(seen, judged), parts, joined(whole, judged))

    def _before(self, day: int, config: SimulatorConfig) -> Lists:
        """The lists of the window before a day that are learnt from."""
        lists = lists_of(self.dataset, config)
        ago = day - days_of(lists)
        learnt = (ago > 0) & (ago <= self.window)
        sides = split_lists(self.dataset, lists.context)
        return lists.take(np.flatnonzero(learnt & (sides != EVALUATES)))

    def described(self) -> dict[str, Any]:
        """All that tells its trainings from others, as JSON can hold it."""
        model = self.model.model_dump(mode="json")
        return {**asdict(self), "model": model, "marketplace": dict(MARKETPLACE)}


def days_of(lists: Lists) -> np.ndarray:
    """The day on which each list was shown, from 0; int64 [B]."""
    seconds = lists.context[keys.LIST_TIME].to_numpy()
    return (seconds - int(FIRST_DAY.timestamp())) // (DAY_MILLISECONDS // 1000)


class DailyRoutine:
    """Goes through the days, one model after the other; finished ones are kept.

    Args:
        days: the days.
        folder: keeps finished models' scores.
    """

    def __init__(self, days: Days, folder: Path) -> None:
        self.days = days
        self._kept = KeptScores(folder)
        self._files = TemporaryDirectory()
        self._prepared: dict[tuple[int, bool], Prepared] = {}

    def close(self) -> None:
        """Leaves nothing behind but what is kept."""
        self._files.cleanup()

    def scores(self, routine: Routine, seed: int) -> Scores:
        """Scores of the judged lists of all days.

        Args:
            routine: what is done every day.
            seed: of all trainings.

        Returns:
            Of each day's items, by `DAY/TARGET` among those of evaluation.
        """
        identity = {"days": self.days.described(), "routine": asdict(routine), "seed": seed}
        return self._kept.get(identity, lambda: self._made(routine, seed))

    def prepared(self, day: int, knows_all: bool = False) -> Prepared:
        """The lists of a day; features stay on the sides of the region split of the first one."""
        if (day, knows_all) not in self._prepared:
            before = self.prepared(day - 1, knows_all).split if day > self.days.first else None
            logs = View(knows_all=knows_all).of(self.days.logs_of(day))
            folder = Path(self._files.name) / str(len(self._prepared))
            folder.mkdir()
            made = Prepared(logs, RegionSplitConfig(), folder, before)
            self._prepared[day, knows_all] = made
        return self._prepared[day, knows_all]

    def _made(self, routine: Routine, seed: int) -> Scores:
        fields = {"epochs": self.days.epochs, "feedback": routine.feedback}
        training = TrainingConfig.model_validate({**fields, "seed": seed})
        pushed: PushedModel | None = None
        found: dict[str, np.ndarray] = {}
        for day in self.days:
            prepared = self.prepared(day, routine.knows_all)
            network, _ = train_network(
                prepared, self.days.dataset, self.days.model, training, pushed
            )
            scores = predicted(network, prepared, "evaluation", calibration_of(network, prepared))
            found |= {f"{day}/{target}": values for target, values in scores.items()}
            if routine.warm:
                pushed = PushedModel.of(network, prepared.transform.vocabularies())
        return Scores({}, found)


def of_all_days(days: Days, scores: Sequence[Scores], target: str) -> np.ndarray:
    """Scores of the judged lists of all days, of each training; float [S, N].

    Args:
        days: the days.
        scores: of S trainings.
        target: a task, or `graded`.
    """
    return np.stack(
        [np.concatenate([one.evaluation[f"{day}/{target}"] for day in days]) for one in scores]
    )
