from pathlib import Path
from typing import Any, get_args

import numpy as np
import pytest
import tensorflow as tf

from models.config import ModelConfig, RankerName
from models.rankers import RANKERS, build_ranker

TASKS = ("click", "cart", "purchase")
WIDTHS = {"country": 4, "dependent": 5, "invariant": 6}
WIDTH = sum(WIDTHS.values())
SETTINGS = [
    {"ranker": "seq"},
    {"ranker": "seq_md", "common_draw": False},
    {"ranker": "seq", "adaptor": "shared"},
    {"ranker": "seq_md"},
    {"ranker": "shared_bottom"},
    {"ranker": "shared_bottom", "adaptor": "shared", "tower_units": ()},
    {"ranker": "mlmmoe"},
    {"ranker": "mlmmoe", "experts": 1},
    {"ranker": "mlmmoe", "level_units": (7,), "adaptor": "shared"},
    {"ranker": "ple"},
    {"ranker": "ple", "shared_experts": 0},
    {"ranker": "ple", "experts_per_task": 2, "shared_experts": 3, "level_units": (8, 7, 6)},
    {"ranker": "ple", "experts_per_task": 2, "shared_experts": 2, "adaptor": "shared"},
    {"ranker": "adatt_sp"},
    {"ranker": "adatt_sp", "experts_per_task": 3, "level_units": (7,)},
    {"ranker": "adatt_sp", "adaptor": "shared", "concatenate_country": True},
    {"ranker": "star"},
    {"ranker": "star", "adaptor": "shared", "tower_units": (), "mask_units": ()},
    {"ranker": "pepnet"},
    {"ranker": "pepnet", "adaptor": "shared", "level_units": (8, 7), "region_rank": 2},
    {"ranker": "esmm"},
    {"ranker": "esmm", "adaptor": "shared", "level_units": (8,), "tower_units": ()},
    {"ranker": "aitm"},
    {"ranker": "aitm", "adaptor": "shared", "level_units": (8, 7), "tower_units": ()},
    {"ranker": "journey"},
    *(
        {"ranker": ranker, "region_gates": "all", "region_rank": 2}
        for ranker in sorted(set(RANKERS) - {"pepnet"})
    ),
    {"ranker": "seq_md", "region_gates": "inputs"},
    {"ranker": "seq_md", "adaptor_shift": False, "token_path": False},
    {"ranker": "seq", "adaptor": "shared", "region_gates": "hidden"},
    {"ranker": "ple", "adaptor": "shared", "region_rank": 1},
]


def _name(setting: dict[str, Any]) -> str:
    return "-".join(str(value) for value in setting.values())


every_setting = pytest.mark.parametrize("setting", SETTINGS, ids=_name)


def _streams(items: int = 7) -> dict[str, tf.Tensor]:
    return {
        name: tf.random.stateless_normal([items, width], [number, width])
        for number, (name, width) in enumerate(WIDTHS.items())
    }


def _ranker(
    setting: dict[str, Any], tasks: tuple[str, ...] = TASKS, **options: Any
) -> tf.keras.layers.Layer:
    ranker = build_ranker(ModelConfig(**setting, **options), tasks, seed=1)
    ranker(_streams())
    for number, weight in enumerate(ranker.trainable_weights):
        weight.assign_add(0.1 * tf.random.stateless_normal(weight.shape, [number, 1]))
    return ranker


def test_every_ranker_is_tried() -> None:
    assert {setting["ranker"] for setting in SETTINGS} == set(RANKERS) == set(get_args(RankerName))


@every_setting
@pytest.mark.parametrize("tasks", [TASKS[:1], TASKS[:2], TASKS, (*TASKS, "return")], ids=len)
def test_gradients_flow_to_every_parameter(setting: dict[str, Any], tasks: tuple[str, ...]) -> None:
    ranker, streams = _ranker(setting, tasks), _streams(items=256)
    with tf.GradientTape() as tape:
        logits = ranker(streams)
        loss = tf.reduce_sum(logits**2)
    assert logits.shape == (256, len(tasks))
    gradients = tape.gradient(loss, ranker.trainable_weights)
    for weight, gradient in zip(ranker.trainable_weights, gradients, strict=True):
        assert gradient is not None, weight.name
        if "gate" in weight.name and weight.shape[-1] == 1:
            continue  # a gate over a single expert has no choice
        if "recurrent_kernel" in weight.name and len(tasks) == 1:
            continue  # a single task has no task before it
        of_layers = np.abs(gradient).reshape(weight.shape[0], -1).max(axis=1)
        assert (of_layers > 0).all() if weight.shape.rank == 3 else of_layers.max() > 0, weight.name


@every_setting
def test_permuting_items_permutes_logits(setting: dict[str, Any]) -> None:
    ranker, streams, order = _ranker(setting), _streams(), [3, 1, 6, 0, 2, 5, 4]
    permuted = ranker({name: tf.gather(values, order) for name, values in streams.items()})
    np.testing.assert_allclose(permuted, ranker(streams).numpy()[order], atol=1e-5)
    np.testing.assert_allclose(
        ranker({name: values[:1] for name, values in streams.items()}),
        ranker(streams)[:1],
        atol=1e-5,
    )


@every_setting
def test_made_again_from_its_config_and_weights_it_scores_alike(setting: dict[str, Any]) -> None:
    ranker = _ranker(setting, dropout=0.1)
    again = tf.keras.layers.deserialize(tf.keras.layers.serialize(ranker))
    again(_streams())
    again.set_weights(ranker.get_weights())
    np.testing.assert_array_equal(again(_streams()), ranker(_streams()))
    assert again.get_config() == ranker.get_config()


