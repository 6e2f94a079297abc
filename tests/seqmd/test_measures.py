import math

import numpy as np
import pytest

from data.errors import InputError
from seqmd import ndcg


def test_lists_may_lie_between_each_other() -> None:
    relevance, scores = [1, 0, 0, 2], [0.2, 0.1, 0.9, 0.3]
    # List a: the best first, 1. List b: gain 3 at rank 2, 1 / log2(3).
    mean = (1 + 1 / math.log2(3)) / 2
    assert ndcg(relevance, scores, ["a", "a", "b", "b"]) == pytest.approx(mean)
    assert ndcg(relevance, scores, [5, 7, 5, 7], at=None) == pytest.approx(
        # List 5: gain 1 at rank 2. List 7: gain 3 at rank 1.
        (1 / math.log2(3) + 1) / 2
    )


def test_lists_in_which_no_order_can_be_wrong_do_not_count() -> None:
    # List a is at its worst: gain 1 at rank 2. The others would be perfect whatever the scores.
    worst = ndcg([1, 0, 1, 2, 2], [1, 2, 1, 1, 2], ["a", "a", "b", "c", "c"])
    assert worst == pytest.approx(1 / math.log2(3))
    assert ndcg([1, 0, 0, 0], [2, 1, 2, 1], ["a", "a", "b", "b"]) == 1
    assert math.isnan(ndcg([0, 0], [2, 1], ["a", "a"]))
    assert math.isnan(ndcg([], [], []))


def test_what_is_not_known_is_left_out() -> None:
    assert ndcg([np.nan, 1, 0], [3, 2, 1], ["a", "a", "a"]) == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([1, 0], [1], ["a", "a"]), r"expected relevance, scores and list_ids \[N\]"),
        (([1, 0], [1, 2], ["a", None]), "expected a list id for each item, found 1 none"),
        (([1, -1], [1, 2], ["a", "a"]), "ndcg: expected relevance of at least 0, found -1.0"),
        (([1, 0], [1, np.nan], ["a", "a"]), "ndcg: expected scores"),
        (([1, 0], [1, 2], ["a", "a"], 0), "at: expected a rank of at least 1, found 0"),
    ],
)
def test_wrong_input_is_one_message(arguments: tuple, message: str) -> None:
    with pytest.raises(InputError, match=message):
        ndcg(*arguments)
