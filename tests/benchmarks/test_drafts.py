import pytest

from benchmarks.drafts import common_subsequence, rouge_l


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("a b c d", "a b c d", 4),
        ("a b c d", "b d", 2),
        ("a b a b a", "b a b", 3),
        ("a b", "c d", 0),
        ("d c b a", "a b c d", 1),
        (" ".join(str(at) for at in range(200)), " ".join(str(at) for at in range(0, 200, 3)), 67),
    ],
)
def test_longest_common_subsequence(one: str, other: str, expected: int) -> None:
    assert common_subsequence(one.split(), other.split()) == expected
    assert common_subsequence(other.split(), one.split()) == expected


def test_rouge_l_is_a_mean_of_precision_and_recall() -> None:
    """2 of 3 and 2 of 4: 2 * 2/3 * 2/4 / (2/3 + 2/4) = 4/7."""
    assert rouge_l("The red cup", "A red tea cup") == pytest.approx(4 / 7)
    assert rouge_l("", "a") == 0
