"""The dataset definition that fits simulated logs."""

import datetime
from typing import Any

from data.simulator.actions import TASKS
from data.simulator.config import SimulatorConfig
from data.simulator.feedback import KEPT, KEPT_DAYS, PURCHASE_DAYS, SENT_BACK_AT, seen_until
from data.simulator.past_actions import NEWEST
from data.simulator.queries import EVALUATION_DAY, FIRST_DAY, VALIDATION_DAY
from data.simulator.regions import STYLE_LENGTH
from data.simulator.second_kind import KIND, KINDS, OF_LISTINGS, OF_SHOPS
from data.simulator.silent_sellers import ITEM, TRUE_CONDITION

_ITEM_FEATURES: tuple[dict[str, Any], ...] = (
    {"name": "price", "kind": "numeric", "log": True},
    {"name": "discount", "kind": "numeric"},
    {"name": "shipping_cost", "kind": "numeric", "log": True},
    {"name": "delivery_days", "kind": "numeric"},
    {"name": "distance_km", "kind": "numeric", "log": True},
    {"name": "seller_rating", "kind": "numeric"},
    {"name": "review_count", "kind": "numeric", "log": True},
    {"name": "popularity", "kind": "numeric", "log": True},
    {"name": "text_match", "kind": "numeric"},
    {"name": "photo_quality", "kind": "numeric"},
    {"name": "photo_count", "kind": "numeric"},
    {"name": "age_days", "kind": "bucketed"},
    {"name": "listing_category", "kind": "categorical"},
    {"name": "listing_country", "kind": "categorical"},
    {"name": "condition", "kind": "categorical"},
    {"name": "brand", "kind": "categorical"},
    {"name": "style", "kind": "vector", "length": STYLE_LENGTH},
)
_AN_ID = "An id: an embedding would learn single clicks by heart."
_STOCK = {"name": "stock", "kind": "numeric", "log": True}
# Past actions, one entry each; what they are like has its vocabulary, moments and embedding.
_HISTORY_FEATURES: tuple[dict[str, Any], ...] = (
    {"name": "viewed_category", "like": "listing_category"},
    {"name": "viewed_price", "like": "price"},
    {"name": "viewed_condition", "like": "condition"},
    {"name": "viewed_stock", "like": "stock"},
    {"name": "viewed_action", "kind": "categorical"},
    {"name": "hours_ago", "kind": "numeric", "log": True},
)
# Features that shops lack.
_ONLY_LISTINGS = (*OF_LISTINGS, "condition", "stock")
_CONTEXT_FEATURES: tuple[dict[str, Any], ...] = (
    {"name": "country", "kind": "categorical"},
    {"name": "language", "kind": "categorical"},
    {"name": "platform", "kind": "categorical"},
    {"name": "query_category", "kind": "categorical"},
    {"name": "query_words", "kind": "numeric"},
    {"name": "hour", "kind": "bucketed", "boundaries": [6.0, 10.0, 14.0, 18.0]},
    {"name": "past_purchases", "kind": "numeric", "log": True},
)


def simulated_dataset(config: SimulatorConfig) -> dict[str, Any]:
    """The definition of the logs of one marketplace.

    Args:
        config: the marketplace.

    Returns:
        Fields of a `data.definition.dataset.Dataset`, as a YAML file has them.
    """
    return {
        "name": "simulated",
        "description": "A simulated marketplace that knows its own true probabilities.",
        "list_id": "list_id",
        "time": {"column": "shown_at"},
        "tasks": _tasks(config),
        **({"actions_imply_previous": False} if config.skipped_steps else {}),
        "region": "country",
        "country_features": ["country", "language"],
        "platform": "platform",
        "item_region": "listing_country",
        "position": "position",
        "user": "user_id",
        "randomised": "randomised",
        **_split(config),
        **({"kind_of_item": KIND} if config.second_kind else {}),
        **({"item": "listing_id"} if config.has_catalogue else {}),
        **({"item": ITEM} if config.silent_sellers else {}),
        **({"history": _history(config)} if config.histories else {}),
        **_left_out(config),
        "features": _features(config),
    }


