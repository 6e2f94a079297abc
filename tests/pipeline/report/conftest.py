"""The content of a report with a name that an attacker would choose."""

import copy
from typing import Any

import pytest

HOSTILE = "<script>alert('x')</script>"


def estimate(value: float, half: float = 0.02) -> dict[str, Any]:
    return {"value": value, "low": value - half, "high": value + half}


def part(values: dict[str, str], click: float, lists: int) -> dict[str, Any]:
    metric = {**estimate(click), "baseline": estimate(0.4), "change": estimate(click - 0.4)}
    plain = {"ndcg@10": {"value": 0.25, "low": None, "high": None}}
    rankings = {"score": {"ndcg@10": metric}, "random": plain, "logged": plain}
    target = {"lists_counted": lists, "lists_of_equals": 3, "rankings": rankings}
    return {"slice": values, "lists": lists, "targets": {"click": target, "graded": target}}


def filled_attribute(**fields: Any) -> dict[str, Any]:
    whole = {"asked": 40, "stated": 24, "absent": 1, "filled": 14, "before": 0.6, "recall": 0.8}
    return {**whole, "judged": 3, **fields}


def diagnostics() -> dict[str, Any]:
    bins = [
        {"low": x, "high": x, "predicted": x, "observed": estimate(x, 0.01), "items": 40}
        for x in (0.1, 0.2)
    ]
    lost = {name: {"click": estimate(0.1), "graded": estimate(0.2)} for name in ("price", HOSTILE)}
    return {
        "lists": 100,
        "of_lists": 120,
        "faulty_items": 0,
        "calibration": {
            "click": {
                "items": 80,
                "predicted": 0.15,
                "observed": 0.15,
                "expected_error": 0.0,
                "bins": bins,
            }
        },
        "importance": {
            "metric": "ndcg@10",
            "seed": 1,
            "lists": {"click": 90, "graded": 90},
            "whole": {"click": 0.5, "graded": 0.5},
            "lost": lost,
        },
        "unknown_values": {
            HOSTILE: {"share": 0.25, "distinct": 1_200, "example": HOSTILE},
            "brand": {"share": 0.009, "distinct": 1, "example": "rare"},
        },
        "counterfactual": counterfactual(),
        "pairs": [
            {
                "list_id": HOSTILE,
                "region": HOSTILE,
                "items": 25,
                "places": [3, 1],
                "scores": [0.5, 0.25],
                "features": [
                    {"feature": "price", "share": 0.3, "values": ["10", HOSTILE]},
                    {"feature": HOSTILE, "share": -0.049, "values": ["missing", "2"]},
                    {"feature": "age", "share": -0.001, "values": ["1", "2"]},
                    {"feature": "hour", "share": 0.0, "values": None},
                ],
                "residual": 0.0,
            }
        ],
        "first": 10,
        "domestic": {
            HOSTILE: {
                "lists": 50,
                "ranked_first": estimate(0.5),
                "shown_first": 0.4,
                "offered": 0.3,
                "acted_on": {"click": None},
            }
        },
    }


def earnings(traffic: str, region: str | None, lift: float) -> dict[str, Any]:
    found = {
        "earned": estimate(1 + lift),
        "lift": estimate(lift),
        "effective_items": 90.0,
        "effective_actions": 20.0,
        "clipped": 0.01,
    }
    names = ["inverse_propensity", "doubly_robust"]
    names += ["self_normalised"] if traffic == "randomised" else []
    target = {
        "actions": 30,
        "shown": estimate(1.0),
        "estimates": {name: copy.deepcopy(found) for name in names},
    }
    targets = {name: copy.deepcopy(target) for name in ("click", "graded")}
    return {"traffic": traffic, "region": region, "lists": 60, "targets": targets}


def counterfactual() -> dict[str, Any]:
    return {
        "reason": None,
        "lists_left_out": 2,
        "largest_weight": 10.0,
        "examination": {
            "source": "randomised",
            "lists": 50,
            "actions": 60,
            "positions": [1, 2],
            "platforms": {HOSTILE: [estimate(1.0), estimate(0.7)]},
        },
        "slices": [
            earnings("all", None, 0.04),
            earnings("usual", None, 0.05),
            earnings("usual", HOSTILE, 0.01),
            earnings("randomised", None, 0.2),
        ],
    }


def history() -> list[dict[str, Any]]:
    validation = {"loss": 2.0, "click_ndcg": 0.5, "graded_ndcg": None}
    return [
        {"epoch": epoch, "train": {"loss": 3.0 / epoch}, "validation": validation, "seconds": 1.0}
        for epoch in (1, 2)
    ]


