"""Tasks that depend on each other: which loss is right, by how well the funnel can be learnt."""

from collections.abc import Mapping, Sequence
from typing import Any

from benchmarks.laboratory.setups import CONSTANT_STEPS, Exhibit, Setting, Setup, whatever_logs

# Probabilities of their own, the product learnt over all items, and factors where they are open.
LOSSES: dict[str, tuple[str, bool]] = {
    "independent": ("sigmoid_cross_entropy", False),
    "entire space": ("entire_space", True),
    "chain": ("chain", True),
}
# Labels happen as the true probabilities say, so that an error of these can be measured.
_TRUTHFUL = {"position_bias": False, "false_clicks": False}
# About eighty purchases to learn from; as many steps as larger logs take in a few epochs.
_SPARSE = {"lists": 400}
_PATIENT: Mapping[str, Any] = {
    "lists_per_batch": 32,
    "epochs": 60,
    "patience": 8,
    **CONSTANT_STEPS,
}
# A network that cannot express what users do, whatever the ranker.
_TOO_SMALL = {
    "parameters": None,
    "dropout": 0.0,
    "level_units": (3,),
    "tower_units": (),
    "token_units": (3,),
    "recurrent_units": (3,),
}


def _trained(losses: str, training: Mapping[str, Any]) -> Setting:
    name, descending = LOSSES[losses]
    default = {"losses": {name: 1.0}}
    # Uncalibrated: a calibration would mend the level that a loss has missed.
    learnt = {"default_loss": default, "calibrated": False, **training}
    return {"model": {"descending": descending}, "training": learnt}


def dependent_tasks(
    rankers: Sequence[str] = ("shared_bottom",),
    losses: Sequence[str] = tuple(LOSSES),
    model: Mapping[str, Any] | None = None,
    training: Mapping[str, Any] | None = None,
    whole: bool = True,
) -> list[Setup]:
    """Rankers with each loss, against themselves with independent probabilities.

    Args:
        rankers: names of rankers.
        losses: names among `LOSSES`, `independent` first.
        model: fields of `ModelConfig` of all of them.
        training: fields of `TrainingConfig` of all of them.
        whole: whether ESMM and AITM as published stand beside them.

    Returns:
        The setups.
    """
    setups = []
    for ranker in rankers:
        for one in losses:
            setting = _trained(one, training or {})
            chosen = {"ranker": ranker, **(model or {}), **setting["model"]}
            against = f"{ranker}, {losses[0]}"
            setups.append(Setup(f"{ranker}, {one}", chosen, against, training=setting["training"]))
    if whole:
        setups += _published(setups[0].name, model or {}, training or {})
    return setups


def _published(against: str, model: Mapping[str, Any], training: Mapping[str, Any]) -> list[Setup]:
    esmm, aitm = _trained("entire space", training), _trained("independent", training)
    # The authors' weight with more than two tasks.
    calibrator = {"behavioural_calibrator": 0.3}
    return [
        Setup(
            "esmm, entire space",
            {"ranker": "esmm", **model, **esmm["model"]},
            against,
            training=esmm["training"],
            tuned_as="shared_bottom",
        ),
        Setup(
            "aitm, calibrator",
            {"ranker": "aitm", **model, **aitm["model"]},
            against,
            training={**aitm["training"], **calibrator},
            tuned_as="shared_bottom",
        ),
    ]


DEPENDENCE = {
    "task_dependence_well_specified": Exhibit(
        "Dependent tasks: a network that can express the funnel",
        whatever_logs(dependent_tasks),
        changes=_TRUTHFUL,
        probabilities=True,
    ),
    "task_dependence_mis_specified": Exhibit(
        "Dependent tasks: networks of three hidden units, which cannot express the funnel",
        whatever_logs(lambda: dependent_tasks(model=_TOO_SMALL, whole=False)),
        changes=_TRUTHFUL,
        probabilities=True,
    ),
    "task_dependence_sparse": Exhibit(
        "Dependent tasks: few purchases",
        whatever_logs(lambda: dependent_tasks(training=_PATIENT)),
        changes={**_TRUTHFUL, **_SPARSE},
        probabilities=True,
    ),
    "task_dependence_skipped_steps": Exhibit(
        "Dependent tasks: a funnel that is not clean, which `chain` refuses",
        whatever_logs(lambda: dependent_tasks(losses=("independent", "entire space"), whole=False)),
        changes={**_TRUTHFUL, "skipped_steps": True},
        probabilities=True,
    ),
}
