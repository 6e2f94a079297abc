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
ORACLE = "oracle"
# Logs of seventeen days, whose last purchases and refunds are still to come.
LATE = {"late_feedback": True, "refunds": True}
AT_ONCE = {**LATE, "delay_scale": 0.0}
_RANKER: dict[str, Any] = {"ranker": "seq_md"}


def ways_of_learning(logs: Logs) -> Sequence[Setup]:
    """Each way to learn from open lists, and an oracle that knows all labels.

    What models delays also stands against what was seen; those are the same trainings.
    """
    waiting, as_seen, *modelled = WAYS
    setups = [Setup(way, _RANKER, waiting, training={"feedback": way}) for way in WAYS]
    return [
        *setups,
        Setup(ORACLE, _RANKER, waiting, view=View(knows_all=True)),
        *(
            Setup(f"{way}, against {as_seen}", _RANKER, as_seen, training={"feedback": way})
            for way in modelled
        ),
    ]


def orders_of_kept(logs: Logs) -> Sequence[Setup]:
    """Lists of kept purchases, ranked by purchases, by a task of their own, and by a rival."""
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
        # One network for all tasks, and the same with the combination of Journey Ranker behind it.
        Setup(
            "Shared-Bottom, by the task kept", {"ranker": "shared_bottom"}, name, training=training
        ),
        Setup(
            "Journey Ranker, by the task kept",
            {"ranker": "journey"},
            name,
            training=training,
            tuned_as="shared_bottom",
        ),
    ]


FEEDBACK = {
    "late_feedback": Exhibit(
        "Late feedback: what is learnt from lists whose windows are open",
        ways_of_learning,
        changes=LATE,
        gap=(WAYS[0], ORACLE),
    ),
    "no_delays": Exhibit(
        "Control of late feedback: all that is done is done at once",
        ways_of_learning,
        changes=AT_ONCE,
    ),
    "refunds": Exhibit(
        "Refunds: kept purchases as a task, against the order by purchases",
        orders_of_kept,
        changes=LATE,
    ),
}
