"""Which lists are drawn does not depend on how they lie in files."""

import numpy as np

from components.drawing import Draw, Limits, MergeDraws


def test_a_draw_keeps_the_smallest_hashes_however_it_is_put_together() -> None:
    limits = Limits(fewest=2, most=6, most_bytes=50)
    hashes = np.random.default_rng(1).permutation(100).astype(np.uint64)
    records = [b"%02d" % number * 5 for number in hashes.tolist()]
    parts = [
        Draw(len(hashes[part]), hashes[part], records[part])
        for part in (slice(0, 40), slice(40, 45), slice(45, 100))
    ]
    merged = MergeDraws(limits).merge_accumulators([part.cut(limits) for part in parts])
    assert merged.lists == 100
    # 10 bytes each: 5 records fit.
    assert merged.records == [b"%02d" % number * 5 for number in range(5)]
    assert len(merged.cut(Limits(fewest=2, most=6, most_bytes=9)).records) == 2
    assert len(merged.cut(Limits(fewest=2, most=3)).records) == 3
