"""What can be asked for: the paper's tables and figures, and studies around them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from benchmarks.reproduction import setups
from benchmarks.reproduction.setups import Setup


@dataclass(frozen=True)
class Exhibit:
    """A table or figure.

    Attributes:
        title: what it shows.
        setups: what is trained.
        tasks: names of the simulated tasks; all three by default.
        changes: fields of `SimulatorConfig`.
        domestic: whether it shows the share of domestic listings, as Figure 7 does.
    """

    title: str
    setups: Sequence[Setup]
    tasks: Sequence[str] = ()
    changes: Mapping[str, bool] = field(default_factory=dict)
    domestic: bool = False


_ADAPTED = [
    Setup("seq", {"ranker": "seq"}, against="seq"),
    Setup("seq + MD", {"ranker": "seq", "adaptor": "shared"}, against="seq"),
    Setup("seq_md", {"ranker": "seq_md"}, against="seq"),
]

EXHIBITS = {
    "table1": Exhibit(
        "Table 1: two tasks, against Shared-Bottom",
        setups.compared_models(),
        tasks=("click", "purchase"),
    ),
    "table2": Exhibit(
        "Table 2: with MD, against the same model without", setups.with_and_without_adaptor()
    ),
    "table3": Exhibit("Table 3: three tasks, against Shared-Bottom", setups.compared_models()),
    "figure5": Exhibit("Figure 5: a task added without training", setups.added_task()),
    "figure6": Exhibit("Figure 6: the descending probability", setups.descending_or_not()),
    "figure7": Exhibit("Figure 7: domestic listings shown first", _ADAPTED, domestic=True),
    "no_shifts": Exhibit(
        "Control: features distributed alike in all regions",
        _ADAPTED,
        changes={"regional_shifts": False},
    ),
    "shared_tastes": Exhibit(
        "Control: tastes shared by all regions",
        _ADAPTED,
        changes={"regional_tastes": False},
        domestic=True,
    ),
    "no_false_clicks": Exhibit(
        "Control: no false clicks", setups.compared_models(), changes={"false_clicks": False}
    ),
}
