"""Shops among listings: knowing the kinds of items, against imputing what they lack."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from benchmarks.laboratory.logs import Logs
from benchmarks.laboratory.setups import Exhibit, Setup
from benchmarks.laboratory.views import View
from data.simulator.second_kind import KIND
from data.simulator.second_kind import KINDS as NAMES

_RANKER = "seq_md"
_IMPUTED = "imputed"
# What becomes of features that a kind lacks, each instead of the one before.
_WAYS: dict[str, dict[str, Any]] = {
    "0 where a kind lacks it": {},
    "scaled by importance": {"kind_alignment": "importance"},
    "joined": {"kind_alignment": "joined"},
    "joined, with knowledge": {"kind_alignment": "joined", "kind_knowledge": (32,)},
}


def alignments(logs: Logs) -> Sequence[Setup]:
    """Each way to tell the network of kinds, against missing values."""
    imputed = Setup(
        _IMPUTED,
        {"ranker": _RANKER},
        _IMPUTED,
        tuned_as=_RANKER,
        view=View(knows_kinds=False),
    )
    ways = (
        Setup(name, {"ranker": _RANKER, **model}, _IMPUTED, tuned_as=_RANKER)
        for name, model in _WAYS.items()
    )
    return [imputed, *ways]


def of_kinds(logs: Logs) -> Mapping[str, np.ndarray]:
    """The evaluation lists' items by kind, bool [N] each."""
    column = logs.lists.take(logs.parts.evaluation).items[KIND]
    kinds = column.to_numpy(zero_copy_only=False)
    return {f"{name}s": kinds == name.encode() for name in NAMES}


KINDS = {
    "kinds": Exhibit(
        "Kinds of items: shops without a price among the listings",
        alignments,
        changes={"second_kind": True},
        items=of_kinds,
    ),
}
