"""A shown order that follows a feature: what is wanted of it is found again, and what is examined.

Items have two features. The order shown follows the first one, with some luck; both are wanted.
"""

import numpy as np
import pytest
import tensorflow as tf

from data.definition import keys
from models.config import TaskLoss
from models.losses import Labels, build_loss
from models.position_bias.columns import EXAMINATION_LOGIT, EXAMINATION_WEIGHT
from models.position_bias.position_bias import PositionBias
from models.position_bias.shown_lists import Shown
from models.predictions import Predictions

LISTS, ITEMS = 3_000, 8
WANTED = np.array([0.5, 1.0])
SLOPE = -0.6
STEPS = 150


@pytest.fixture(scope="module")
def shown() -> tuple[dict[str, tf.Tensor], tf.Tensor]:
    """A batch, and its features [N, 2]: a list has one action, by examination * exp(wanted)."""
    random = np.random.default_rng(3)
    features = random.normal(0, 1, (LISTS, ITEMS, 2))
    luck = features[:, :, 0] + random.normal(0, 1, (LISTS, ITEMS))
    position = np.argsort(np.argsort(-luck, axis=1), axis=1) + 1.0
    chance = position ** (SLOPE / np.log(2)) * np.exp(features @ WANTED)
    below = np.cumsum(chance, axis=1) / chance.sum(axis=1, keepdims=True)
    acted = (random.random((LISTS, 1)) > below).sum(axis=1)
    label = (np.arange(ITEMS) == acted[:, np.newaxis]).astype(np.float32)
    batch = {
        keys.ITEM_POSITION: tf.constant(position.ravel(), tf.float32),
        keys.LIST_PLATFORM: tf.fill([LISTS], "web"),
        keys.LIST_REGION: tf.fill([LISTS], "DE"),
        keys.ROW_LENGTHS: tf.fill([LISTS], tf.constant(ITEMS, tf.int64)),
        keys.LIST_WEIGHT: tf.ones([LISTS]),
        keys.label("click"): tf.constant(label.ravel()),
    }
    return batch, tf.constant(features.reshape(-1, 2), tf.float32)


def learnt(
    way: str | None, shown: tuple[dict[str, tf.Tensor], tf.Tensor]
) -> tuple[np.ndarray, PositionBias]:
    """What a linear ranker finds to be wanted, float [2]."""
    batch, features = shown
    bias = PositionBias(
        way or "additive", Shown(LISTS, 0, LISTS, 1, float(ITEMS), ("web",), ("DE",), ())
    )
    wanted, loss = tf.Variable([0.0, 0.0]), build_loss(TaskLoss(losses={"softmax": 1.0}))
    variables = [wanted, *(bias.trainable_variables if way else ())]
    optimizer = tf.keras.optimizers.Adam(0.05, jit_compile=False)
    optimizer.build(variables)

    def ragged(values: tf.Tensor) -> tf.RaggedTensor:
        return tf.RaggedTensor.from_row_lengths(values, batch[keys.ROW_LENGTHS], validate=False)

    @tf.function(autograph=False)
    def step() -> None:
        with tf.GradientTape() as tape:
            logits = tf.linalg.matvec(features, wanted)
            weights, total = None, tf.constant(0.0)
            if way:
                seen = bias.seen(batch)
                logits += seen.get(EXAMINATION_LOGIT, 0.0)
                weights = ragged(seen[EXAMINATION_WEIGHT]) if EXAMINATION_WEIGHT in seen else None
                said = logits[:, tf.newaxis]
                total += bias.loss(seen, Predictions(said, said, logits, said, said), ["click"])
            labels = Labels(ragged(batch[keys.label("click")]), weights=weights)
            total += loss(labels, ragged(logits), batch[keys.LIST_WEIGHT])
        optimizer.apply_gradients(zip(tape.gradient(total, variables), variables, strict=True))

    for _ in range(STEPS):
        step()
    return wanted.numpy(), bias


def test_without_a_correction_the_shown_order_is_learnt(
    shown: tuple[dict[str, tf.Tensor], tf.Tensor],
) -> None:
    found, _ = learnt(None, shown)
    # What position does is taken for a wish: 2/3 more of it than there is, and more.
    assert found[0] > WANTED[0] * 5 / 3
    assert found[1] == pytest.approx(WANTED[1], abs=0.1)


@pytest.mark.parametrize("way", ["additive", "inverse_propensity"])
def test_what_is_wanted_and_what_is_examined_are_told_apart(
    way: str, shown: tuple[dict[str, tf.Tensor], tf.Tensor]
) -> None:
    found, bias = learnt(way, shown)
    # 3,000 actions: the first weight has an error of .03, and weights of up to 6 add to it.
    assert found == pytest.approx(WANTED, abs=0.12)
    shared, platforms, regions = bias.examination.slopes()
    assert shared + platforms["web"] + regions["DE"] == pytest.approx(np.full(3, SLOPE), abs=0.2)
