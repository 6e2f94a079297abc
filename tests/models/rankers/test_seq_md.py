from itertools import product
from typing import Any

import numpy as np
import pytest
import tensorflow as tf

from models.config import ModelConfig
from models.rankers import build_ranker

TASKS = ("click", "cart", "purchase")
WIDTHS = {"country": 4, "dependent": 5, "invariant": 6}
ADAPTORS = ("per_task", "shared", "none")
# The paper's network.
PLAIN: dict[str, Any] = {"adaptor_shift": False, "token_path": False}


def _streams(widths: dict[str, int] = WIDTHS, items: int = 7) -> dict[str, tf.Tensor]:
    return {
        name: tf.random.stateless_normal([items, width], [number, width])
        for number, (name, width) in enumerate(widths.items())
    }


def _ranker(tasks: tuple[str, ...] = TASKS, **options: Any) -> tf.keras.layers.Layer:
    # A dropout counts its draws.
    return build_ranker(ModelConfig(**{"dropout": 0.0, **options}), tasks, seed=1)


def _shake(ranker: tf.keras.layers.Layer) -> None:
    """Moves the weights from where masks are 1."""
    for number, weight in enumerate(ranker.trainable_weights):
        weight.assign_add(0.3 * tf.random.stateless_normal(weight.shape, [number, 1]))


EMPTY = [
    dict(zip(WIDTHS, widths, strict=True))
    for widths in product((4, 0), (5, 0), (6, 0))
    if any(widths)
]


@pytest.mark.parametrize("adaptor", ADAPTORS)
@pytest.mark.parametrize("widths", EMPTY, ids=lambda widths: "-".join(map(str, widths.values())))
@pytest.mark.parametrize("tasks", [TASKS[:1], TASKS, (*TASKS, "return", "review")])
def test_gradients_flow_to_every_parameter(
    adaptor: str, widths: dict[str, int], tasks: tuple[str, ...]
) -> None:
    ranker = _ranker(tasks, adaptor=adaptor, concatenate_country=adaptor == "shared")
    streams = _streams(widths, items=64)
    assert ranker(streams).shape == (64, len(tasks))
    _shake(ranker)
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(ranker(streams) ** 2)
    for weight, gradient in zip(
        ranker.trainable_weights,
        tape.gradient(loss, ranker.trainable_weights),
        strict=True,
    ):
        assert gradient is not None, weight.name
        if "recurrent_kernel" in weight.name and len(tasks) == 1:
            continue  # a single task has no task before it
        per_copy = np.abs(gradient).reshape(weight.shape[0], -1).max(axis=1)
        assert gradient.shape.rank < 3 or (per_copy > 0).all(), weight.name
        assert per_copy.max() > 0, weight.name


@pytest.mark.parametrize("adaptor", ADAPTORS)
def test_permuting_items_permutes_logits(adaptor: str) -> None:
    ranker, streams = _ranker(adaptor=adaptor), _streams()
    logits = ranker(streams).numpy()
    order = [3, 1, 6, 0, 2, 5, 4]
    permuted = ranker({name: tf.gather(values, order) for name, values in streams.items()})
    np.testing.assert_allclose(permuted, logits[order], atol=1e-6)


def test_other_items_change_nothing() -> None:
    ranker, streams = _ranker(), _streams()
    alone = ranker({name: values[:1] for name, values in streams.items()})
    np.testing.assert_allclose(ranker(streams)[:1], alone, atol=1e-6)


def test_parameters_with_a_mask_for_each_task() -> None:
    ranker = _ranker(concatenate_country=False, **PLAIN)
    ranker(_streams())
    mask = 4 * 16 + 16 + 16 * 5 + 5
    transformed = 5 * 64 + 64
    invariant = 6 * 64 + 64
    token = (64 + 64) * 64 + 64 + 64 * 32 + 32
    recurrent = 3 * (32 * 32 + 32 * 32 + 2 * 32)
    expected = 3 * (mask + transformed + token) + invariant + recurrent + 32 + 1
    assert ranker.count_params() == expected
    # By default a shift beside each mask, a weight for each unit of a token, and country features
    # beside the invariant ones.
    default = _ranker()
    default(_streams())
    assert default.count_params() == expected + 3 * mask + 32 + 4 * 64


