"""Labels that are not in yet, and purchases that are sent back: what each way of learning is worth.

Lists are judged by true probabilities, so nothing of them is still to come.
"""

from collections.abc import Sequence
from typing import Any

from benchmarks.laboratory.logs import Logs
from benchmarks.laboratory.setups import Exhibit, Setup
from benchmarks.laboratory.views import View

KEPT, PURCHASE = "kept", "purchase"
_BEFORE_KEPT = ("click", "add_to_cart", PURCHASE)
WAYS = ("mature_only", "as_seen", "fsiw", "survival")
# Logs of seventeen days, whose last purchases and refunds are still to come.
LATE = {"late_feedback": True, "refunds": True}
_RANKER: dict[str, Any] = {"ranker": "seq"}


def ways_of_learning(logs: Logs) -> Sequence[Setup]:
    """Each way to learn from open lists, and an oracle that knows all labels."""
    against = WAYS[0]
    setups = [Setup(way, _RANKER, against, training={"feedback": way}) for way in WAYS]
    return [*setups, Setup("oracle", _RANKER, against, view=View(knows_all=True))]


def orders_of_kept(logs: Logs) -> Sequence[Setup]:
    """Lists of kept purchases, ranked by purchases, and by a task of their own."""
    name, training = "by purchase, of three tasks", {"feedback": "survival"}
    by_purchase = {KEPT: PURCHASE}
    # The fourth task of the first one is not learnt, and ranks nothing.
    without = Setup(
        name, _RANKER, name, tasks=_BEFORE_KEPT, training=training, scored_by=by_purchase
    )
    return [
        without,
        Setup(
            "by purchase, of four tasks", _RANKER, name, training=training, scored_by=by_purchase
        ),
        Setup("by the task kept", _RANKER, name, training=training),
    ]


FEEDBACK = {
    "late_feedback": Exhibit(
        "Late feedback: what is learnt from lists whose windows are open",
        ways_of_learning,
        changes=LATE,
    ),
    "refunds": Exhibit(
        "Refunds: kept purchases as a task, against the order by purchases",
        orders_of_kept,
        changes=LATE,
    ),
}
