"""What has mattered among trials."""

import numpy as np
import pytest

from pipeline.tuning.importance import importances
from pipeline.tuning.settings import Range, Searched

DROPOUT = Searched("model.dropout", (0.0, 0.1))
AVERAGED = Searched("training.averaged_weights", (None, 0.99))
RATE = Searched("training.learning_rate", Range(1e-3, 1e-1))


def _drawn(*values: object, place: str = "model.dropout") -> list[dict[str, object]]:
    return [{place: value} for value in values]


def test_the_share_is_that_of_the_variance_between_values() -> None:
    (found,) = importances([DROPOUT], _drawn(0.0, 0.0, 0.1, 0.1), [0.4, 0.42, 0.5, 0.52])
    # Within: 4 * .01^2 over 4 - 2; in all: that and 4 * .05^2 over 4 - 1.
    within, total = 4 * 0.01**2 / 2, (4 * 0.01**2 + 4 * 0.05**2) / 3
    assert found.share == pytest.approx(1 - within / total)
    assert found.means == {"0.0": pytest.approx(0.41), "0.1": pytest.approx(0.51)}


def test_what_mattered_is_told_from_what_did_not() -> None:
    draws = np.random.default_rng(1)
    drawn = [
        {"model.dropout": draws.choice([0.0, 0.1]), "training.averaged_weights": average}
        for average in [None, 0.99] * 20
    ]
    ndcg = [0.4 + 0.02 * (one["model.dropout"] > 0) + draws.normal(0, 0.005) for one in drawn]
    first, second = importances([AVERAGED, DROPOUT], drawn, ndcg)
    assert (first.place, second.place) == ("model.dropout", "training.averaged_weights")
    assert first.share > 0.7
    assert first.chance < 0.01
    assert 0 < first.error < 0.15
    assert abs(second.share) < 0.1
    assert second.chance > 0.05
    assert list(second.means) == ["none", "0.99"]


def test_by_chance_the_mean_share_is_0() -> None:
    draws = np.random.default_rng(2)
    drawn = _drawn(*[0.0, 0.1] * 6)
    shares = [importances([DROPOUT], drawn, draws.normal(size=12))[0].share for _ in range(30)]
    assert np.mean(shares) == pytest.approx(0, abs=3 * np.std(shares) / np.sqrt(30))


def test_a_range_counts_by_its_parts() -> None:
    place = RATE.place
    drawn = _drawn(0.0011, 0.002, 0.01, 0.012, 0.05, 0.1, place=place)
    (found,) = importances([RATE], drawn, [0.1, 0.2, 0.5, 0.6, 0.3, 0.4])
    assert list(found.means) == ["0.001 to 0.0046", "0.0046 to 0.022", "0.022 to 0.1"]
    assert list(found.means.values()) == pytest.approx([0.15, 0.55, 0.35])


@pytest.mark.parametrize(
    ("values", "ndcg"),
    [
        ((0.1, 0.1, 0.1, 0.1), [0.1, 0.2, 0.3, 0.4]),
        ((0.0, 0.1, 0.1), [0.1, 0.2]),
        ((0.0, 0.1, 0.1, 0.1), [0.1, 0.1, 0.1, 0.1]),
    ],
)
def test_where_nothing_can_be_told_nothing_is(values: tuple[float], ndcg: list[float]) -> None:
    assert importances([DROPOUT], _drawn(*values[: len(ndcg)]), ndcg) == []