def test_parameters_with_one_mask_before_the_model() -> None:
    ranker = _ranker(adaptor="shared", concatenate_country=True, **PLAIN)
    ranker(_streams())
    mask = 4 * 16 + 16 + 16 * 5 + 5
    transformed = 5 * 64 + 64
    token = (64 + 6 + 4) * 64 + 64 + 64 * 32 + 32
    recurrent = 3 * (32 * 32 + 32 * 32 + 2 * 32)
    assert ranker.count_params() == mask + transformed + 3 * token + recurrent + 32 + 1


def test_parameters_without_adaptor() -> None:
    ranker = _ranker(adaptor="none", **PLAIN)
    ranker(_streams())
    token = (4 + 5 + 6) * 64 + 64 + 64 * 32 + 32
    recurrent = 3 * (32 * 32 + 32 * 32 + 2 * 32)
    assert ranker.count_params() == 3 * token + recurrent + 32 + 1


@pytest.mark.parametrize("adaptor", ["per_task", "shared"])
def test_country_features_enter_through_the_mask_alone_where_asked_for(adaptor: str) -> None:
    streams = _streams()
    elsewhere = {**streams, "country": streams["country"] + 1}
    ranker = _ranker(adaptor=adaptor, concatenate_country=False)
    # The mask is 1 everywhere at the start.
    np.testing.assert_array_equal(ranker(streams), ranker(elsewhere))
    concatenated = _ranker(adaptor=adaptor)
    assert (concatenated(streams) != concatenated(elsewhere)).numpy().any()


@pytest.mark.parametrize("adaptor", ADAPTORS)
def test_country_features_are_inputs_where_nothing_is_masked(adaptor: str) -> None:
    streams = _streams({**WIDTHS, "dependent": 0})
    elsewhere = {**streams, "country": streams["country"] + 1}
    ranker = _ranker(adaptor=adaptor)
    assert (ranker(streams) != ranker(elsewhere)).numpy().any()


def test_initial_weights_follow_from_the_seed_and_not_from_what_was_drawn_before() -> None:
    streams = _streams()
    first = _ranker()(streams)
    tf.random.normal([3])
    np.testing.assert_array_equal(_ranker()(streams), first)
    other = build_ranker(ModelConfig(), TASKS, seed=2)
    assert (other(streams) != first).numpy().any()


def test_config_makes_the_ranker_again() -> None:
    ranker = _ranker(adaptor="shared", dropout=0.2, token_units=(5,))
    again = type(ranker).from_config(ranker.get_config())
    assert again.get_config() == ranker.get_config()


def test_dropout_is_for_training_alone() -> None:
    ranker, streams = _ranker(dropout=0.5), _streams()
    np.testing.assert_array_equal(ranker(streams), ranker(streams))
    trained = ranker(streams, training=True)
    assert (trained != ranker(streams)).numpy().any()


def test_streams_that_cannot_be_ranked_by_are_refused() -> None:
    with pytest.raises(ValueError, match="with a feature"):
        _ranker()(_streams(dict.fromkeys(WIDTHS, 0)))
    with pytest.raises(ValueError, match="invariant"):
        _ranker()({name: tf.ones([2, 3]) for name in ("country", "dependent")})


def test_tasks_start_alike_or_each_from_a_draw_of_its_own() -> None:
    for common in (True, False):
        ranker = _ranker(common_draw=common, **PLAIN)
        ranker(_streams())
        kernels = [weight for weight in ranker.trainable_weights if "kernel" in weight.name]
        own = [kernel.numpy() for kernel in kernels if kernel.shape.rank == 3]
        drawn = [kernel for kernel in own if len(kernel) == len(TASKS) and kernel.any()]
        assert len(drawn) == 4
        assert all(np.array_equal(kernel[0], kernel[1]) == common for kernel in drawn)
