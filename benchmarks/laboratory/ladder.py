"""What makes SEQ+MD better, one option after the other, and what bounds it."""

from dataclasses import replace
from typing import Any

import numpy as np

from benchmarks.laboratory.logs import Logs
from benchmarks.laboratory.measures import item_column
from benchmarks.laboratory.setups import (
    BASELINE,
    CONSTANT_STEPS,
    PAPER,
    Exhibit,
    Setup,
    compared_models,
)
from benchmarks.laboratory.views import View
from data.definition import keys
from models.config import TrainingConfig

# Options of `ModelConfig` that start as no change, each added to those before it.
STEPS: dict[str, dict[str, Any]] = {
    "token path": {"token_path": True},
    "shifts": {"adaptor_shift": True},
    "own gradients": {"descending_gradient": "own"},
    "gates everywhere": {"region_gates": "all"},
}
_OWN = "own gradients"
_SHARES = (0.25, 0.5)
_MODEL = {"dropout": 0.1, "concatenate_country": True}
# The same for all networks, whatever was found for each: what differs is the network.
_TRAINING: dict[str, Any] = {
    **CONSTANT_STEPS,
    "learning_rate": 0.002,
    "averaged_weights": 0.99,
    "default_loss": {
        "losses": {"softmax": 1.0, "sigmoid_cross_entropy": 1.0},
        "mean_over": "relevant_lists",
    },
}
# Few, so that a ladder of trainings of all lists takes minutes.
_EPOCHS = 3


def ladder() -> list[Setup]:
    """The paper's SEQ+MD with each option added to those before it, beside all models.

    Gradients of the own factor are an option of the product, not of SEQ+MD: all networks are there
    without and with them.
    """
    model: dict[str, Any] = {"ranker": "seq_md", **PAPER}
    steps = []
    for name, option in STEPS.items():
        model = {**model, **option}
        steps.append(Setup(f"seq_md, + {name}", model, tuned_as="seq_md"))
    models = [
        setup if setup.learns == "trees" else replace(setup, model={**setup.model, **PAPER})
        for setup in compared_models()
    ]
    own = [
        replace(
            setup,
            name=f"{setup.name}, {_OWN}",
            model={**setup.model, **STEPS[_OWN]},
            tuned_as=setup.tuned_as or setup.name,
        )
        for setup in models
        if setup.learns != "trees"
    ]
    return [*map(_trained_alike, [*models, *own, *steps])]


def _trained_alike(setup: Setup) -> Setup:
    if setup.learns == "trees":
        return setup
    training = {**_TRAINING, "epochs": _EPOCHS, **setup.training}
    return replace(setup, model={**setup.model, **_MODEL}, training=training)


def bounds(logs: Logs) -> list[Setup]:
    """Shared-Bottom and SEQ+MD on fewer lists, and with the truth for labels.

    The same losses for all: softmax counts lists that have an action, and with the truth each list
    has something of everything. So each task's softmax weighs as much less there as such lists are
    fewer than all.
    """
    truth = {"task_losses": _losses_on_truth(logs), "calibrated": False}
    setups = []
    for name in (BASELINE, "seq_md"):
        whole = Setup(name, {"ranker": name}, against=name)
        setups += [
            whole,
            *(_of_share(whole, share) for share in _SHARES),
            replace(
                whole,
                name=f"{name}, the truth",
                tuned_as=name,
                training=truth,
                view=View(learns_truth=True),
            ),
        ]
    return setups


def _of_share(whole: Setup, share: float) -> Setup:
    name = f"{whole.name}, {share:.0%} of the lists"
    return replace(whole, name=name, tuned_as=whole.name, view=View(learns_share=share))


def _losses_on_truth(logs: Logs) -> dict[str, dict[str, Any]]:
    lists = logs.lists.take(logs.parts.training)
    default = TrainingConfig().default_loss.model_dump(mode="json")
    found = {}
    for task in logs.dataset.tasks:
        labels = np.nan_to_num(item_column(lists, keys.label(task.name)))
        share = float(np.mean(np.maximum.reduceat(labels, lists.starts)))
        weights = {**default["losses"], "softmax": share * default["losses"]["softmax"]}
        found[task.name] = {**default, "losses": weights}
    return found


LADDER = {
    "ladder": Exhibit(
        "The ladder: options of SEQ+MD one after the other, and its rivals", lambda logs: ladder()
    ),
    "bounds": Exhibit("What bounds it: fewer lists, and the truth for labels", bounds),
}
