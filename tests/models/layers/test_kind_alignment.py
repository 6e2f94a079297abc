import numpy as np
import pytest
import tensorflow as tf

from models.layers.kind_alignment import KindAlignment, layer_name
from models.layers.kind_knowledge import KindKnowledge

# By stream, the feature of each column: two of all kinds, price of products, topic of the others.
FEATURES = {"dependent": ["price", "rating", "price"], "invariant": ["topic", "age", "fans"]}
KINDS = {"product": ["price"], "shop": ["topic", "fans"], "article": ["topic"]}
NAMES = {
    "country": ("region",),
    "dependent": ("log(price)", "rating", "price__missing"),
    "invariant": ("topic", "age", "fans"),
}
ITEM_KINDS = np.array([[1, 0, 0], [0, 1, 0], [0, 0, 1], [0, 0, 0], [1, 0, 0]], np.float32)


def streams(items: int = 5) -> dict[str, tf.Tensor]:
    generator = np.random.default_rng(3)
    found = {
        "country": np.ones((items, 1)),
        "dependent": np.abs(generator.normal(0, 1, (items, 3))),
        "invariant": np.abs(generator.normal(0, 1, (items, 3))),
    }
    product, shop, article = ITEM_KINDS.T
    found["dependent"][:, [0, 2]] *= product[:, np.newaxis]
    found["invariant"][:, 0] *= shop + article
    found["invariant"][:, 2] *= shop
    return {name: tf.constant(one, tf.float32) for name, one in found.items()} | {
        "kinds": tf.constant(ITEM_KINDS)
    }


def aligned(layer: KindAlignment) -> dict[str, np.ndarray]:
    return {name: one.numpy() for name, one in layer(streams()).items()}


def test_it_starts_as_no_alignment() -> None:
    found, given = aligned(KindAlignment(FEATURES, KINDS, seed=1)), streams()
    for name, one in given.items():
        np.testing.assert_array_equal(found[name], one, name)


def test_an_importance_scales_all_columns_of_a_feature_for_items_of_a_kind() -> None:
    layer = KindAlignment(FEATURES, KINDS, seed=1)
    layer(streams())
    # Of shops, topic by 2 sigmoid(1) and fans by 2 sigmoid(-1); of articles, topic by 2 sigmoid(2).
    layer.importances["shop"].importance_bias.assign([1.0, -1.0])
    layer.importances["article"].importance_bias.assign([2.0])
    found, given = aligned(layer), streams()
    scales = [
        [1, 1],
        [2 / (1 + np.exp(-1)), 2 / (1 + np.exp(1))],
        [2 / (1 + np.exp(-2)), 1],
        [1, 1],
    ]
    expected = given["invariant"].numpy()
    expected[:4, [0, 2]] *= np.array(scales)
    np.testing.assert_allclose(found["invariant"], expected, rtol=1e-6)
    np.testing.assert_array_equal(found["dependent"], given["dependent"])


def test_importances_follow_from_the_crossed_columns() -> None:
    layer = KindAlignment(FEATURES, KINDS, seed=1)
    layer(streams())
    own = layer.importances["product"]
    generator = np.random.default_rng(4)
    for weight in own.weights:
        weight.assign(generator.normal(0, 0.5, weight.shape))
    found, given = aligned(layer)["dependent"], streams()["dependent"].numpy()
    v = given[[0, 4]][:, [0, 2]]
    x = v
    for kernel, bias in zip(own.cross_kernels, own.cross_biases, strict=True):
        x = x * (v @ kernel.numpy()) + bias.numpy() + v
    implicit = np.maximum(v @ own.implicit_kernel.numpy() + own.implicit_bias.numpy(), 0)
    logits = x @ own.explicit_importance.numpy() + own.importance_bias.numpy()
    logits += implicit @ own.implicit_importance.numpy()
    np.testing.assert_allclose(found[[0, 4]][:, [0, 2]], v * 2 / (1 + np.exp(-logits)), rtol=1e-5)
    np.testing.assert_array_equal(found[:, 1], given[:, 1])


