"""What is trained and compared, by the paper's tables and figures."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from importlib import import_module
from typing import Any, Literal

import numpy as np

from benchmarks.laboratory.logs import Logs
from benchmarks.laboratory.measures import AT
from benchmarks.laboratory.network import Network
from benchmarks.laboratory.prepared import Learner
from benchmarks.laboratory.silent_sellers import Said
from benchmarks.laboratory.trees import Trees
from benchmarks.laboratory.views import FEWEST_LISTS, USUAL, AdaptedBy, View, typical_regions

BASELINE = "shared_bottom"
# The paper's order.
MODELS = ("shared_bottom", "mlmmoe", "ple", "adatt_sp", "seq", "seq_md")
WITHOUT_ADAPTOR = MODELS[:-1]
# What others have for several regions in place of MD.
RIVALS = ("star", "pepnet")
TREES = "lightgbm"
# Fields of `ModelConfig`: the paper's SEQ+MD, and its product; the defaults have more.
PAPER: Mapping[str, Any] = {
    "adaptor_shift": False,
    "token_path": False,
    "descending_gradient": "all",
}

# Fields of `ModelConfig`, or LightGBM's parameters, under `model`; of `TrainingConfig` under
# `training`.
Setting = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True)
class Setup:
    """A model on a dataset.

    Attributes:
        name: how it is reported.
        model: fields of `ModelConfig`; of LightGBM's parameters where `learns` is `trees`.
        against: name of the setup that its change is measured against.
        tasks: names of the tasks that it learns; the others are added without training, as
            section 5.2 does. All by default.
        training: fields of `TrainingConfig` that differ from those of the comparison.
        tuned_as: name of the model whose tuned settings it takes; its own name by default.
        learns: a network, or LightGBM's lambdarank, one model for each target.
        judged_region: the only region that it is judged on; all, and each slice, by default.
        view: how it sees the lists that it learns from.
        scored_by: by target, the task by whose probability its lists are ranked; its own by
            default.
        learns_from: fields of `SimulatorConfig` of the logs that it learns from.
    """

    name: str
    model: Mapping[str, Any] = field(default_factory=dict)
    against: str = BASELINE
    tasks: Sequence[str] = ()
    training: Mapping[str, Any] = field(default_factory=dict)
    tuned_as: str = ""
    learns: Literal["network", "trees"] = "network"
    judged_region: str = ""
    view: View = USUAL
    scored_by: Mapping[str, str] = field(default_factory=dict)
    learns_from: Mapping[str, Any] = field(default_factory=dict)

    def learner(self, shared: Setting) -> Learner:
        """What is trained.

        Args:
            shared: `model` and `training` of all networks, where the setup says nothing else.

        Returns:
            The learner.
        """
        if self.learns == "trees":
            return Trees(self.model, AT)
        model = {**shared.get("model", {}), **self.model}
        training = {**shared.get("training", {}), **self.training}
        return Network(model, training, tuple(self.tasks))


def can_train(setup: Setup, tell: Callable[[str], None]) -> bool:
    """Whether a setup can be trained here: LightGBM is optional.

    Args:
        setup: the setup.
        tell: is told why it cannot.

    Returns:
        Whether it can.
    """
    if setup.learns != "trees":
        return True
    try:
        import_module("lightgbm")
    except (ImportError, OSError) as error:  # The latter where the machine has no libgomp.
        tell(f"{setup.name}: left out, since LightGBM cannot be loaded: {error}")
        return False
    return True


def networks() -> list[Setup]:
    """Every network of the paper against Shared-Bottom."""
    return [Setup(name, {"ranker": name}) for name in MODELS]


def compared_models() -> list[Setup]:
    """Every model against Shared-Bottom, and what a user may pick instead, with the defaults."""
    rivals = [Setup(name, {"ranker": name}) for name in RIVALS]
    return [*networks(), *rivals, Setup(TREES, learns="trees")]


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
            Setup(f"seq_md, {name}", {**masks, **model}, plain.name, tuned_as="seq_md")
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
            Setup(
                f"seq_md by {by}",
                {"ranker": "seq_md"},
                "seq",
                tuned_as="seq_md",
                view=View(adapted_by=by),
            )
            for by in choices
        ),
    ]


# Of `position_bias`: what is to be corrected, and what it would be without.
AS_LOGGED, WITHOUT_BIAS = "as logged", "logs without bias"


def position_bias() -> list[Setup]:
    """SEQ+MD on logs with position bias, corrected or not, and on logs without.

    Logs without bias have more actions, too. Logs in random order have about as many as those that
    are corrected, and no feature of theirs goes along with the position. `learnt` is without lists
    in random order.
    """
    model, unbiased = {"ranker": "seq_md"}, {"position_bias": False}
    no_random, all_random = {"randomised_share": 0.0}, {"randomised_share": 1.0}

    def setup(
        name: str, against: str, way: str = "none", learns_from: Mapping[str, Any] | None = None
    ) -> Setup:
        training = {"position_bias": way} if way != "none" else {}
        return Setup(
            name,
            model,
            against,
            training=training,
            tuned_as="seq_md",
            learns_from=learns_from or {},
        )

    return [
        setup(AS_LOGGED, AS_LOGGED),
        setup(WITHOUT_BIAS, AS_LOGGED, learns_from=unbiased),
        setup("additive", AS_LOGGED, "additive"),
        setup("inverse propensity", AS_LOGGED, "inverse_propensity"),
        setup("additive, learnt", AS_LOGGED, "additive", no_random),
        setup("inverse propensity, learnt", AS_LOGGED, "inverse_propensity", no_random),
        setup(f"{WITHOUT_BIAS}, additive", WITHOUT_BIAS, "additive", unbiased),
        setup(f"{WITHOUT_BIAS}, inverse propensity", WITHOUT_BIAS, "inverse_propensity", unbiased),
        setup("logs in random order", AS_LOGGED, learns_from=all_random),
    ]


def knowing_conditions() -> list[Setup]:
    """SEQ+MD with the conditions that sellers state, with the others filled in, and with all.

    All of them known also stands against those that are filled in; those are the same trainings.
    """
    withheld, filled, known = "30% withheld", "filled in", "all known"

    def setup(name: str, said: Said, against: str = withheld) -> Setup:
        model, view = {"ranker": "seq_md"}, View(condition=said)
        return Setup(name, model, against, tuned_as="seq_md", view=view)

    return [
        setup(withheld, "stated"),
        setup(filled, "filled"),
        setup(known, "true"),
        setup(f"{known}, against {filled}", "true", filled),
    ]


def one_region_or_all(regions: Sequence[str]) -> list[Setup]:
    """Section 5.4: a region's own lists alone against all regions'; the defaults at the end."""
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
                view=View(learns_region=region),
            ),
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
        Setup(name, {"ranker": "seq", **PAPER, **model}, plain, tuned_as="seq")
        for name, model in chosen.items()
    ]


def added_task() -> list[Setup]:
    """Figure 5: a third task that two-task models get without training, against learning it.

    As in the paper; SEQ+MD by default beside it.
    """
    ours, two = {"ranker": "seq_md"}, ("click", "purchase")
    learnt = Setup("seq_md", ours)
    added = Setup("seq_md, cart added", ours, tasks=two, tuned_as="seq_md")
    own_draws = {**ours, "common_draw": False}
    drawn = Setup("seq_md, cart added, own draws", own_draws, tasks=two, tuned_as="seq_md")
    paper = [as_in_paper(one) for one in (learnt, added, drawn)]
    return [Setup(BASELINE, {"ranker": BASELINE}), *paper, learnt, added]


def _no_slices(logs: Logs) -> Mapping[str, np.ndarray]:
    return {}


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
        probabilities: whether it shows how far probabilities lie from the true ones.
        examination: whether it shows the examination that was learnt beside the true one.
        items: slices of the evaluation lists' items, bool [N] by name; none by default.
        gap: names of a setup and of one that has what it lacks, where it shows how much of that
            the others make up for.
    """

    title: str
    setups: Callable[[Logs], Sequence[Setup]]
    tasks: Sequence[str] = ()
    changes: Mapping[str, Any] = field(default_factory=dict)
    domestic: bool = False
    distances: bool = False
    probabilities: bool = False
    examination: bool = False
    items: Callable[[Logs], Mapping[str, np.ndarray]] = _no_slices
    gap: tuple[str, str] | None = None


