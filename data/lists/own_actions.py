"""Lists that have an action of their own in their history, which tells the label."""

import numpy as np

from data.arrow_lists import entries
from data.definition import keys
from data.definition.dataset import Dataset
from data.definition.history import History
from data.lists.lists import Lists
from data.rows.schema import LATE_ITEMS


def own_actions(dataset: Dataset, lists: Lists) -> np.ndarray:
    """Which lists have an action of their own in the history that counts, that of the first row.

    Such is one on an item of the list that was acted on, no time before the list; where there are
    no ages, the newest one. Only whole lists tell: the row of that item may lie in another file
    than the first, or in another batch.

    Args:
        dataset: names the tasks, and says on which items past actions were, or not.
        lists: whole lists [B].

    Returns:
        bool [B].
    """
    found = np.zeros(len(lists), bool)
    if LATE_ITEMS not in lists.context.schema.names:
        return found
    labels = [lists.items[keys.label(task.name)].to_numpy() for task in dataset.tasks]
    acted = np.flatnonzero((np.stack(labels) > 0).any(axis=0))
    lengths, late = entries(lists.context[LATE_ITEMS])
    items = np.concatenate([late.to_numpy(), lists.items[keys.ITEM].to_numpy()[acted]])
    list_of_acted = lists.list_of_item[acted]
    list_of_item = np.concatenate([np.repeat(np.arange(len(lists)), lengths), list_of_acted])
    _, codes = np.unique(items, return_inverse=True)
    pairs = codes * len(lists) + list_of_item
    own = np.isin(pairs[len(late) :], pairs[: len(late)])
    found[list_of_acted[own]] = True
    return found


def reason_of_own_action(history: History) -> str:
    """Why such a list is set aside, and what to do where it need not be.

    Args:
        history: says on which items past actions were.
    """
    if history.at is not None:
        hint = "times in whole hours or days cannot tell: leave out `history.item` then"
    elif history.age is not None:
        hint = "an age of 0 in whole hours or days cannot tell: name `history.at` then, or leave"
        hint += " out `history.item`"
    else:
        hint = "without ages, a later visit to the item looks the same: name `history.age` or `at`"
    return (
        f"{history.item}: expected actions from before the list, found an action of the list itself"
        f" ({hint})"
    )
