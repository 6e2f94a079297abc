"""A summary of a run, as JSON, to be changed."""

from typing import Any

from pipeline.summary import SummaryPaths

JUDGED = {"candidate": "model", "baseline": {"state": "none"}}


def target(value: float | None, lists: int, half: float | None = 0.01) -> dict[str, Any]:
    known = value is not None and half is not None
    estimate = {
        "value": value,
        "low": value - half if known else None,
        "high": value + half if known else None,
    }
    return {
        "lists_counted": lists,
        "lists_not_counted": 0,
        "positives": lists,
        "rankings": {"score": {"ndcg@10": estimate}, "random": {"ndcg@10": estimate}},
    }


def part(values: dict[str, str], lists: int, click: dict[str, Any]) -> dict[str, Any]:
    """A slice."""
    numbers = {"lists": lists, "items": 20 * lists, "faulty_predictions": {}}
    return {"slice": values, **numbers, "targets": {"click": click}}


def measured(slices: list[dict[str, Any]]) -> dict[str, Any]:
    return {"confidence": 0.95, "replicates": 200, "candidate": "model", "slices": slices}


def summary(**changes: Any) -> dict[str, Any]:
    regions = [
        part({}, 300, target(0.512, 250)),
        part({"region": "DE"}, 90, target(0.6, 1, None)),
        part({"region": "[FR]"}, 5, target(None, 0)),
    ]
    return {
        "status": "complete",
        "dataset": {"name": "shop"},
        "inputs": {"logs": ["a.csv"]},
        "config": {
            "model": {"descending": False},
            "evaluation": {"ndcg_at": [10], "smallest_slice": 100},
        },
        "seed": 1,
        "validation": {},
        "components": {},
        "seconds": 60.0,
        "counts": {
            "files": 1,
            "items": {},
            "positives": {},
            "lists_by_region": {},
            "lists_by_platform": {},
            "items_cut": 0,
            "positives_cut": {},
            "labels_implied": {},
            "lists_with_conflicting_context": 0,
            "rows_in": 1000,
            "rows_out": 998,
            "rows_set_aside": 2,
            "reasons": {"price: expected a number": 2},
            "lists": {"train": 70},
            "lists_cut": 0,
            "numbers_rounded": {"updated": {"values": 480, "left": 7, "least": 1767225300.0}},
            "conflicts": {},
            "lists_with_repeated_rows": 0,
            "rows_merged": 0,
            "rows_equal": 0,
            "lists_of_new_regions": {"FI": 3},
            "tasks_without_positives": ["purchase"],
        },
        "unknown_values": {"brand": {"share": 0.5, "distinct": 2, "example": "True\n"}},
        "region_split": {
            "threshold": 0.1,
            "country": ["country"],
            "dependent": [],
            "invariant": ["price", "age"],
            "distances": {
                "age": {"distance": 0.01, "expected_by_chance": 0.08},
                "price": {"distance": 0.059, "expected_by_chance": 0.069},
            },
        },
        "metrics": measured(regions),
        "blessing": {
            "blessed": False,
            "reason": "not blessed, 1 gate failed: click (region DE): -8%",
            "gates": [{"gate": "click", "slice": {"region": "DE"}, "passed": False, "why": "-8%"}],
            **JUDGED,
        },
        "paths": dict.fromkeys(SummaryPaths.model_fields, "/x")
        | {"pushed_model": None, "rows_set_aside": "/aside/1"},
        **changes,
    }
