"""What each user of the marketplace wants, the most that a history could tell of them."""

from collections.abc import Mapping
from typing import Any

_TASTES: tuple[dict[str, Any], ...] = (
    {"name": "true_price_taste", "scope": "item", "kind": "numeric"},
    {"name": "true_liked_condition", "scope": "item", "kind": "categorical"},
)
TASTES = tuple(one["name"] for one in _TASTES)


def with_tastes(definition: Mapping[str, Any]) -> dict[str, Any]:
    """A definition of simulated logs in which tastes are features of items, where there are some.

    Args:
        definition: of `data.simulator.simulated_dataset`.

    Returns:
        The definition. Views leave these features out, but for one that knows them.
    """
    left_out = definition.get("left_out", {})
    if not set(TASTES) <= set(left_out):
        return dict(definition)
    kept = {name: reason for name, reason in left_out.items() if name not in TASTES}
    return {**definition, "left_out": kept, "features": [*definition["features"], *_TASTES]}