def test_importance_1_and_identity_is_concatenation() -> None:
    layer = KindAlignment(FEATURES, KINDS, units=2, seed=1)
    layer(streams())
    for dense in layer.joining.values():
        width = dense.kernel.shape[1]
        dense.kernel.assign(np.eye(width, 2)[np.newaxis])
    found, given = aligned(layer), streams()
    price = given["dependent"].numpy()[:, [0, 2]]
    rating = given["dependent"].numpy()[:, [1]]
    np.testing.assert_array_equal(found["dependent"], np.hstack([rating, price]))
    topic, age, fans = given["invariant"].numpy().T
    np.testing.assert_array_equal(found["invariant"], np.stack([age, topic, fans], axis=1))
    names = layer.output_names(NAMES)
    assert names["dependent"] == ("rating", "aligned_dependent:0", "aligned_dependent:1")
    assert names["invariant"] == ("age", "aligned_invariant:0", "aligned_invariant:1")


@pytest.mark.parametrize("units", [0, 4])
def test_weights_have_names_and_the_layer_its_arguments(units: int) -> None:
    layer = KindAlignment(FEATURES, KINDS, units=units, seed=1, name="alignment")
    layer(streams())
    axes = list(layer.axes(NAMES))
    # Hidden units have no names.
    unnamed = {own.implicit_bias.ref() for own in layer.importances.values()}
    assert {one.weight.ref() for one in axes} | unnamed == {one.ref() for one in layer.weights}
    of_shops = [one.names for one in layer.importances["shop"].axes(("topic", "fans"), ("a", "b"))]
    assert (("topic", "fans"), ("a", "b")) in of_shops
    again = KindAlignment.from_config(layer.get_config())
    again(streams())
    again.set_weights(layer.get_weights())
    for name, one in layer(streams()).items():
        np.testing.assert_array_equal(again(streams())[name], one)


@pytest.mark.parametrize("polarised", ["signed", "absolute"])
def test_the_polarised_loss_is_the_mean_cosine_over_items_of_named_kinds(polarised: str) -> None:
    layer = KindKnowledge(tuple(KINDS), (4,), polarised, weight=0.5, seed=2)
    given = streams()
    inputs = [given["dependent"], given["invariant"], given["kinds"]]
    common, private = (one.numpy() for one in layer(inputs, training=True))
    cosine = (common * private).sum(axis=1) / np.linalg.norm(common, axis=1)
    cosine = cosine[ITEM_KINDS.any(axis=1)] / np.linalg.norm(private[[0, 1, 2, 4]], axis=1)
    cosine = np.abs(cosine) if polarised == "absolute" else cosine
    assert float(layer.losses[0]) == pytest.approx(0.5 * cosine.mean(), rel=1e-5)
    # Of an item of another kind nothing is known in private.
    assert not private[3].any()
    layer(inputs)
    assert not layer.losses


def test_the_private_mlp_is_that_of_the_kind() -> None:
    layer = KindKnowledge(tuple(KINDS), (4,), seed=2)
    given = streams()
    inputs = [given["dependent"], given["invariant"], given["kinds"]]
    before = layer(inputs)[1].numpy()
    bias = layer.private.stack[-1].bias
    bias.assign(bias + np.reshape([1.0, 10.0, 100.0], (3, 1, 1)))
    change = layer(inputs)[1].numpy() - before
    np.testing.assert_allclose(change, np.repeat([[1], [10], [100], [0], [1]], 4, 1), rtol=1e-5)


def test_names_of_layers_tell_kinds_apart() -> None:
    names = ["shop", "shop!", "shop?", "店", "sh_op"]
    assert layer_name("shop") == "shop"
    assert len({layer_name(name) for name in names}) == len(names)
