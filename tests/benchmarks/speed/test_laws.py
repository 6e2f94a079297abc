"""Lines through measured sizes."""

import numpy as np
import pytest

from benchmarks.speed.laws import law_of, laws_by_stage

SIZES = [100_000, 1_000_000, 10_000_000]


def test_points_on_a_line_give_the_line() -> None:
    law = law_of(SIZES, [5 + 3 * 0.1, 5 + 3 * 1, 5 + 3 * 10])
    assert (law.start, law.per_million, law.largest_error) == pytest.approx((5, 3, 0))
    # 100 million rows over 4 workers: each starts, and has a quarter of the rows.
    assert law.at(100_000_000, workers=4) == pytest.approx(5 + 3 * 100 / 4)
    assert law.rows_within(35) == pytest.approx((35 - 5) / 3 * 1_000_000)


def test_no_figure_of_a_law_is_negative() -> None:
    law = law_of(SIZES, [10, 9, 8])
    assert law.per_million == 0
    assert law.rows_within(100) == np.inf
    # Seconds in proportion to the rows squared: the line through the origin is off.
    bent = law_of([1_000_000, 2_000_000], [1, 4])
    assert bent.start == 0
    assert bent.largest_error > 0.1


def test_errors_count_by_their_share() -> None:
    law = law_of(SIZES, [1.0, 10.0, 110.0])
    # The smallest size is met as well as the largest, though its seconds are a hundredth.
    assert law.at(100_000) == pytest.approx(1, rel=0.1)


def test_one_size_gives_no_line() -> None:
    with pytest.raises(ValueError, match=r"expected two sizes at least, found rows \[5, 5\]"):
        law_of([5, 5], [1, 1])


def test_each_stage_has_its_law() -> None:
    sizes = [{"read": {"seconds": 1.0}, "train": {"seconds": 2.0}}] * 2
    laws = laws_by_stage([1, 1_000_000], sizes, "seconds")
    assert {stage: round(law.start, 6) for stage, law in laws.items()} == {"read": 1, "train": 2}
