import numpy as np
import tensorflow as tf

from models.layers.dropout import StatelessDropout

ONES = tf.ones([100, 100])


def test_passes_on_what_it_gets_outside_training() -> None:
    np.testing.assert_array_equal(StatelessDropout(0.5)(ONES), ONES)
    np.testing.assert_array_equal(StatelessDropout(0.0)(ONES, training=True), ONES)


def test_drops_its_share_and_scales_the_rest() -> None:
    found = StatelessDropout(0.2, seed=1)(ONES, training=True).numpy()
    assert set(np.unique(found)) == {0.0, np.float32(1 / 0.8)}
    # 10,000 draws: one standard deviation is 0.004.
    assert abs((found == 0).mean() - 0.2) < 0.016


def test_draws_differ_from_step_to_step_and_follow_from_the_seed() -> None:
    first, second = StatelessDropout(0.5, seed=1), StatelessDropout(0.5, seed=1)
    draws = [first(ONES, training=True).numpy() for _ in range(3)]
    assert (draws[0] != draws[1]).any()
    for draw in draws:
        np.testing.assert_array_equal(draw, second(ONES, training=True))
    assert (StatelessDropout(0.5, seed=2)(ONES, training=True) != draws[0]).numpy().any()


def test_a_resumed_training_draws_what_an_undisturbed_one_would() -> None:
    undisturbed = StatelessDropout(0.5, seed=1)
    undisturbed(ONES, training=True)
    saved = undisturbed.get_weights()
    expected = undisturbed(ONES, training=True)
    resumed = StatelessDropout(0.5, seed=1)
    resumed.build(ONES.shape)
    resumed.set_weights(saved)
    np.testing.assert_array_equal(resumed(ONES, training=True), expected)
