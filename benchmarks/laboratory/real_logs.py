"""What is compared on the real logs at hand, and the settings that each learner may try.

All learners of a dataset have the same number of settings: the tuning budget.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from benchmarks.laboratory.cross_validation import Competitor
from benchmarks.laboratory.measures import Measure
from benchmarks.laboratory.network import Network
from benchmarks.laboratory.orders import LOGGED, RANDOM, Order
from benchmarks.laboratory.setups import BASELINE, PAPER
from benchmarks.laboratory.trees import Trees
from benchmarks.laboratory.views import USUAL, View
from components.evaluator.config import GRADED
from data.errors import InputError
from pipeline.config import RunConfig

Setting = Mapping[str, Any]

OURS = "SEQ+MD"
COUNTED = "SEQ+MD, counts alone"

_TREES = {"learning_rate": 0.05, "bagging_freq": 1, "bagging_fraction": 0.8}
_STUMPY = {**_TREES, "num_leaves": 4, "min_data_in_leaf": 100, "feature_fraction": 0.5}
_SMALL = {**_TREES, "num_leaves": 8, "min_data_in_leaf": 100, "feature_fraction": 0.3}
_LARGER = {**_TREES, "num_leaves": 16, "min_data_in_leaf": 100, "feature_fraction": 0.5}


@dataclass(frozen=True)
class RealLogs:
    """How learners are compared on one dataset.

    Attributes:
        measures: what is measured; settings are chosen by their mean on validation lists.
        settings: what networks may change of the catalog's `model` and `training`.
        sequence_settings: what SEQ and SEQ+MD may change; by default the same.
        tree_settings: parameters of LightGBM; `rounds` trains as many trees, without it validation
            lists say when to stop.
        orders: features whose largest value comes first, as simple rivals.
        counted: features that count what a history tells one by one.
    """

    measures: tuple[Measure, ...]
    settings: Sequence[Setting]
    tree_settings: Sequence[Setting]
    sequence_settings: Sequence[Setting] = ()
    orders: Sequence[str] = ()
    counted: tuple[str, ...] = ()

    def competitors(
        self, config: RunConfig, rivals: Sequence[str] = (), with_adaptor: bool = True
    ) -> list[Competitor]:
        """All that is compared.

        Args:
            config: the catalog's definition of the dataset.
            rivals: rankers that take part with and without MD, as in the paper's Tables 2 and 3,
                beside SEQ+MD, trees and simple orders.
            with_adaptor: whether rivals take part with MD, too.
        """
        cut_off = max(measure.at for measure in self.measures)
        network = partial(_network, config)
        own = self.sequence_settings or self.settings
        found = [
            network(OURS, {"ranker": "seq_md"}, own, "seq" if "seq" in rivals else ""),
            network(f"{OURS}, catalog's setting", {}, [{}], ""),
            network(f"{OURS}, as in the paper", {"ranker": "seq_md", **PAPER}, own, ""),
        ]
        for name in rivals:
            settings = own if name == "seq" else self.settings
            plain, adapted = ({"ranker": name, "adaptor": by} for by in ("none", "shared"))
            found.append(network(name, plain, settings, BASELINE if BASELINE in rivals else ""))
            if with_adaptor:
                found.append(network(f"{name} + MD", adapted, settings, name))
        return [
            *found,
            self._trees("LightGBM, raw features", cut_off, within_list=False),
            self._trees("LightGBM, with within-list inputs", cut_off, within_list=True),
            *(Competitor(name, [{}], [Order(name)]) for name in self.orders),
            Competitor("logged order", [{}], [Order(LOGGED)]),
            Competitor("random order", [{}], [Order(RANDOM)]),
        ]

    def with_and_without_past(self, config: RunConfig) -> list[Competitor]:
        """SEQ+MD with counts of the past, with its entries, with both and with neither.

        Args:
            config: the catalog's definition of the dataset.

        Raises:
            InputError: it has no histories.
        """
        if not config.dataset.history_features:
            raise InputError(
                f"--histories: expected a dataset with them, found {config.dataset.name}"
            )
        views = {
            OURS: USUAL,
            COUNTED: View(knows_past=False),
            "SEQ+MD, histories alone": View(leaves_out=self.counted),
            "SEQ+MD, neither": View(leaves_out=self.counted, knows_past=False),
        }
        settings = self.sequence_settings or self.settings
        return [
            replace(
                _network(
                    config, name, {"ranker": "seq_md"}, settings, "" if name == COUNTED else COUNTED
                ),
                view=view,
            )
            for name, view in views.items()
        ]

    def _trees(self, name: str, cut_off: int, within_list: bool) -> Competitor:
        learners = [
            Trees(setting, cut_off, within_list, (GRADED,)) for setting in self.tree_settings
        ]
        return Competitor(name, self.tree_settings, learners)


def _network(
    config: RunConfig,
    name: str,
    model: Mapping[str, Any],
    settings: Sequence[Setting],
    against: str,
) -> Competitor:
    learners = []
    for setting in settings:
        changes = {"model": {**model, **setting.get("model", {})}}
        changes["training"] = dict(setting.get("training", {}))
        learners.append(
            Network(
                config.model.model_dump(mode="json") | changes["model"],
                config.training.model_dump(mode="json") | changes["training"],
            )
        )
    return Competitor(name, settings, learners, against)


REAL_LOGS = {
    "expedia": RealLogs(
        # The first is the competition's own.
        measures=(Measure("graded@38", GRADED, 38), Measure("booking@10", "booking", 10)),
        settings=(
            {},
            {"training": {"weight_decay": 10.0}},
            {"training": {"keep": "best", "patience": 10}},
            {"training": {"learning_rate": 0.002, "epochs": 35}},
            {"model": {"level_units": [64, 32]}},
            {"model": {"linear_path": False}},
            {"model": {"dropout": 0.3}, "training": {"epochs": 15}},
            {
                "model": {"level_units": [32], "tower_units": [16], "invariant_units": [32]},
                "training": {"epochs": 30},
            },
        ),
        sequence_settings=(
            {},
            {"training": {"weight_decay": 10.0}},
            {"training": {"keep": "best", "patience": 10}},
            {"training": {"learning_rate": 0.002, "epochs": 35}},
            {"model": {"adaptor": "shared"}},
            {"model": {"linear_path": False}},
            {"model": {"dropout": 0.3}, "training": {"epochs": 15}},
            {
                "model": {"token_units": [16], "recurrent_units": [16], "invariant_units": [32]},
                "training": {"epochs": 30},
            },
        ),
        # Both kinds, since stopping by 100 lists costs trees as much as it costs a network.
        tree_settings=(
            {**_STUMPY, "lambda_l2": 10},
            {**_STUMPY, "lambda_l2": 10, "rounds": 150},
            {**_STUMPY, "lambda_l2": 10, "rounds": 250},
            {**_TREES, "num_leaves": 4, "min_data_in_leaf": 50, "feature_fraction": 0.8},
            {**_SMALL, "lambda_l2": 10},
            {**_SMALL, "lambda_l2": 10, "rounds": 100},
            {**_LARGER, "lambda_l2": 10},
            {**_LARGER, "lambda_l2": 10, "rounds": 60},
        ),
        orders=("location_score_2",),
    ),
    "trivago": RealLogs(
        measures=(Measure("clickout@10", "clickout", 10), Measure("clickout@25", "clickout", 25)),
        settings=(
            {},
            {"model": {"dropout": 0.4}},
            {"training": {"learning_rate": 0.001}},
            {"training": {"weight_decay": 1.0}},
        ),
        tree_settings=(
            {**_LARGER, "lambda_l2": 10},
            {**_SMALL, "lambda_l2": 10},
            {**_STUMPY, "lambda_l2": 10},
            {**_TREES, "num_leaves": 32, "min_data_in_leaf": 50, "feature_fraction": 0.5},
        ),
        orders=("interactions",),
        counted=(
            *("interactions", "images_seen", "infos_seen", "ratings_seen", "deals_seen"),
            *("searches_for_it", "clicks_before", "is_last", "seconds_since_interaction"),
            *("price_to_last", "position_before", "below_click_before", "below_click_level"),
        ),
    ),
}
