"""What makes SEQ+MD better, one option after the other, and what bounds it."""

from dataclasses import replace
from typing import Any

import numpy as np

from benchmarks.laboratory.logs import Logs
from benchmarks.laboratory.measures import item_column
from benchmarks.laboratory.setups import BASELINE, Exhibit, Setup, compared_models
from benchmarks.laboratory.views import View
from data.definition import keys

# Options of `ModelConfig` that start as no change, each added to those before it.
STEPS: dict[str, dict[str, Any]] = {
    "shifts": {"adaptor_shift": True},
    "token path": {"token_path": True},
    "own gradients": {"descending_gradient": "own"},
    "gates everywhere": {"region_gates": "all"},
}
_SHARES = (0.25, 0.5)
# Losses of trainings on labels and on the truth, which are compared.
_SOFTMAX, _POINTWISE = 1.0, 1.0


def ladder() -> list[Setup]:
    """SEQ+MD with each option added to those before it, beside all others."""
    model: dict[str, Any] = {"ranker": "seq_md"}
    steps = []
    for name, option in STEPS.items():
        model = {**model, **option}
        steps.append(Setup(f"seq_md, + {name}", model, tuned_as="seq_md"))
    return [*compared_models(), *steps]


def bounds(logs: Logs) -> list[Setup]:
    """Shared-Bottom and SEQ+MD on fewer lists, and on the true probabilities for labels.

    The same losses for all. Softmax is a mean over lists that have an action; with the truth each
    list has something of everything. So each task's softmax weighs as much more there as such lists
    are fewer than all.
    """
    setups = []
    for name in (BASELINE, "seq_md"):
        whole = Setup(name, {"ranker": name}, against=name, training={"task_losses": _losses(logs)})
        truth = {"task_losses": _losses(logs, truth=True), "calibrated": False}
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


def _losses(logs: Logs, truth: bool = False) -> dict[str, dict[str, Any]]:
    lists = logs.lists.take(logs.parts.training)
    found = {}
    for task in logs.dataset.tasks:
        labels = np.nan_to_num(item_column(lists, keys.label(task.name)))
        share = np.mean(np.maximum.reduceat(labels, lists.starts)) if truth else 1.0
        losses = {"softmax": _SOFTMAX / float(share), "sigmoid_cross_entropy": _POINTWISE}
        found[task.name] = {"losses": losses}
    return found


LADDER = {
    "ladder": Exhibit(
        "The ladder: options of SEQ+MD one after the other, and its rivals", lambda logs: ladder()
    ),
    "bounds": Exhibit("What bounds it: fewer lists, and the truth for labels", bounds),
}
