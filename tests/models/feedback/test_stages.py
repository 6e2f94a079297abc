"""What open lists say of labels: by arithmetic, by the likelihood, and by another library."""

import numpy as np
import pytest
import scipy.optimize
import tensorflow as tf

from data.definition.dataset import Dataset
from models.feedback.stages import Stage, stages

NAN = float("nan")
DAY = 86_400.0


def _dataset(window: str = "7d") -> Dataset:
    kept = {"column": "purchase", "at": "bought", "undone_by": "back", "matures_after": "14d"}
    return Dataset.model_validate(
        {
            "name": "shop",
            "list_id": "search",
            "time": {"column": "shown"},
            "tasks": [
                {"name": "click", "grade": 1},
                {"name": "purchase", "grade": 2, "at": "bought", "matures_after": window},
                {"name": "kept", "grade": 3, **kept},
            ],
            "features": [{"name": "price", "scope": "item", "kind": "numeric"}],
        }
    )


# Click, purchase and refund rates; rates of delays a day.
CLICK, PURCHASE, KEPT = 0.5, 0.1, 0.06
BUYING, RETURNING = 0.3, 0.2


def _share(rate: float, elapsed: float, window: float) -> float:
    """F(u) of an exponential within its window."""
    return (1 - np.exp(-rate * elapsed)) / (1 - np.exp(-rate * window))


def _stages(
    age: float,
    click: list[float],
    bought: list[float],
    back: list[float],
    waits: bool = True,
    dataset: Dataset | None = None,
) -> list[Stage]:
    """Items of lists of one age in days; days of purchase and refund, NaN for none."""
    days = {"bought": np.array(bought), "back": np.array(back)}
    purchase = np.isfinite(days["bought"]).astype(float)
    kept = purchase * np.isnan(days["back"])
    inputs = {
        "label_click": np.array(click),
        "seen_purchase": purchase,
        "label_purchase": purchase if age >= 7 else purchase * NAN,
        "delay_purchase": days["bought"] * DAY,
        "seen_kept": kept,
        "label_kept": kept if age >= 14 else kept * NAN,
        "delay_kept": days["bought"] * DAY,
        "undone_kept": days["back"] * DAY,
    }
    number = len(click)
    rates = [1.0 / DAY, BUYING / DAY, RETURNING / DAY]
    return stages(
        dataset or _dataset(),
        {name: tf.constant(values, tf.float32) for name, values in inputs.items()},
        tf.fill([number], tf.constant(age * DAY, tf.float32)),
        tf.tile([[CLICK, PURCHASE, KEPT]], [number, 1]),
        [tf.fill([number], tf.constant(np.log(rate), tf.float32)) for rate in rates],
        waits,
    )


def test_a_purchase_that_has_not_come_may_still_come_after_a_click_alone() -> None:
    _, purchase, kept = _stages(2, [1, 0, 1], [NAN, NAN, 1], [NAN, NAN, NAN])
    given = PURCHASE / CLICK
    within = _share(BUYING, 2, 7)
    pending = given * (1 - within) / (1 - given * within)
    np.testing.assert_allclose(purchase.label, [pending, 0, 1], rtol=1e-5)
    # Bought after one day, it has not been sent back for a day of the thirteen that are left.
    stays, held = KEPT / PURCHASE, _share(RETURNING, 1, 13)
    not_yet = stays / (1 - (1 - stays) * held)
    np.testing.assert_allclose(kept.label, [pending * stays, 0, not_yet], rtol=1e-5)


def test_a_refund_that_came_is_final_and_its_purchase_stays_one() -> None:
    _, purchase, kept = _stages(2, [1], [1], [1.5])
    np.testing.assert_array_equal(purchase.label, [1])
    np.testing.assert_array_equal(kept.label, [0])