def _whatever_logs(make: Callable[[], Sequence[Setup]]) -> Callable[[Logs], Sequence[Setup]]:
    return lambda logs: make()


def _one_region_or_all(logs: Logs) -> Sequence[Setup]:
    return one_region_or_all(typical_regions(logs, FEWEST_LISTS))


_ADAPTED = _whatever_logs(adapted_sequences)

EXHIBITS = {
    "table1": Exhibit(
        "Table 1: two tasks, against Shared-Bottom",
        _whatever_logs(defaults_and_paper),
        tasks=("click", "purchase"),
    ),
    "table2": Exhibit(
        "Table 2: with MD, against the same model without",
        _whatever_logs(with_and_without_adaptor),
    ),
    "table3": Exhibit(
        "Table 3: all tasks, against Shared-Bottom", _whatever_logs(defaults_and_paper)
    ),
    "figure4": Exhibit("Figure 4: regions before and after the adaptor", _ADAPTED, distances=True),
    "figure5": Exhibit("Figure 5: a task added without training", _whatever_logs(added_task)),
    "figure6": Exhibit("Figure 6: the descending probability", _whatever_logs(descending_or_not)),
    "figure7": Exhibit("Figure 7: domestic listings shown first", _ADAPTED, domestic=True),
    "one_region": Exhibit(
        "Section 5.4: a region's own lists alone, against all regions' lists", _one_region_or_all
    ),
    "variants": Exhibit(
        "SEQ+MD with one mask (Algorithm 1) and with a mask for each task (Fig. 3b)",
        _whatever_logs(two_variants),
    ),
    "adaptor_options": Exhibit(
        "SEQ+MD with gates and low-rank changes by region", _whatever_logs(adaptor_options)
    ),
    "adapted_by": Exhibit(
        "MD by region, by platform, and by both together", _whatever_logs(adapted_by_others)
    ),
    "position_bias": Exhibit(
        "Position bias, corrected and not",
        _whatever_logs(position_bias),
        examination=True,
        gap=(AS_LOGGED, WITHOUT_BIAS),
    ),
    "attributes": Exhibit(
        "Conditions that sellers leave empty: withheld, filled in, known",
        _whatever_logs(knowing_conditions),
        changes={"silent_sellers": True},
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
        _whatever_logs(baseline_and_adapted_sequences),
        changes={"false_clicks": False},
    ),
}
