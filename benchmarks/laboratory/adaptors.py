"""What else MD can do, and what it can adapt to: options of it, and other distributions."""

from typing import Any

from benchmarks.laboratory.setups import Exhibit, Setup, whatever_logs
from benchmarks.laboratory.views import AdaptedBy, View


def adaptor_options() -> list[Setup]:
    """SEQ+MD with gates and changes of kernels by region beside its masks, against masks alone."""
    # Tuned settings may have some of them.
    masks: dict[str, Any] = {"ranker": "seq_md", "region_gates": "none", "region_rank": 0}
    plain = Setup("seq_md", masks, against="seq_md")
    chosen: dict[str, dict[str, Any]] = {
        "gated inputs": {"region_gates": "inputs"},
        "gated hidden layers": {"region_gates": "hidden"},
        "gates everywhere": {"region_gates": "all"},
        "rank 4": {"region_rank": 4},
        "gates everywhere, rank 4": {"region_gates": "all", "region_rank": 4},
        "gates everywhere, not penalised": {"region_gates": "all", "region_penalty": 0.0},
    }
    return [
        plain,
        *(
            Setup(f"seq_md, {name}", {**masks, **model}, plain.name)
            for name, model in chosen.items()
        ),
    ]


def adapted_by_others() -> list[Setup]:
    """MD by platform, and by region and platform together, against MD by region."""
    choices: tuple[AdaptedBy, ...] = ("region", "platform", "region and platform")
    plain = Setup("seq", {"ranker": "seq"}, against="seq")
    return [
        plain,
        *(
            Setup(f"seq_md by {by}", {"ranker": "seq_md"}, "seq", view=View(adapted_by=by))
            for by in choices
        ),
    ]


ADAPTORS = {
    "adaptor_options": Exhibit(
        "SEQ+MD with gates and low-rank changes by region", whatever_logs(adaptor_options)
    ),
    "adapted_by": Exhibit(
        "MD by region, by platform, and by both together", whatever_logs(adapted_by_others)
    ),
}