def test_once_all_windows_are_closed_labels_are_what_was_seen_and_weigh_one() -> None:
    for stage, expected in zip(
        _stages(14, [1, 1, 1, 0], [NAN, 2, 2, NAN], [NAN, NAN, 9, NAN]),
        ([1, 1, 1, 0], [0, 1, 1, 0], [0, 1, 0, 0]),
        strict=True,
    ):
        np.testing.assert_array_equal(stage.label, expected)
        np.testing.assert_allclose(stage.weight, np.ones(4), rtol=1e-6)


def test_of_fsiw_purchases_weigh_by_their_chance_to_be_seen_and_stages_multiply() -> None:
    _, purchase, kept = _stages(
        2, [1, 0, 1, 1], [NAN, NAN, 1, 1], [NAN, NAN, NAN, 1.5], waits=False
    )
    given, within = PURCHASE / CLICK, _share(BUYING, 2, 7)
    nothing = (1 - given) / (1 - given * within)
    np.testing.assert_allclose(purchase.weight, [nothing, 1, 1 / within, 1 / within], rtol=1e-5)
    back, held = 1 - KEPT / PURCHASE, _share(RETURNING, 1, 13)
    stays = (1 - back) / (1 - back * held)
    expected = [nothing, 1, stays / within, 1 / held / within]
    np.testing.assert_allclose(kept.weight, expected, rtol=1e-5)


def test_weights_restore_the_rates_that_are_not_seen_yet() -> None:
    """By the mean over what can be seen: weight times chance adds up to P(label)."""
    given, within = PURCHASE / CLICK, _share(BUYING, 2, 7)
    _, purchase, _ = _stages(2, [1, 1], [1, NAN], [NAN, NAN], waits=False)
    seen, unseen = purchase.weight.numpy()
    assert seen * given * within == pytest.approx(given, rel=1e-5)
    assert unseen * (1 - given * within) == pytest.approx(1 - given, rel=1e-5)


def test_the_cross_entropy_of_these_labels_has_the_gradient_of_the_likelihood() -> None:
    logit, log_rate = tf.Variable([-1.0, -1.0]), tf.Variable(np.log([BUYING / DAY] * 2).astype("f"))
    age, window = 2.0, 7.0
    dataset = _dataset()
    inputs = {
        "label_click": [1.0, 1.0],
        "seen_purchase": [1.0, 0.0],
        "label_purchase": [NAN, NAN],
        "delay_purchase": [DAY, NAN],
        "delay_kept": [DAY, NAN],
        "undone_kept": [NAN, NAN],
        "seen_kept": [1.0, 0.0],
        "label_kept": [NAN, NAN],
    }
    inputs = {name: tf.constant(values) for name, values in inputs.items()}
    with tf.GradientTape() as tape:
        share = tf.sigmoid(logit)
        # With certain clicks, the purchase given a click is the purchase.
        found = stages(
            dataset,
            inputs,
            tf.fill([2], age * tf.constant(DAY)),
            tf.stack([tf.ones_like(share), share, share / 2], axis=1),
            [log_rate, log_rate, log_rate],
            waits=True,
        )[1]
        entropy = tf.nn.sigmoid_cross_entropy_with_logits(found.label, logit)
        surrogate = tf.reduce_sum(entropy) - tf.reduce_sum(found.likelihood)
    ours = tape.gradient(surrogate, [logit, log_rate])
    with tf.GradientTape() as tape:
        share, rate = tf.sigmoid(logit), tf.exp(log_rate) * DAY
        whole = 1 - tf.exp(-rate * window)
        bought = tf.math.log(share) + log_rate - rate * 1.0 - tf.math.log(whole)
        waiting = tf.math.log(1 - share * (1 - tf.exp(-rate * age)) / whole)
        exact = -(bought[0] + waiting[1])
    for mine, theirs in zip(ours, tape.gradient(exact, [logit, log_rate]), strict=True):
        np.testing.assert_allclose(mine, theirs, rtol=2e-5)


