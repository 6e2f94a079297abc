import numpy as np
import pytest
import tensorflow as tf

from models.config import ModelConfig
from models.layers.experts import Experts
from models.layers.mlp import MultiLayerPerceptron
from models.layers.region import Region, RegionOptions, RegionParts
from models.layers.region_context import JOINED, RegionContext, share_by_region

ITEMS, WIDTH, UNITS, GATE, RANK = 6, 4, 3, 5, 2
BOTH = RegionParts(GATE, RANK)


def _normal(*shape: int) -> np.ndarray:
    return np.random.default_rng(sum(shape)).normal(size=shape).astype(np.float32)


INPUTS, COUNTRY = _normal(ITEMS, WIDTH), _normal(ITEMS, 7)
REGION = Region(*map(tf.constant, (COUNTRY, _normal(ITEMS, GATE), _normal(ITEMS, RANK))))


def _shaken(layer: tf.keras.layers.Layer) -> tf.keras.layers.Layer:
    for number, weight in enumerate(layer.trainable_weights):
        draw = np.random.default_rng(number).normal(0, 0.5, weight.shape)
        weight.assign(draw.astype(np.float32))
    return layer


def _expected(
    kernel: np.ndarray, bias: np.ndarray, adaptor: tf.keras.layers.Layer, e: int
) -> np.ndarray:
    down, up = adaptor.down.kernel[e].numpy(), adaptor.up[e].numpy()
    code, gate_kernel = REGION.code.numpy(), adaptor.gate.kernel[e].numpy()
    changed = INPUTS @ kernel + bias
    changed = changed + ((INPUTS @ down + adaptor.down.bias[e].numpy()) * code) @ up
    gate = 2 / (1 + np.exp(-(REGION.gate.numpy() @ gate_kernel + adaptor.gate.bias[e].numpy())))
    assert (np.abs(gate - 1) > 0.1).any()
    return gate * np.maximum(changed, 0)


def test_experts_by_region() -> None:
    experts = Experts(UNITS, (2, 1), by_region=BOTH)
    experts.build(tf.TensorShape(INPUTS.shape))
    found = _shaken(experts)([INPUTS, INPUTS], REGION).numpy()
    for e in range(3):
        kernel, bias = experts.linear.kernel[e].numpy(), experts.linear.bias[e].numpy()
        expected = _expected(kernel, bias, experts.adaptor, e)
        np.testing.assert_allclose(found[:, e], expected, atol=1e-5)


def test_an_mlp_by_region() -> None:
    mlp = MultiLayerPerceptron((UNITS,), copies=2, by_region=BOTH)
    mlp(INPUTS, REGION)
    found = _shaken(mlp)(INPUTS, REGION)
    (dense,), (adaptor,) = mlp.stack, mlp.adaptors.values()
    for copy in range(2):
        kernel, bias = dense.kernel[copy].numpy(), dense.bias[copy].numpy()
        np.testing.assert_allclose(found[copy], _expected(kernel, bias, adaptor, copy), atol=1e-5)


def test_without_a_region_the_shared_layers_are_left() -> None:
    plain, adapted = (Experts(UNITS, (2,), seed=1, by_region=parts) for parts in ((), BOTH))
    np.testing.assert_array_equal(adapted(INPUTS), plain(INPUTS))
    np.testing.assert_array_equal(adapted(INPUTS, REGION), plain(INPUTS))


def _context(options: RegionOptions) -> tuple[RegionContext, dict[str, np.ndarray]]:
    streams = {"country": COUNTRY, "dependent": INPUTS, "invariant": INPUTS[:, :2]}
    context = RegionContext(options, seed=1)
    shapes = {name: tf.TensorShape(values.shape) for name, values in streams.items()}
    context.build({**shapes, JOINED: tf.TensorShape((None, WIDTH))})
    return context, {name: tf.constant(values) for name, values in streams.items()}


def test_a_region_without_known_features_has_the_shared_kernels() -> None:
    context, streams = _context(RegionOptions(rank=RANK))
    unknown = {**streams, "country": tf.zeros_like(streams["country"])}
    np.testing.assert_array_equal(_shaken(context)(unknown).code, np.zeros((ITEMS, RANK)))


def test_in_training_gates_send_no_gradient_to_the_features_but_to_the_country() -> None:
    context, streams = _context(RegionOptions(gates="hidden"))
    with tf.GradientTape() as tape:
        tape.watch(streams)
        gate = tf.reduce_sum(context(streams, training=True).gate)
    gradients = tape.gradient(gate, streams)
    assert np.abs(gradients["country"]).max() > 0
    assert gradients["dependent"] is None
    assert gradients["invariant"] is None


@pytest.mark.parametrize("copies", [1, 3])
def test_inputs_are_gated_alone(copies: int) -> None:
    options = RegionOptions(gates="inputs", units=(GATE,))
    assert options.hidden == RegionParts()
    context, streams = _context(options)
    region = context(streams)
    np.testing.assert_array_equal(context.gated(streams["dependent"], region), INPUTS)
    gates = _shaken(context).input_gates.gate
    region = context(streams)
    logits = region.gate.numpy() @ gates.kernel[0].numpy() + gates.bias[0].numpy()
    expected = 2 / (1 + np.exp(-logits)) * INPUTS
    np.testing.assert_allclose(context.gated(streams["dependent"], region), expected, atol=1e-5)


def test_each_region_weighs_alike_whatever_its_items() -> None:
    country = np.array([[1, 2], [3, 1], [1, 2], [1, 2]], np.float32)
    found = share_by_region(tf.constant(country))
    np.testing.assert_allclose(found, [1 / 6, 1 / 2, 1 / 6, 1 / 6], rtol=1e-6)


def test_what_sets_regions_apart_is_penalised_in_training_alone() -> None:
    context, streams = _context(RegionOptions("hidden", RANK, (GATE,), penalty=0.5))
    experts = Experts(UNITS, (2,), by_region=BOTH)
    region = context(streams, training=True)
    experts(INPUTS, region)
    assert [float(loss) for loss in experts.losses] == [0.0, 0.0]
    region = _shaken(context)(streams, training=True)
    _shaken(experts)(INPUTS, region)
    change = experts.adaptor.change(INPUTS, region._replace(penalty=None))
    gates = experts.adaptor(tf.ones((ITEMS, 2, UNITS)), region._replace(penalty=None))
    experts(INPUTS, region)
    # Every item has country features of its own: a region each.
    expected = [0.5 * np.mean(np.square(values)) for values in (change, gates - 1)]
    np.testing.assert_allclose(experts.losses, expected, rtol=1e-5)
    experts(INPUTS, context(streams))
    assert experts.losses == []


@pytest.mark.parametrize(
    ("chosen", "found"),
    [
        ({"region_gates": "all", "mask_units": ()}, "mask_units: expected one width or more"),
        ({"ranker": "pepnet", "mask_units": ()}, "mask_units: expected one width or more"),
        ({"ranker": "pepnet", "region_gates": "hidden"}, "which has gates everywhere"),
        ({"region_rank": -1}, "region_rank"),
        ({"region_penalty": -0.1}, "region_penalty"),
        ({"region_gates": "towers"}, "region_gates"),
    ],
)
def test_options_that_make_no_network_are_refused(chosen: dict[str, object], found: str) -> None:
    with pytest.raises(ValueError, match=found):
        ModelConfig.model_validate(chosen)
