"""Why the first item of a list stands above the second one: a few lists, for people to look at."""

import logging
from typing import Any

import numpy as np
import pyarrow as pa

from components.diagnostics.drawn_lists import DrawnLists
from data.artifacts.served_answer import SCORE
from data.definition import keys
from data.definition.dataset import Dataset
from data.errors import InputError
from data.explanation.explained_model import ExplainedModel
from data.explanation.pair import FeatureShare, Pair
from data.explanation.values import values_by_feature

MOST_PAIRS = 3


def explain_pairs(
    dataset: Dataset, sample: DrawnLists, served: str, loaded: Any
) -> tuple[Pair, ...]:
    """Explains the first two items of a few lists, short and long ones, with an action each.

    Args:
        dataset: the definition of the lists.
        sample: the lists that were drawn.
        served: the model's folder.
        loaded: what TensorFlow has loaded from it.

    Returns:
        The explanations; none where the model explains nothing, or no list of two items has an
        action.
    """
    try:
        model = ExplainedModel(served, loaded)
    except InputError as error:
        logging.getLogger("seqmd").warning("pairs: %s", error)
        return ()
    places = _places(sample)
    lists = sample.take(places)
    examples, ends = lists.examples(), np.cumsum(lists.row_lengths)
    return tuple(
        _explained(dataset, lists, number, int(end - lists.row_lengths[number]), model, example)
        for number, (example, end) in enumerate(zip(examples, ends, strict=True))
    )


def _places(sample: DrawnLists) -> np.ndarray:
    lists = sample.labelled
    acted = sum(
        lists.list_sums((np.nan_to_num(labels) > 0).astype(float))
        for labels in lists.labels.values()
    )
    fit = np.flatnonzero((acted > 0) & (lists.row_lengths > 1))
    if len(fit) <= MOST_PAIRS:
        return fit
    return fit[np.linspace(0, len(fit) - 1, MOST_PAIRS + 2)[1:-1].astype(int)]


def _explained(
    dataset: Dataset,
    lists: DrawnLists,
    number: int,
    start: int,
    model: ExplainedModel,
    example: bytes,
) -> Pair:
    of_list = model.columns(example)
    first, second = np.argsort(-model.scores(of_list, SCORE), kind="stable")[:2].tolist()
    found = model.explain(of_list, first, second, SCORE)
    rows = lists.items.take(pa.array([start + first, start + second]))
    stated = {feature.name: rows[feature.name] for feature in dataset.item_features}
    values = values_by_feature(dataset, rows, stated)
    return Pair(
        list_id=keys.shown_id(lists.context[keys.LIST_ID][number].as_py()),
        region=lists.regions[number].decode(errors="replace"),
        items=int(lists.row_lengths[number]),
        places=(first + 1, second + 1),
        scores=(found.first, found.second),
        features=tuple(
            FeatureShare(feature=name, share=share, values=_both(values.get(name)))
            for name, share in found.shares.items()
        ),
        residual=found.residual,
    )


def _both(values: tuple[str, ...] | None) -> tuple[str, str] | None:
    if values is None:
        return None
    first, second = values
    return first, second
