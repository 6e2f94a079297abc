from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pytest

from data.simulator.draws import Floats
from data.simulator.regions import LANGUAGES, REGIONS, SHARES, alike


@dataclass(frozen=True)
class Parameters:
    level: Floats


def test_shares_are_very_unequal_and_make_a_whole() -> None:
    assert len(REGIONS) == len(LANGUAGES) == len(SHARES) == 10
    assert SHARES.sum() == pytest.approx(1, abs=1e-6)
    assert SHARES.max() / SHARES.min() == pytest.approx(0.38 / 0.005)


def test_regions_have_their_share_of_the_lists(logs: pa.Table) -> None:
    lists = logs.group_by(["list_id", "country"]).aggregate([])["country"].to_numpy()
    for region, share in zip(REGIONS, SHARES, strict=True):
        deviation = np.sqrt(share * (1 - share) / 12_000)
        assert np.mean(lists == region) == pytest.approx(float(share), abs=4 * float(deviation))


def test_both_platforms_are_used_in_every_region(logs: pa.Table) -> None:
    pairs = logs.group_by(["country", "platform"]).aggregate([])
    assert pairs.num_rows == 10 * 2


def test_alike_gives_every_region_the_mean_weighted_by_lists() -> None:
    level = np.zeros(10, dtype=np.float32)
    level[[0, 1]] = 1.0, 2.0
    # .38 * 1 + .18 * 2
    assert alike(Parameters(level)).level == pytest.approx(np.full(10, 0.74))
