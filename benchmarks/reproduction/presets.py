"""How large a reproduction is."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Preset:
    """A size.

    Attributes:
        lists: simulated lists of the logs that models learn from.
        evaluation_lists: lists that they are judged on, about.
        seeds: trainings of each model.
        epochs: epochs at most.
    """

    lists: int
    evaluation_lists: int
    seeds: int
    epochs: int


# 25 rows a list, about.
PRESETS = {
    "small": Preset(lists=8_000, evaluation_lists=8_000, seeds=3, epochs=12),
    "full": Preset(lists=40_000, evaluation_lists=20_000, seeds=5, epochs=10),
}
