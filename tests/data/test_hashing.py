import numpy as np
import pyarrow as pa
import pytest

from data.hashing import hash_shares, text_hashes

TEXTS = pa.array([b"a", b"b", "é".encode(), b"", b"a"])


def test_hashes_are_the_same_in_every_process_and_release() -> None:
    # pandas' SipHash, written down once: a change would move lists from one split to another.
    assert text_hashes(TEXTS, "split")[0] == 10509365043034686428


def test_equal_texts_hash_equally_and_others_do_not() -> None:
    hashes = text_hashes(TEXTS, "split")
    assert hashes[0] == hashes[4]
    assert len(set(hashes.tolist())) == 4


def test_purposes_are_independent() -> None:
    texts = pa.array([str(number) for number in range(10_000)])
    both = (hash_shares(texts, "one") < 0.5) & (hash_shares(texts, "two") < 0.5)
    # 0.5 * 0.5, give or take 4 deviations of sqrt(0.25 * 0.75 / 10,000) = 0.0043
    assert both.mean() == pytest.approx(0.25, abs=4 * 0.0043)


def test_shares_are_even_and_below_one() -> None:
    shares = hash_shares(pa.array([str(number) for number in range(10_000)]), "even")
    counts = np.histogram(shares, bins=10, range=(0, 1))[0]
    assert shares.min() >= 0
    assert shares.max() < 1
    # 1,000 each, give or take 4 deviations of sqrt(10,000 * 0.1 * 0.9) = 30
    assert np.abs(counts - 1000).max() < 4 * 30


def test_nulls_and_long_purposes_are_refused() -> None:
    with pytest.raises(ValueError, match="not nulls"):
        text_hashes(pa.array([b"a", None]), "split")
    with pytest.raises(ValueError, match="up to 16 letters"):
        text_hashes(TEXTS, "a purpose that is too long")
