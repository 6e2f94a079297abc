"""What is trained and compared, by the paper's tables and figures."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

BASELINE = "shared_bottom"
# The paper's order.
MODELS = ("shared_bottom", "mlmmoe", "ple", "adatt_sp", "seq", "seq_md")
WITHOUT_ADAPTOR = MODELS[:-1]


@dataclass(frozen=True)
class Setup:
    """A model on a dataset.

    Attributes:
        name: how it is reported.
        model: fields of `ModelConfig`.
        against: name of the setup that its change is measured against.
        tasks: names of the tasks that it learns; the others are added without training, as
            section 5.2 does. All by default.
    """

    name: str
    model: Mapping[str, Any] = field(default_factory=dict)
    against: str = BASELINE
    tasks: Sequence[str] = ()


def compared_models() -> list[Setup]:
    """Tables 1 and 3: every model against Shared-Bottom."""
    return [Setup(name, {"ranker": name}) for name in MODELS]


def with_and_without_adaptor() -> list[Setup]:
    """Table 2: every model with the adaptor before it, against itself without."""
    setups = []
    for name in WITHOUT_ADAPTOR:
        setups.append(Setup(name, {"ranker": name}, against=name))
        adapted = {"ranker": name, "adaptor": "shared"}
        setups.append(Setup(f"{name} + MD", adapted, against=name))
    setups.append(Setup("seq_md", {"ranker": "seq_md"}, against="seq"))
    return setups


def descending_or_not() -> list[Setup]:
    """Figure 6: SEQ without MD, without and with the descending probability."""
    plain = "seq, probabilities of their own"
    return [
        Setup(plain, {"ranker": "seq", "descending": False}, against=plain),
        Setup("seq, descending", {"ranker": "seq", "descending": True}, against=plain),
    ]


def added_task() -> list[Setup]:
    """Figure 5: a third task that two-task models get without training, against learning it."""
    ours, two = {"ranker": "seq_md"}, ("click", "purchase")
    return [
        Setup(BASELINE, {"ranker": BASELINE}),
        Setup("seq_md", ours),
        Setup("seq_md, cart added", ours, tasks=two),
        Setup("seq_md, cart added, own draws", {**ours, "common_draw": False}, tasks=two),
    ]
