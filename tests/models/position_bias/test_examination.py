import numpy as np
import pytest
import tensorflow as tf

from data.counterfactual.examination import CHANGE_SPREAD, PLATFORM_SPREAD, SLOPE_SPREAD
from data.definition import keys
from models.position_bias.examination import REGION_SPREAD, Examination

NAN = float("nan")


def batch(
    positions: list[float], lengths: list[int], platforms: list[str], regions: list[str]
) -> dict[str, tf.Tensor]:
    return {
        keys.ITEM_POSITION: tf.constant(positions, tf.float32),
        keys.ROW_LENGTHS: tf.constant(lengths, tf.int64),
        keys.LIST_PLATFORM: tf.constant(platforms),
        keys.LIST_REGION: tf.constant(regions),
    }


def learnt(first: int = 1) -> Examination:
    """Three octaves: -.1, -.2, -.3 of all; .05 more on the app, -.01 less in each octave in JP."""
    found = Examination(first, 3, ["app", "web"], ["DE", "JP"])
    shared, platforms, regions = (
        next(v for v in found.trainable_variables if v.name == f"bias/{name}:0")
        for name in ("shared", "platforms", "regions")
    )
    shared.assign([-0.1, -0.2, -0.3])
    platforms.assign([[0.05, 0.05, 0.05], [0, 0, 0]])
    regions.assign([[0, 0, 0], [-0.01, -0.01, -0.01]])
    return found


def test_it_is_nothing_at_the_start() -> None:
    found = Examination(1, 3, ["app", "web"], ["DE"])
    lists = batch([1, 2, 8], [3], ["web"], ["DE"])
    assert found.logits(lists).numpy().tolist() == [0, 0, 0]
    assert float(found.prior(10)) == 0


def test_slopes_add_up_over_doublings_by_platform_and_region() -> None:
    lists = batch([1, 2, 8, 4, 2], [3, 1, 1], ["web", "app", "web"], ["DE", "DE", "JP"])
    expected = [0, -0.1, -0.1 - 0.2 - 0.3, -0.1 - 0.2 + 2 * 0.05, -0.1 - 0.01]
    assert learnt().logits(lists).numpy() == pytest.approx(expected, abs=1e-6)


def test_unknown_platforms_and_regions_have_what_all_share() -> None:
    lists = batch([2], [1], ["tv"], ["XX"])
    assert learnt().logits(lists).numpy() == pytest.approx([-0.1])


def test_a_list_with_an_unknown_position_counts_as_examined_alike() -> None:
    lists = batch([2, NAN, 2, 2, -5], [2, 1, 2], ["web"] * 3, ["DE"] * 3)
    assert learnt().logits(lists).numpy() == pytest.approx([0, 0, -0.1, 0, 0])


def test_positions_may_count_from_0() -> None:
    lists = batch([0, 1, 3], [3], ["web"], ["DE"])
    assert learnt(first=0).logits(lists).numpy() == pytest.approx([0, -0.1, -0.3], abs=1e-6)


def test_the_prior_draws_regions_more_than_platforms_and_all_as_there_are_few_lists() -> None:
    slopes, changes = 0.1**2 + 0.2**2 + 0.3**2, 0.1**2 + 0.1**2
    squares = slopes / SLOPE_SPREAD**2 + changes / CHANGE_SPREAD**2
    squares += 3 * 0.05**2 / PLATFORM_SPREAD**2 + 3 * 0.01**2 / REGION_SPREAD**2
    assert float(learnt().prior(10)) == pytest.approx(squares / (2 * 10), rel=1e-5)


def test_known_slopes_are_not_learnt() -> None:
    known = np.array([[-0.1, -0.2], [-0.3, -0.2]])
    found = Examination(1, 2, ["app", "web"], ["DE"], known)
    assert found.trainable_variables == ()
    lists = batch([4, 4], [1, 1], ["app", "web"], ["DE", "DE"])
    assert found.logits(lists).numpy() == pytest.approx([-0.3, -0.5])