def test_unknown_labels_stay_unknown() -> None:
    dataset = _dataset()
    inputs = {
        name: tf.constant([NAN])
        for name in (
            *("label_click", "label_purchase", "seen_purchase", "delay_purchase"),
            *("label_kept", "seen_kept", "delay_kept", "undone_kept"),
        )
    }
    rates = [tf.constant([-10.0])] * 3
    age = tf.constant([2 * DAY])
    found = stages(dataset, inputs, age, tf.constant([[CLICK, PURCHASE, KEPT]]), rates, True)
    for stage in found:
        assert np.isnan(stage.label).all()
    for stage in found[1:]:
        np.testing.assert_array_equal(stage.likelihood, [0])
        np.testing.assert_array_equal(stage.informative, [0])


def test_an_unknown_click_leaves_the_purchase_its_own_probability() -> None:
    _, purchase, _ = _stages(2, [NAN], [NAN], [NAN])
    # The click may not have come: there is no stage to condition on.
    within = _share(BUYING, 2, 7)
    expected = PURCHASE * (1 - within) / (1 - PURCHASE * within)
    np.testing.assert_allclose(purchase.label, [expected], rtol=1e-5)


# Of lifelines 0.30.3, MixtureCureFitter(base_fitter=ExponentialFitter()) on `_conversions()`:
# the share that never converts, the mean delay and the log likelihood.
CURED, MEAN_DELAY, LOG_LIKELIHOOD = 0.7090055977030076, 1.919320496961512, -345.37586989768096


def _conversions() -> tuple[np.ndarray, np.ndarray]:
    """Days until conversions were seen, or for which none was; and whether one was."""
    place = np.arange(1, 501)
    converts = (place * 0.6180339887498949) % 1.0
    late, seen = (place * 0.4142135623730951) % 1.0, (place * 0.7320508075688772) % 1.0
    delay = np.where(converts < 0.3, -np.log1p(-late) / 0.5, np.inf)
    elapsed = 6 * seen + 0.05
    return np.minimum(delay, elapsed), delay <= elapsed


def test_without_features_it_is_the_mixture_cure_model_of_lifelines() -> None:
    times, converted = _conversions()
    task = {"name": "sale", "grade": 1, "at": "sold", "matures_after": "99999w"}
    dataset = Dataset.model_validate(_dataset().model_dump() | {"tasks": [task]})
    inputs = {
        "label_sale": np.full(500, NAN),
        "seen_sale": converted.astype(float),
        "delay_sale": np.where(converted, times, NAN) * DAY,
    }
    columns = {name: tf.constant(values, tf.float64) for name, values in inputs.items()}

    def slopes(values: np.ndarray) -> np.ndarray:
        logit, log_rate = (tf.Variable(value, dtype=tf.float64) for value in values)
        with tf.GradientTape() as tape:
            share = tf.fill([500, 1], tf.sigmoid(logit))
            rates = tf.fill([500], log_rate - np.log(DAY))
            (stage,) = stages(dataset, columns, tf.constant(times * DAY), share, [rates], True)
            logits = tf.fill([500], logit)
            entropy = tf.nn.sigmoid_cross_entropy_with_logits(stage.label, logits)
            total = tf.reduce_sum(entropy) - tf.reduce_sum(stage.likelihood)
        return np.array([slope.numpy() for slope in tape.gradient(total, [logit, log_rate])])

    found = scipy.optimize.root(slopes, [0.0, 0.0], tol=1e-10)
    logit, log_rate = found.x
    assert 1 / (1 + np.exp(logit)) == pytest.approx(CURED, abs=1e-5)
    assert np.exp(-log_rate) == pytest.approx(MEAN_DELAY, abs=1e-5)
    share, rate = 1 / (1 + np.exp(-logit)), np.exp(log_rate)
    came = np.log(share) + log_rate - rate * times
    waits = np.log(1 - share + share * np.exp(-rate * times))
    assert np.where(converted, came, waits).sum() == pytest.approx(LOG_LIKELIHOOD, abs=1e-5)
