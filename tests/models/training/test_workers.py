"""What each of several workers gets."""

import pytest

from data.errors import InputError
from models.training.cluster import Cluster
from models.training.workers import Workers


def test_files_and_batches_are_shared_out() -> None:
    first, second = (Workers(Cluster(2, index)) for index in (0, 1))
    assert first.files_of(["a", "b", "c"]) == ["a", "c"]
    assert second.files_of(["a", "b", "c"]) == ["b"]
    assert (first.share_of(7), second.share_of(7)) == (4, 3)
    with pytest.raises(InputError, match=r"at least 2 files .* found 1.*fewest_files = 2"):
        second.files_of(["a"])
    with pytest.raises(InputError, match="lists_per_batch of at least 2, found 1"):
        first.share_of(1)
    assert Workers().files_of([]) == []
