"""What a cross-validation says by region, and of a competitor against another."""

import numpy as np
import pyarrow as pa
import pytest

from benchmarks.laboratory.cross_validation import Competitor, TrialResult
from benchmarks.laboratory.folds import Trial
from benchmarks.laboratory.judge import Judge, report
from benchmarks.laboratory.logs import Parts
from benchmarks.laboratory.measures import Measure
from benchmarks.laboratory.orders import RANDOM, Order
from data.definition import keys
from data.lists.lists import Lists
from data.loading import load_dataset

DATASET = load_dataset("trivago")
# 120 lists of Brazil, 100 of Japan and 30 of Norway, of two hotels each; the first is clicked.
REGIONS = ["BR"] * 120 + ["JP"] * 100 + ["NO"] * 30
# NDCG of a page whose click is second.
SECOND = 1 / np.log2(3)


def lists() -> Lists:
    names = pa.array([str(number).encode() for number in range(len(REGIONS))], pa.binary())
    regions = pa.array([region.encode() for region in REGIONS], pa.binary())
    context = pa.RecordBatch.from_arrays(
        [names, names, regions], [keys.LIST_ID, keys.LIST_USER, keys.LIST_REGION]
    )
    clicks = pa.array([1, 0] * len(REGIONS), pa.float32())
    items = pa.RecordBatch.from_arrays([clicks], [keys.label("clickout")])
    return Lists(context, items, np.full(len(REGIONS), 2))


def result(fold: int) -> TrialResult:
    """Ours is right everywhere, the other one only in Brazil."""
    whole = np.arange(len(REGIONS))
    evaluated = whole[whole % 2 == fold]
    found = {}
    for part, places in (("validation", whole[:0]), ("evaluation", evaluated)):
        right = np.tile([1.0, 0.0], len(places))
        brazil = np.repeat([REGIONS[place] == "BR" for place in places], 2)
        found["ours", 0, part] = right
        found["other", 0, part] = np.where(brazil, right, 1 - right)
    # A setting is chosen by validation lists; here those are lists that are evaluated elsewhere.
    for name in ("ours", "other"):
        found[name, 0, "validation"] = np.tile([1.0, 0.0], 10)
    return TrialResult(Trial(fold, 1), Parts(whole[:0], whole[:10], evaluated), found)


def test_regions_of_100_lists_or_more_are_told_and_differences_are_paired() -> None:
    judge = Judge(DATASET, (Measure("click@10", "clickout", 10),), lists(), [result(0), result(1)])
    competitors = [
        Competitor("ours", [{}], [Order(RANDOM)], against="other"),
        Competitor("other", [{}], [Order(RANDOM)]),
    ]
    found = report(judge, competitors, "ours")
    assert list(found["ours"]["regions"]) == ["BR", "JP"]
    japan = found["other"]["regions"]["JP"]
    assert [japan["lists"], japan["mean"]] == [100, pytest.approx(SECOND)]
    assert japan["ours_minus"]["mean"] == pytest.approx(1 - SECOND)
    assert found["other"]["regions"]["BR"]["ours_minus"]["mean"] == 0
    # 120 of 250 lists are alike.
    difference = (1 - SECOND) * 130 / 250
    assert found["other"]["ours_minus"]["click@10"]["mean"] == pytest.approx(difference)
    assert found["ours"]["minus_it"] == found["other"]["ours_minus"]
    assert found["other"]["minus_it"] == {}