@every_setting
def test_saved_and_loaded_it_scores_alike(setting: dict[str, Any], tmp_path: Path) -> None:
    ranker = _ranker(setting, dropout=0.1)
    module = tf.Module()
    module.ranker = ranker
    spec = {name: tf.TensorSpec([None, width], name=name) for name, width in WIDTHS.items()}
    module.score = tf.function(
        lambda streams: ranker(streams), input_signature=[spec], autograph=False
    )
    tf.saved_model.save(module, str(tmp_path / "model"))
    loaded = tf.saved_model.load(str(tmp_path / "model"))
    np.testing.assert_allclose(loaded.score(_streams()), ranker(_streams()), atol=1e-6)


@pytest.mark.parametrize("adaptor", ["none", "shared"])
@pytest.mark.parametrize("ranker", sorted(RANKERS))
def test_what_there_is_by_region_starts_as_none(ranker: str, adaptor: str) -> None:
    plain, adapted = (
        build_ranker(ModelConfig(ranker=ranker, adaptor=adaptor, **by_region), TASKS, seed=1)
        for by_region in ({}, {"region_gates": "all", "region_rank": 3})
    )
    np.testing.assert_allclose(adapted(_streams()), plain(_streams()), rtol=0, atol=1e-6)
    assert len(adapted.weights) > len(plain.weights)


def test_a_star_starts_as_one_network() -> None:
    """What a region has of its own starts at nothing; the auxiliary network alone reads it."""
    model = ModelConfig(ranker="star", adaptor="shared", concatenate_country=False)
    ranker = build_ranker(model, TASKS, seed=1)
    streams = _streams()
    ranker(streams)
    for weight in ranker.auxiliary.trainable_weights:
        weight.assign(tf.zeros_like(weight))
    elsewhere = {**streams, "country": streams["country"] + 1}
    np.testing.assert_array_equal(ranker(elsewhere), ranker(streams))


@every_setting
def test_two_rankers_of_a_seed_are_equal(setting: dict[str, Any]) -> None:
    for first, second in zip(_ranker(setting).weights, _ranker(setting).weights, strict=True):
        np.testing.assert_array_equal(first, second)


@pytest.mark.parametrize("ranker", sorted(set(RANKERS) - {"seq", "seq_md"}))
def test_models_with_one_input_take_no_mask_for_each_task(ranker: str) -> None:
    with pytest.raises(ValueError, match=f"with ranker '{ranker}'.*found 'per_task'"):
        ModelConfig(ranker=ranker, adaptor="per_task")


def _linear(width: int, units: int) -> int:
    return (width + 1) * units


TOWERS = 3 * (_linear(6, 5) + _linear(5, 1))


@pytest.mark.parametrize(
    ("setting", "expected"),
    [
        ({"ranker": "shared_bottom"}, _linear(WIDTH, 8) + _linear(8, 6) + TOWERS),
        (
            # 4 experts a level; 4 gates, then one a task, over 4 experts each.
            {"ranker": "mlmmoe", "experts": 4},
            4 * (_linear(WIDTH, 8) + _linear(8, 6)) + (4 + 3) * _linear(WIDTH, 4) + TOWERS,
        ),
        (
            # 3 x 2 own and 1 shared expert; a task's gate weighs 3, the shared one 7.
            {"ranker": "ple", "experts_per_task": 2, "shared_experts": 1},
            7 * (_linear(WIDTH, 8) + _linear(8, 6))
            + 3 * (_linear(WIDTH, 3) + _linear(8, 3))
            + _linear(WIDTH, 7)
            + TOWERS,
        ),
        (
            # 3 x 2 experts, 3 gates over 6, and W of 3 x 2 a level.
            {"ranker": "adatt_sp", "experts_per_task": 2},
            6 * (_linear(WIDTH, 8) + _linear(8, 6))
            + 3 * (_linear(WIDTH, 6) + _linear(8, 6))
            + 2 * 3 * 2
            + TOWERS,
        ),
        ({"ranker": "esmm"}, 3 * (_linear(WIDTH, 8) + _linear(8, 6)) + TOWERS),
        (
            # 3 towers of 8, 6, 5; 2 transfers; 3 maps without bias; 3 logits.
            {"ranker": "aitm"},
            3 * (_linear(WIDTH, 8) + _linear(8, 6) + _linear(6, 5))
            + 2 * _linear(5, 5)
            + 3 * 5 * 5
            + 3 * _linear(5, 1),
        ),
    ],
    ids=lambda value: value["ranker"] if isinstance(value, dict) else "",
)
def test_parameters(setting: dict[str, Any], expected: int) -> None:
    ranker = _ranker(setting, level_units=(8, 6), tower_units=(5,))
    assert sum(np.prod(weight.shape) for weight in ranker.trainable_weights) == expected


def test_initial_weights_lie_within_the_root_of_the_width() -> None:
    ranker = build_ranker(ModelConfig(ranker="shared_bottom", level_units=(64,)), TASKS, seed=1)
    ranker(_streams())
    kernel, bias = ranker.representation.levels[0].linear.weights
    for weight in (kernel, bias):
        assert 0.9 * WIDTH**-0.5 < np.abs(weight).max() <= WIDTH**-0.5
