"""What is trained and compared, by the paper's tables and figures."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

BASELINE = "shared_bottom"
# The paper's order.
MODELS = ("shared_bottom", "mlmmoe", "ple", "adatt_sp", "seq", "seq_md")
WITHOUT_ADAPTOR = MODELS[:-1]
TREES = "lightgbm"

# What the mask of the adaptor goes by.
AdaptedBy = Literal["region", "platform", "region and platform"]


@dataclass(frozen=True)
class Setup:
    """A model on a dataset.

    Attributes:
        name: how it is reported.
        model: fields of `ModelConfig`; of LightGBM's parameters where `learner` is `trees`.
        against: name of the setup that its change is measured against.
        tasks: names of the tasks that it learns; the others are added without training, as
            section 5.2 does. All by default.
        training: fields of `TrainingConfig` that differ from those of the comparison.
        tuned_as: name of the model whose tuned settings it takes; its own name by default.
        learner: a network, or LightGBM's lambdarank, one model for each target.
        learns_region: the only region whose lists it learns from; all by default.
        judged_region: the only region that it is judged on; all, and each slice, by default.
        adapted_by: what stands for the region in the feature split and in the mask.
    """

    name: str
    model: Mapping[str, Any] = field(default_factory=dict)
    against: str = BASELINE
    tasks: Sequence[str] = ()
    training: Mapping[str, Any] = field(default_factory=dict)
    tuned_as: str = ""
    learner: Literal["network", "trees"] = "network"
    learns_region: str = ""
    judged_region: str = ""
    adapted_by: AdaptedBy = "region"


def networks() -> list[Setup]:
    """Every network of the paper against Shared-Bottom."""
    return [Setup(name, {"ranker": name}) for name in MODELS]


def compared_models() -> list[Setup]:
    """Tables 1 and 3: every model against Shared-Bottom, and what a user may pick instead."""
    return [*networks(), Setup(TREES, learner="trees")]


def adapted(name: str, against: str) -> Setup:
    """A model with one mask before it, with the settings of the model without."""
    model = {"ranker": name, "adaptor": "shared"}
    return Setup(f"{name} + MD", model, against, tuned_as=name)


def with_and_without_adaptor() -> list[Setup]:
    """Table 2: every model with the adaptor before it, against itself without."""
    setups = []
    for name in WITHOUT_ADAPTOR:
        setups += [Setup(name, {"ranker": name}, against=name), adapted(name, against=name)]
    return [*setups, Setup("seq_md", {"ranker": "seq_md"}, against="seq")]


def adapted_sequences() -> list[Setup]:
    """SEQ, and both ways to put the adaptor before it."""
    return [
        Setup("seq", {"ranker": "seq"}, against="seq"),
        adapted("seq", against="seq"),
        Setup("seq_md", {"ranker": "seq_md"}, against="seq"),
    ]


def baseline_and_adapted_sequences() -> list[Setup]:
    """Shared-Bottom before those of `adapted_sequences`, all against it."""
    sequences = (replace(setup, against=BASELINE) for setup in adapted_sequences())
    return [Setup(BASELINE, {"ranker": BASELINE}), *sequences]


def two_variants() -> list[Setup]:
    """SEQ+MD with one mask before the tokens (Algorithm 1), and with one for each task."""
    one = adapted("seq", against="seq + MD")
    return [one, Setup("seq_md", {"ranker": "seq_md"}, against=one.name)]


def adapted_by_others() -> list[Setup]:
    """MD by platform, and by region and platform together, against MD by region."""
    choices: tuple[AdaptedBy, ...] = ("region", "platform", "region and platform")
    plain = Setup("seq", {"ranker": "seq"}, against="seq")
    return [
        plain,
        *(
            Setup(f"seq_md by {by}", {"ranker": "seq_md"}, "seq", tuned_as="seq_md", adapted_by=by)
            for by in choices
        ),
    ]


def one_region_or_all(regions: Sequence[str]) -> list[Setup]:
    """Section 5.4: a region's own lists alone against all regions' lists."""
    setups = []
    for region in regions:
        every, own = f"{region}: all regions' lists", f"{region}: its own lists alone"
        model = {"ranker": "seq_md"}
        setups += [
            Setup(every, model, every, tuned_as="seq_md", judged_region=region),
            Setup(
                own,
                model,
                every,
                tuned_as="seq_md",
                judged_region=region,
                learns_region=region,
            ),
        ]
    return setups


def descending_or_not() -> list[Setup]:
    """Figure 6: SEQ without MD, without and with the descending probability."""
    plain = "seq, probabilities of their own"
    return [
        Setup(plain, {"ranker": "seq", "descending": False}, plain, tuned_as="seq"),
        Setup("seq, descending", {"ranker": "seq", "descending": True}, plain, tuned_as="seq"),
    ]


def added_task() -> list[Setup]:
    """Figure 5: a third task that two-task models get without training, against learning it."""
    ours, two = {"ranker": "seq_md"}, ("click", "purchase")
    own_draws = {**ours, "common_draw": False}
    return [
        Setup(BASELINE, {"ranker": BASELINE}),
        Setup("seq_md", ours),
        Setup("seq_md, cart added", ours, tasks=two, tuned_as="seq_md"),
        Setup("seq_md, cart added, own draws", own_draws, tasks=two, tuned_as="seq_md"),
    ]
