"""What users clicked before: its worth, and whether single pieces want an encoder of their own."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from benchmarks.laboratory.logs import Logs
from benchmarks.laboratory.measures import item_column
from benchmarks.laboratory.setups import Exhibit, Setup
from benchmarks.laboratory.views import View

_RANKER = "seq_md"
_NONE, _ONE, _SPLIT = "no history", "history", "history split by stock"
_BLIND, _TASTES = "history without stock", "tastes known"
# Users with tastes of their own, other ones for single pieces.
WITH_PIECES = {"histories": True, "single_pieces": True}
# The control: all is in deep stock, so that nothing is to be split.
DEEP = {"histories": True}


def encoders(logs: Logs) -> Sequence[Setup]:
    """Without histories, with one encoder, and with one for each kind of stock.

    An encoder that reads the stock of each past action can tell single pieces by itself: one more
    does not know it. Where all is in deep stock there is nothing to split. What histories can bring
    at most shows a model that knows what users want.
    """
    models: dict[str, dict[str, Any]] = {
        _ONE: {"history": {"split": False}},
        _SPLIT: {"history": {"split": True}},
    }
    none = Setup(_NONE, {"ranker": _RANKER}, _NONE, tuned_as=_RANKER, view=View(knows_past=False))
    one, split = (
        Setup(name, {"ranker": _RANKER, **model}, against, tuned_as=_RANKER)
        for (name, model), against in zip(models.items(), (_NONE, _ONE), strict=True)
    )
    by = None if logs.dataset.history is None else logs.dataset.history.split_by
    known = replace(none, name=_TASTES, view=View(knows_past=False, knows_tastes=True))
    if by is None:
        return [none, one, known]
    blind = replace(one, name=_BLIND, against=_ONE, view=View(leaves_out=(by.feature,)))
    return [none, one, split, blind, known]


def by_stock(logs: Logs) -> Mapping[str, np.ndarray]:
    """The evaluation lists' items by what there is of them, bool [N] each."""
    stock = item_column(logs.lists.take(logs.parts.evaluation), "stock")
    found = {"single pieces": stock == 1, "deep stock": stock > 1}
    return {name: inside for name, inside in found.items() if inside.any()}


HISTORIES = {
    "history_pieces": Exhibit(
        "Histories: none, one encoder, and one for each kind of stock",
        encoders,
        changes=WITH_PIECES,
        items=by_stock,
    ),
    "history_deep": Exhibit(
        "Control: histories where all is in deep stock", encoders, changes=DEEP, items=by_stock
    ),
}
