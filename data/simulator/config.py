"""Settings of a simulated marketplace."""

from typing import Any

from pydantic import Field, model_validator

from data.definition.base import Definition, Seed

# Rises with every change that alters simulated values for an equal configuration.
SIMULATOR_VERSION = 1

# Effects that came later and are off by default; logs name them only where they are on.
LATER_EFFECTS = (
    *("skipped_steps", "late_feedback", "refunds", "drifting_region"),
    *("histories", "single_pieces", "second_kind"),
    "silent_sellers",
)

# Days of logs.
DAYS = 17

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
        late_feedback: whether logs have the times of actions, and have not seen what is done later
            than `seen_days`.
        refunds: whether purchases are sent back, the more the better the photos are; needs
            `late_feedback` and three tasks.
        drifting_region: whether one region comes to like dearer items from day to day.
        histories: whether users have tastes of their own, which the clicks show that they made
            before, and listings come again; without `late_feedback`.
        single_pieces: whether some listings are in stock of one, gone once they are sold, and
            listings come again.
        second_kind: whether shops stand among the listings: without a price, and with two features
            of their own.
        silent_sellers: whether sellers leave the condition of 30% of the listings empty, and say it
            in the words of titles and descriptions.
        seen_days: with `late_feedback`: days since the first one until which actions were seen;
            lists that were shown later are not in the logs.
        delay_scale: with `late_feedback`: what delays are multiplied by; 0 lets all that is done be
            done at once.
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
    late_feedback: bool = False
    refunds: bool = False
    drifting_region: bool = False
    histories: bool = False
    single_pieces: bool = False
    second_kind: bool = False
    silent_sellers: bool = False
    seen_days: float = Field(default=DAYS, gt=0)
    delay_scale: float = Field(default=1.0, ge=0)

    @model_validator(mode="after")
    def _check(self) -> "SimulatorConfig":
        if self.shortest_list > self.longest_list:
            raise ValueError(
                f"shortest_list must be at most longest_list ({self.longest_list}), "
                f"found {self.shortest_list}"
            )
        if self.refunds and not (self.late_feedback and self.tasks == 3):
            raise ValueError("refunds need late_feedback, since they have times, and three tasks")
        if self.seen_days != DAYS and not self.late_feedback:
            raise ValueError("seen_days needs late_feedback: without it all actions are seen")
        if self.histories and self.late_feedback:
            raise ValueError(
                "histories are without late_feedback: they do not know how late an action came"
            )
        if self.silent_sellers and (self.has_catalogue or self.second_kind):
            raise ValueError(
                "silent_sellers goes without histories, single_pieces and second_kind: listings "
                "have other ids, or no condition"
            )
        if self.delay_scale != 1 and not self.late_feedback:
            raise ValueError("delay_scale needs late_feedback: without it actions have no times")
        return self

    def described(self) -> dict[str, Any]:
        """The fields as logs name them: those of `LATER_EFFECTS` only where they are on."""
        off = {name for name in LATER_EFFECTS if not getattr(self, name)}
        if not self.late_feedback:
            off.add("seen_days")
        if self.delay_scale == 1:
            off.add("delay_scale")
        return self.model_dump(mode="json", exclude=off)

    @property
    def has_catalogue(self) -> bool:
        """Whether listings come again, under the same id."""
        return self.histories or self.single_pieces

    @property
    def item_noise(self) -> list[str]:
        """Names of the item features that are noise."""
        return [f"item_noise_{i + 1:02d}" for i in range(self.item_features - ITEM_FEATURES)]

    @property
    def context_noise(self) -> list[str]:
        """Names of the context features that are noise."""
        extra = self.context_features - CONTEXT_FEATURES
        return [f"context_noise_{i + 1:02d}" for i in range(extra)]
