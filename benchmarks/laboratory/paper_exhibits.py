"""The paper's tables and figures, with the paper's models and the defaults, and their controls."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from benchmarks.laboratory.logs import Logs
from benchmarks.laboratory.setups import (
    BASELINE,
    PAPER,
    WITHOUT_ADAPTOR,
    Exhibit,
    Setup,
    compared_models,
    whatever_logs,
)
from benchmarks.laboratory.views import FEWEST_LISTS, View, typical_regions


def as_in_paper(setup: Setup) -> Setup:
    """A setup with the paper's network, `NAME, as in the paper`, and the same tuned settings."""
    model, tuned_as = {**setup.model, **PAPER}, setup.tuned_as or setup.name
    return replace(setup, name=_in_paper(setup.name), model=model, tuned_as=tuned_as)


def _in_paper(name: str) -> str:
    return f"{name}, as in the paper"


def _all_as_in_paper(setups: Sequence[Setup]) -> list[Setup]:
    """The paper's networks, measured against one another."""
    return [replace(as_in_paper(one), against=_in_paper(one.against)) for one in setups]


def defaults_and_paper() -> list[Setup]:
    """Tables 1 and 3: the defaults of all models, Shared-Bottom and SEQ+MD as in the paper too."""
    paper = {name: as_in_paper(Setup(name, {"ranker": name})) for name in (BASELINE, "seq_md")}
    return [*compared_models(), *paper.values()]


def adapted(name: str, against: str) -> Setup:
    """A model with one mask before it, with the settings of the model without."""
    model = {"ranker": name, "adaptor": "shared"}
    return Setup(f"{name} + MD", model, against, tuned_as=name)


def _ours(against: str) -> Setup:
    return Setup("seq_md", {"ranker": "seq_md"}, against)


def with_and_without_adaptor() -> list[Setup]:
    """Table 2: every model with the adaptor before it, against itself without.

    As in the paper; SEQ and SEQ+MD by default beside them.
    """
    setups = []
    for name in WITHOUT_ADAPTOR:
        setups += [Setup(name, {"ranker": name}, against=name), adapted(name, against=name)]
    default = [Setup("seq", {"ranker": "seq"}, against="seq"), _ours("seq")]
    return [*_all_as_in_paper([*setups, _ours("seq")]), *default]


def adapted_sequences() -> list[Setup]:
    """SEQ, and both ways to put the adaptor before it, as in the paper; SEQ+MD by default."""
    plain = Setup("seq", {"ranker": "seq"}, against="seq")
    paper = _all_as_in_paper([plain, adapted("seq", against="seq"), _ours("seq")])
    return [*paper, _ours(_in_paper("seq"))]


def baseline_and_adapted_sequences() -> list[Setup]:
    """Shared-Bottom before those of `adapted_sequences`, all against it."""
    sequences = (replace(setup, against=BASELINE) for setup in adapted_sequences())
    return [Setup(BASELINE, {"ranker": BASELINE}), *sequences]


def two_variants() -> list[Setup]:
    """SEQ+MD with one mask before the tokens (Algorithm 1), and with one for each task.

    As in the paper; the latter by default as well.
    """
    one = adapted("seq", against="seq + MD")
    return [*_all_as_in_paper([one, _ours(one.name)]), _ours(_in_paper(one.name))]


def one_region_or_all(regions: Sequence[str]) -> list[Setup]:
    """Section 5.4: a region's own lists alone against all regions'; the defaults at the end."""
    setups = []
    for region in regions:
        every, own = f"{region}: all regions' lists", f"{region}: its own lists alone"
        model = {"ranker": "seq_md"}
        setups += [
            Setup(every, model, every, judged_region=region),
            Setup(own, model, every, judged_region=region, view=View(learns_region=region)),
        ]
    return [*_all_as_in_paper(setups), *setups]


def descending_or_not() -> list[Setup]:
    """Figure 6: SEQ without MD, without and with the descending probability.

    As in the paper, and with gradients of the own factor alone.
    """
    plain = "seq, probabilities of their own"
    chosen: dict[str, dict[str, Any]] = {
        plain: {"descending": False},
        "seq, descending": {"descending": True},
        "seq, descending, own gradients": {"descending": True, "descending_gradient": "own"},
    }
    return [
        Setup(name, {"ranker": "seq", **PAPER, **model}, plain) for name, model in chosen.items()
    ]


def added_task() -> list[Setup]:
    """Figure 5: a third task that two-task models get without training, against learning it.

    As in the paper; SEQ+MD by default beside it.
    """
    ours, two = {"ranker": "seq_md"}, ("click", "purchase")
    learnt = Setup("seq_md", ours)
    added = Setup("seq_md, cart added", ours, tasks=two)
    own_draws = {**ours, "common_draw": False}
    drawn = Setup("seq_md, cart added, own draws", own_draws, tasks=two)
    paper = [as_in_paper(one) for one in (learnt, added, drawn)]
    return [Setup(BASELINE, {"ranker": BASELINE}), *paper, learnt, added]


def _one_region_or_all(logs: Logs) -> Sequence[Setup]:
    return one_region_or_all(typical_regions(logs, FEWEST_LISTS))


_ADAPTED = whatever_logs(adapted_sequences)

PAPER_EXHIBITS = {
    "table1": Exhibit(
        "Table 1: two tasks, against Shared-Bottom",
        whatever_logs(defaults_and_paper),
        tasks=("click", "purchase"),
    ),
    "table2": Exhibit(
        "Table 2: with MD, against the same model without",
        whatever_logs(with_and_without_adaptor),
    ),
    "table3": Exhibit(
        "Table 3: all tasks, against Shared-Bottom", whatever_logs(defaults_and_paper)
    ),
    "figure4": Exhibit("Figure 4: regions before and after the adaptor", _ADAPTED, distances=True),
    "figure5": Exhibit("Figure 5: a task added without training", whatever_logs(added_task)),
    "figure6": Exhibit("Figure 6: the descending probability", whatever_logs(descending_or_not)),
    "figure7": Exhibit("Figure 7: domestic listings shown first", _ADAPTED, domestic=True),
    "one_region": Exhibit(
        "Section 5.4: a region's own lists alone, against all regions' lists", _one_region_or_all
    ),
    "variants": Exhibit(
        "SEQ+MD with one mask (Algorithm 1) and with a mask for each task (Fig. 3b)",
        whatever_logs(two_variants),
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
        whatever_logs(baseline_and_adapted_sequences),
        changes={"false_clicks": False},
    ),
}
