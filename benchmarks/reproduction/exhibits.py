"""What can be asked for: the paper's tables and figures, and studies around them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from benchmarks.reproduction import setups
from benchmarks.reproduction.comparison import FEWEST_LISTS
from benchmarks.reproduction.logs import Logs
from benchmarks.reproduction.setups import Setup
from benchmarks.reproduction.views import typical_regions


@dataclass(frozen=True)
class Exhibit:
    """A table or figure.

    Attributes:
        title: what it shows.
        setups: what is trained on the logs.
        tasks: names of the simulated tasks; all three by default. Where some are named, other
            logs are learnt with their first and their last task.
        changes: fields of `SimulatorConfig`.
        domestic: whether it shows the share of domestic listings, as Figure 7 does.
        distances: whether it shows how far apart regions lie, as Figure 4 does.
    """

    title: str
    setups: Callable[[Logs], Sequence[Setup]]
    tasks: Sequence[str] = ()
    changes: Mapping[str, bool] = field(default_factory=dict)
    domestic: bool = False
    distances: bool = False


def _whatever_logs(make: Callable[[], Sequence[Setup]]) -> Callable[[Logs], Sequence[Setup]]:
    return lambda logs: make()


def _one_region_or_all(logs: Logs) -> Sequence[Setup]:
    return setups.one_region_or_all(typical_regions(logs, FEWEST_LISTS))


_ADAPTED = _whatever_logs(setups.adapted_sequences)

EXHIBITS = {
    "table1": Exhibit(
        "Table 1: two tasks, against Shared-Bottom",
        _whatever_logs(setups.compared_models),
        tasks=("click", "purchase"),
    ),
    "table2": Exhibit(
        "Table 2: with MD, against the same model without",
        _whatever_logs(setups.with_and_without_adaptor),
    ),
    "table3": Exhibit(
        "Table 3: all tasks, against Shared-Bottom", _whatever_logs(setups.compared_models)
    ),
    "figure4": Exhibit("Figure 4: regions before and after the adaptor", _ADAPTED, distances=True),
    "figure5": Exhibit(
        "Figure 5: a task added without training", _whatever_logs(setups.added_task)
    ),
    "figure6": Exhibit(
        "Figure 6: the descending probability", _whatever_logs(setups.descending_or_not)
    ),
    "figure7": Exhibit("Figure 7: domestic listings shown first", _ADAPTED, domestic=True),
    "one_region": Exhibit(
        "Section 5.4: a region's own lists alone, against all regions' lists", _one_region_or_all
    ),
    "variants": Exhibit(
        "SEQ+MD with one mask (Algorithm 1) and with a mask for each task (Fig. 3b)",
        _whatever_logs(setups.two_variants),
    ),
    "adapted_by": Exhibit(
        "MD by region, by platform, and by both together", _whatever_logs(setups.adapted_by_others)
    ),
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
        "Control: no false clicks",
        _whatever_logs(setups.baseline_and_adapted_sequences),
        changes={"false_clicks": False},
    ),
}
