"""Lists cut into the items of each kind, so that every kind is ranked among its own."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from components.evaluator.list_values import LabelledLists, Predictions
from data.artifacts.served_answer import item_values
from data.metrics.ranked import list_of_item


@dataclass(frozen=True)
class KindLists:
    """The parts of lists, one for each kind that a list shows.

    Attributes:
        lists: what is known of them, S lists.
        predictions: by model and output, float [S, L], NaN behind the end of a part.
        kinds: the kind of each part, bytes (object) [S].
        whole: the list that each is a part of, int [S].
    """

    lists: LabelledLists
    predictions: Predictions
    kinds: np.ndarray
    whole: np.ndarray


def cut_by_kind(
    lists: LabelledLists, predictions: Predictions, kinds: np.ndarray
) -> KindLists | None:
    """Cuts lists into the items of each kind; items without a kind are in none.

    Args:
        lists: B lists with N items.
        predictions: by model and output, float [B, L].
        kinds: the kind of each item, bytes (object) [N].

    Returns:
        The parts; None where no item has a kind.
    """
    names, codes = np.unique(kinds, return_inverse=True)
    parts = list_of_item(lists.row_lengths) * len(names) + codes
    order = np.argsort(parts, kind="stable")
    order = order[names[codes[order]] != b""]
    if not len(order):
        return None
    found, row_lengths = np.unique(parts[order], return_counts=True)
    whole = found // len(names)
    cut = replace(
        lists,
        row_lengths=row_lengths,
        labels={task: values[order] for task, values in lists.labels.items()},
        truth={task: values[order] for task, values in lists.truth.items()},
        positions=None if lists.positions is None else lists.positions[order],
        weights=lists.weights[whole],
        ages=None if lists.ages is None else lists.ages[whole],
    )
    answers = {
        model: _cut(outputs, lists.row_lengths, order, row_lengths)
        for model, outputs in predictions.items()
    }
    return KindLists(cut, answers, names[found % len(names)], whole)


def _cut(
    outputs: Mapping[str, np.ndarray],
    row_lengths: np.ndarray,
    order: np.ndarray,
    lengths: np.ndarray,
) -> dict[str, np.ndarray]:
    """A model's answers for the parts, whose items stand in some order among all."""
    real = np.arange(lengths.max()) < lengths[:, np.newaxis]
    found = {}
    for name, padded in outputs.items():
        values, _ = item_values(padded.astype(float), row_lengths)
        found[name] = np.full(real.shape, np.nan)
        found[name][real] = values[order]
    return found
