"""What is trained and compared: models on datasets, and the tables and figures made of them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any, Literal

import numpy as np

from benchmarks.laboratory.logs import Logs
from benchmarks.laboratory.measures import AT
from benchmarks.laboratory.network import Network
from benchmarks.laboratory.prepared import Learner
from benchmarks.laboratory.trees import Trees
from benchmarks.laboratory.views import USUAL, View

BASELINE = "shared_bottom"
# The paper's order.
MODELS = ("shared_bottom", "mlmmoe", "ple", "adatt_sp", "seq", "seq_md")
WITHOUT_ADAPTOR = MODELS[:-1]
# What others have for several regions in place of MD.
RIVALS = ("star", "pepnet")
TREES = "lightgbm"
# Fields of `ModelConfig`: the paper's SEQ+MD, and its product; the defaults have more.
PAPER: Mapping[str, Any] = {
    "adaptor_shift": False,
    "concatenate_country": False,
    "token_path": False,
    "descending_gradient": "all",
}
# Fields of `TrainingConfig`, where a study keeps what was the default before.
CONSTANT_STEPS: Mapping[str, Any] = {"learning_rate_decay": "none", "weight_decay": 0.0}

# Fields of `ModelConfig`, or LightGBM's parameters, under `model`; of `TrainingConfig` under
# `training`.
Setting = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True)
class Setup:
    """A model on a dataset.

    Attributes:
        name: how it is reported.
        model: fields of `ModelConfig`; of LightGBM's parameters where `learns` is `trees`.
        against: name of the setup that its change is measured against.
        tasks: names of the tasks that it learns; the others are added without training, as
            section 5.2 does. All by default.
        training: fields of `TrainingConfig` that differ from those of the comparison.
        tuned_as: name of the model whose tuned settings it takes; by default its own name, or its
            ranker where that has none.
        learns: a network, or LightGBM's lambdarank, one model for each target.
        judged_region: the only region that it is judged on; all, and each slice, by default.
        view: how it sees the lists that it learns from.
        scored_by: by target, the task by whose probability its lists are ranked; its own by
            default.
        learns_from: fields of `SimulatorConfig` of the logs that it learns from.
    """

    name: str
    model: Mapping[str, Any] = field(default_factory=dict)
    against: str = BASELINE
    tasks: Sequence[str] = ()
    training: Mapping[str, Any] = field(default_factory=dict)
    tuned_as: str = ""
    learns: Literal["network", "trees"] = "network"
    judged_region: str = ""
    view: View = USUAL
    scored_by: Mapping[str, str] = field(default_factory=dict)
    learns_from: Mapping[str, Any] = field(default_factory=dict)

    def learner(self, shared: Setting) -> Learner:
        """What is trained.

        Args:
            shared: `model` and `training` of all networks, where the setup says nothing else.

        Returns:
            The learner.
        """
        if self.learns == "trees":
            return Trees(self.model, AT)
        model = {**shared.get("model", {}), **self.model}
        training = {**shared.get("training", {}), **self.training}
        return Network(model, training, tuple(self.tasks))


def can_train(setup: Setup, tell: Callable[[str], None]) -> bool:
    """Whether a setup can be trained here: LightGBM is optional.

    Args:
        setup: the setup.
        tell: is told why it cannot.

    Returns:
        Whether it can.
    """
    if setup.learns != "trees":
        return True
    try:
        import_module("lightgbm")
    except (ImportError, OSError) as error:  # The latter where the machine has no libgomp.
        tell(f"{setup.name}: left out, since LightGBM cannot be loaded: {error}")
        return False
    return True


def networks() -> list[Setup]:
    """Every network of the paper against Shared-Bottom."""
    return [Setup(name, {"ranker": name}) for name in MODELS]


def compared_models() -> list[Setup]:
    """Every model against Shared-Bottom, and what a user may pick instead, with the defaults."""
    rivals = [Setup(name, {"ranker": name}) for name in RIVALS]
    return [*networks(), *rivals, Setup(TREES, learns="trees")]


def _no_slices(logs: Logs) -> Mapping[str, np.ndarray]:
    return {}


@dataclass(frozen=True)
class Exhibit:
    """A table or figure.

    Attributes:
        title: what it shows.
        setups: what is trained on the logs.
        tasks: names of the simulated tasks; all three by default. Where some are named, other
            logs are learnt with their first and their last task.
        changes: fields of `SimulatorConfig`.
        domestic: whether it shows the share of domestic listings, as Figure 7 does.
        distances: whether it shows how far apart regions lie, as Figure 4 does.
        probabilities: whether it shows how far probabilities lie from the true ones.
        examination: whether it shows the examination that was learnt beside the true one.
        items: slices of the evaluation lists' items, bool [N] by name; none by default.
        gap: names of a setup and of one that has what it lacks, where it shows how much of that
            the others make up for.
    """

    title: str
    setups: Callable[[Logs], Sequence[Setup]]
    tasks: Sequence[str] = ()
    changes: Mapping[str, Any] = field(default_factory=dict)
    domestic: bool = False
    distances: bool = False
    probabilities: bool = False
    examination: bool = False
    items: Callable[[Logs], Mapping[str, np.ndarray]] = _no_slices
    gap: tuple[str, str] | None = None


def whatever_logs(make: Callable[[], Sequence[Setup]]) -> Callable[[Logs], Sequence[Setup]]:
    """What an exhibit trains, where that depends on no logs.

    Args:
        make: the setups.
    """
    return lambda logs: make()