CONTENT: dict[str, Any] = {
    "version": 1,
    "run": {
        "id": "2026-01-02T03:04:05+00:00",
        "started": "2026-01-02T03:04:05+00:00",
        "seconds": 75.0,
        "status": "blessed",
        "error": None,
        "failed_component": None,
        "pushed_model": "/models/1",
    },
    "dataset": {"name": "shop", "description": HOSTILE},
    "tasks": ["click"],
    "config": {
        "evaluation": {"ndcg_at": [10], "smallest_slice": 100},
        "training": {"epochs": 2, "keep": "best", "best_by": "click_ndcg"},
    },
    "seed": 1,
    "counts": {
        "files": 1,
        "rows_in": 1000,
        "rows_out": 998,
        "rows_set_aside": 2,
        "reasons": {f"{HOSTILE}: expected a number": 2},
        "lists": {"train": 70, "eval": 20},
        "items": {"train": 700, "eval": 0},
        "positives": {"click": {"train": 7, "eval": 0}},
        "lists_by_region": {HOSTILE: {"train": 70, "eval": 20}},
        "lists_by_platform": {"app": {"train": 70, "eval": 20}},
        "lists_cut": 0,
        "items_cut": 0,
        "lists_with_conflicting_context": 4,
        "conflicts": {HOSTILE: 4},
        "lists_with_repeated_rows": 0,
        "rows_merged": 0,
        "rows_equal": 0,
        "numbers_rounded": {HOSTILE: {"values": 480, "left": 7, "least": 1767225600.0}},
    },
    "filled": {
        "listings": 40,
        "without_id": 2,
        "repeated": 3,
        "trained": 30,
        "least_precision": 0.7,
        "without_category": f"Nothing filled of 1 listing: {HOSTILE}",
        "attributes": {
            "colour": filled_attribute(precision=0.9, after=0.95, refused=False),
            HOSTILE: filled_attribute(precision=None, after=0.6, refused=True),
        },
    },
    "set_aside": [{"file": f"/logs/{HOSTILE}.csv", "row": 7, "reason": HOSTILE}],
    "validation": {
        "version": 1,
        "compared_with": "/statistics/1",
        "serving_logs": "",
        "notes": [HOSTILE],
        "findings": [
            {
                "check": "known_values",
                "feature": HOSTILE,
                "region": HOSTILE,
                "stops": True,
                "message": HOSTILE,
            }
        ],
        "distances": [
            {
                "check": "drift",
                "feature": HOSTILE,
                "region": region,
                "measure": "infinity_norm",
                "value": 0.25,
                "threshold": 0.2,
            }
            for region in (None, HOSTILE)
        ],
    },
    "region_split": {
        "judge": "both",
        "threshold": 0.1,
        "effect_threshold": 0.05,
        "reason": "",
        "country": ["country"],
        "dependent": [HOSTILE],
        "invariant": ["price"],
        "distances": {
            name: {
                "distance": 0.2,
                "raw": 0.2,
                "expected_by_chance": 0.0,
                "missing_raw": 0.0,
                "pinned": False,
                "effect": effect,
                "differs": ["distribution", "effect"] if effect else ["distribution"],
            }
            for name, effect in (
                (HOSTILE, {"distance": 0.3, "raw": 0.5, "most_by_chance": 0.4}),
                ("price", None),
            )
        },
        "regions_left_out": {HOSTILE: "too few lists"},
    },
    "distributions": {
        "regions": {"DE": 50, HOSTILE: 20},
        "features": {
            HOSTILE: {
                "labels": [HOSTILE, "others"],
                "unit": "value",
                "of": "items",
                "shares": {"DE": [0.5, 0.5], HOSTILE: [0.1, 0.9]},
                "missing": {"DE": 0.0, HOSTILE: 0.0},
            },
            "price": {
                "edges": [0.0, 1.0, 2.0],
                "unit": "value",
                "of": "items",
                "shares": {"DE": [0.25, 0.75]},
                "missing": {"DE": 0.0},
            },
        },
    },
    "training": history(),
    "metrics": {
        "confidence": 0.95,
        "baseline": "/models/0",
        "slices": [part({}, 0.5, 300), part({"region": HOSTILE}, 0.6, 20)],
    },
    "blessing": {
        "blessed": True,
        "reason": f"blessed, 1 gate passed {HOSTILE}",
        "gates": [
            {
                "gate": "click ndcg@10",
                "slice": {"region": HOSTILE},
                "value": 0.5,
                "threshold": 0.0,
                "passed": True,
                "why": HOSTILE,
            }
        ],
    },
    "diagnostics": diagnostics(),
    "not_read": {},
    "components": {
        "Trainer": {"seconds": 61.0, "cached": False, "peak_memory": 1_500_000_000},
        "Pusher": {"seconds": 0.1, "cached": True, "peak_memory": None},
    },
    "versions": {"code": "ab12", "python": "3.10", "system": "Linux", "libraries": {"tfx": "1"}},
    "lineage": [
        {
            "component": "ListExampleGen",
            "execution": 1,
            "state": "complete",
            "inputs": [],
            "outputs": [
                {"key": "examples", "artifact": 1, "type": "Examples", "uri": f"/root/{HOSTILE}"}
            ],
        }
    ],
    "output": "/output/shop",
}


@pytest.fixture
def content() -> dict[str, Any]:
    return copy.deepcopy(CONTENT)
