"""Settings of a simulated marketplace."""

from typing import Any

from pydantic import Field, model_validator

from data.definition.base import Definition, Seed

# Rises with every change that alters simulated values for an equal configuration.
SIMULATOR_VERSION = 1

# Effects that came later and are off by default; logs name them only where they are on.
LATER_EFFECTS = ("skipped_steps",)

# Features that the marketplace always has; more are noise.
ITEM_FEATURES = 17
CONTEXT_FEATURES = 7


class SimulatorConfig(Definition):
    """The size of a simulated marketplace and the effects that act in it.

    Attributes:
        lists: lists over all 17 days.
        seed: seed of every draw; equal configurations give equal logs.
        tasks: how many of click, add_to_cart and purchase are logged, from the first on.
        shortest_list: items of the shortest list.
        longest_list: items of the longest list; the mean lies slightly above the middle.
        randomised_share: share of lists that are shown in random order and marked so.
        item_features: item features in all; those beyond the marketplace's own are noise.
        context_features: context features in all; those beyond the marketplace's own are noise.
        regional_shifts: whether features are distributed differently by region.
        regional_tastes: whether the same listing is wanted differently by region.
        position_bias: whether items further down are examined less.
        false_clicks: whether items are clicked by accident.
        skipped_steps: whether some items are added to the cart without a click, from the list
            itself, and some are purchased at once, without a cart: funnels that are not clean.
    """

    lists: int = Field(default=12_000, ge=1)
    seed: Seed = 1
    tasks: int = Field(default=3, ge=1, le=3)
    shortest_list: int = Field(default=8, ge=1)
    longest_list: int = Field(default=40, ge=1)
    randomised_share: float = Field(default=0.05, ge=0, le=1)
    item_features: int = Field(default=ITEM_FEATURES, ge=ITEM_FEATURES)
    context_features: int = Field(default=CONTEXT_FEATURES, ge=CONTEXT_FEATURES)
    regional_shifts: bool = True
    regional_tastes: bool = True
    position_bias: bool = True
    false_clicks: bool = True
    skipped_steps: bool = False

    @model_validator(mode="after")
    def _check(self) -> "SimulatorConfig":
        if self.shortest_list > self.longest_list:
            raise ValueError(
                f"shortest_list must be at most longest_list ({self.longest_list}), "
                f"found {self.shortest_list}"
            )
        return self

    def described(self) -> dict[str, Any]:
        """The fields as logs name them: those of `LATER_EFFECTS` only where they are on."""
        off = {name for name in LATER_EFFECTS if not getattr(self, name)}
        return self.model_dump(mode="json", exclude=off)

    @property
    def item_noise(self) -> list[str]:
        """Names of the item features that are noise."""
        return [f"item_noise_{i + 1:02d}" for i in range(self.item_features - ITEM_FEATURES)]

    @property
    def context_noise(self) -> list[str]:
        """Names of the context features that are noise."""
        extra = self.context_features - CONTEXT_FEATURES
        return [f"context_noise_{i + 1:02d}" for i in range(extra)]
