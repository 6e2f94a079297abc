"""The histograms are those of TFDV, which are made of one quantile after the other."""

import numpy as np
import pyarrow as pa
import pytest
from google.protobuf import json_format
from tensorflow_data_validation.statistics.generators.basic_stats_generator import (
    BasicStatsGenerator,
)

from components.number_histograms import ArrayStatsGenerator

BUCKETS, NOTHING = 4, float("nan")
NUMBERS = {
    "spread": np.random.default_rng(1).normal(size=3_000),
    "skewed": np.random.default_rng(2).lognormal(sigma=2.0, size=3_000),
    "few values": np.arange(200.0) % 7,
    "half are the least": np.maximum(np.arange(-100.0, 100.0), 0),
    "half are the largest": np.minimum(np.arange(-100.0, 100.0), 0),
    "all but one are alike": np.array([5.0] * 99 + [6.0]),
    "half are missing": np.where(np.arange(100.0) % 2, np.arange(100.0), NOTHING),
    "alike": np.array([3.0] * 20),
    "two": np.array([1.0, 2.0]),
    "one": np.array([-1.0]),
    "missing": np.array([NOTHING] * 5),
    "none": np.empty(0),
}


def statistics(generator: BasicStatsGenerator, numbers: np.ndarray) -> dict[str, object]:
    """Of two batches of lists."""
    accumulators = []
    for half in np.array_split(numbers, 2):
        lists = pa.array([[number] for number in half], pa.list_(pa.float32()))
        batch = pa.RecordBatch.from_arrays(
            [lists, pa.array([[b"red"]] * len(half), pa.list_(pa.binary()))], ["price", "colour"]
        )
        accumulators.append(generator.add_input(generator.create_accumulator(), batch))
    found = generator.extract_output(generator.merge_accumulators(accumulators))
    return json_format.MessageToDict(found)


@pytest.mark.parametrize("numbers", NUMBERS.values(), ids=NUMBERS)
def test_statistics_are_those_of_tfdv(numbers: np.ndarray) -> None:
    expected = statistics(BasicStatsGenerator(num_quantiles_histogram_buckets=BUCKETS), numbers)
    found = statistics(ArrayStatsGenerator(BUCKETS), numbers)
    assert leaves(found) == {
        # With NumPy 2, TFDV's edges have the precision of the numbers: float32.
        path: pytest.approx(leaf, rel=1e-5, abs=1e-5) if isinstance(leaf, float) else leaf
        for path, leaf in leaves(expected).items()
    }


def leaves(tree: object, path: str = "") -> dict[str, object]:
    """What stands in JSON, by the path to it."""
    if isinstance(tree, dict):
        branches = tree.items()
    elif isinstance(tree, list):
        branches = enumerate(tree)
    else:
        return {path: tree}
    return {
        place: leaf
        for name, branch in branches
        for place, leaf in leaves(branch, f"{path}/{name}").items()
    }


def test_the_histograms_of_a_few_numbers() -> None:
    """0 to 100 in buckets of 10: the first holds 0 to 10, the others 10 values each."""
    found = statistics(ArrayStatsGenerator(BUCKETS), np.arange(101.0))
    price = next(one for one in found["features"] if one["path"]["step"] == ["price"])
    equal_width, quantiles = price["numStats"]["histograms"]
    assert [one["highValue"] for one in equal_width["buckets"]] == [10.0 * n for n in range(1, 11)]
    counts = [one["sampleCount"] for one in equal_width["buckets"]]
    assert counts == pytest.approx([11, *9 * [10]])
    assert [one["highValue"] for one in quantiles["buckets"]] == [25, 50, 75, 100]
    assert price["numStats"]["median"] == 50