def _history(config: SimulatorConfig) -> dict[str, Any]:
    """How histories are read, those of single pieces apart where there are some."""
    history: dict[str, Any] = {"newest": NEWEST, "age": "hours_ago"}
    if config.single_pieces:
        history["split_by"] = {"feature": "viewed_stock", "at_most": 1}
    return history


def _split(config: SimulatorConfig) -> dict[str, Any]:
    """Split, and until when actions were seen."""
    if not config.late_feedback:
        return {
            "split": {
                "by": "time",
                "validation_from": _day(VALIDATION_DAY),
                "evaluation_from": _day(EVALUATION_DAY),
            }
        }
    # By time, no window of an evaluation list would be closed.
    return {"seen_until": seen_until(config).isoformat(), "split": {"by": "user"}}


def _left_out(config: SimulatorConfig) -> dict[str, Any]:
    """Columns that are no features, with the reason."""
    truth = {
        "true_purchase_days": config.late_feedback,
        "true_refund_rate": config.refunds,
        "true_price_taste": config.histories,
        "true_liked_condition": config.histories,
        TRUE_CONDITION: config.silent_sellers,
    }
    left_out = {name: "known only to a simulation" for name, there in truth.items() if there}
    if config.has_catalogue:
        left_out["listing_id"] = _AN_ID
    if config.histories:
        left_out["viewed_listing"] = _AN_ID
    return {"left_out": left_out} if left_out else {}


def _tasks(config: SimulatorConfig) -> list[dict[str, Any]]:
    tasks: list[dict[str, Any]] = [
        {"name": name, "grade": grade, "true_probability": f"true_probability_{name}"}
        for grade, name in enumerate(TASKS[: config.tasks], start=1)
    ]
    if not config.late_feedback:
        return tasks
    for task in tasks:
        task["at"] = f"{task['name']}_at"
    if config.tasks == len(TASKS):
        purchase = tasks[-1]
        purchase["matures_after"] = f"{PURCHASE_DAYS}d"
        if config.refunds:
            kept = {"column": purchase["name"], "at": purchase["at"], "undone_by": SENT_BACK_AT}
            truth = {"true_probability": f"true_probability_{KEPT}"}
            window = {"matures_after": f"{KEPT_DAYS}d"}
            tasks.append({"name": KEPT, "grade": len(TASKS) + 1, **kept, **window, **truth})
    return tasks


def _features(config: SimulatorConfig) -> list[dict[str, Any]]:
    item_noise = _noise(config.item_noise)
    context_noise = _noise(config.context_noise)
    own = [*_item_features(config), *item_noise]
    item = [feature | {"scope": "item"} for feature in own]
    context = [feature | {"scope": "context"} for feature in (*_CONTEXT_FEATURES, *context_noise)]
    past = _HISTORY_FEATURES if config.histories else ()
    return [*context, *item, *(feature | {"scope": "history"} for feature in past)]


def _item_features(config: SimulatorConfig) -> list[dict[str, Any]]:
    """The marketplace's own item features, with those of switches."""
    stock = [_STOCK] if config.has_catalogue else []
    if not config.second_kind:
        return [*_ITEM_FEATURES, *stock]
    of_listings = [
        feature | ({"kinds": [KINDS[0]]} if feature["name"] in _ONLY_LISTINGS else {})
        for feature in (*_ITEM_FEATURES, *stock)
    ]
    of_shops = [
        {"name": name, "kind": "numeric", "log": True, "kinds": [KINDS[1]]} for name in OF_SHOPS
    ]
    return [*of_listings, {"name": KIND, "kind": "categorical"}, *of_shops]


def _noise(names: list[str]) -> list[dict[str, Any]]:
    return [{"name": name, "kind": "numeric"} for name in names]


def _day(number: int) -> str:
    return (FIRST_DAY + datetime.timedelta(days=number)).isoformat()
