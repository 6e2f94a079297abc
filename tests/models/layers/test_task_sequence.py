import numpy as np
import pytest
import tensorflow as tf

from models.layers.task_sequence import TaskSequence


def _sigmoid(values: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-values))


def _gru_step(weights: list[np.ndarray], token: np.ndarray, state: np.ndarray) -> np.ndarray:
    """z, r = sigmoid(W x + U h + b), c = tanh(W x + b + r (U h + b)), h' = z h + (1 - z) c."""
    kernel, recurrent, bias = weights
    inputs = np.split(token @ kernel + bias[0], 3, axis=-1)
    states = np.split(state @ recurrent + bias[1], 3, axis=-1)
    update, reset = _sigmoid(inputs[0] + states[0]), _sigmoid(inputs[1] + states[1])
    candidate = np.tanh(inputs[2] + reset * states[2])
    return update * state + (1 - update) * candidate


def _forward(layer: TaskSequence, inputs: np.ndarray) -> np.ndarray:
    """Eq. 1-3 for one input of all tasks, or one for each."""
    states = [np.zeros((inputs.shape[-2], units)) for units in layer.recurrent_units]
    logits = []
    for task in range(layer.tasks):
        token = inputs if inputs.ndim == 2 else inputs[task]
        for dense in layer.token_mlp.stack:
            token = np.maximum(token @ dense.kernel[task].numpy() + dense.bias[task].numpy(), 0)
        for number, gru in enumerate(layer.recurrent):
            states[number] = token = _gru_step(gru.get_weights(), token, states[number])
        kernel, bias = layer.logit.get_weights()
        logits.append(token @ kernel[:, 0] + bias)
    return np.stack(logits, axis=1)


@pytest.mark.parametrize("shape", [(5, 6), (3, 5, 6)])
@pytest.mark.parametrize("recurrent_units", [(), (4,), (4, 3)])
def test_forward_pass(shape: tuple[int, ...], recurrent_units: tuple[int, ...]) -> None:
    layer = TaskSequence(3, (8, 7), recurrent_units)
    inputs = np.random.default_rng(0).normal(size=shape).astype(np.float32)
    of_tasks = inputs if inputs.ndim == 2 else list(inputs)
    layer.build(tf.TensorShape(shape))
    generator = np.random.default_rng(1)
    for weight in layer.trainable_weights:
        weight.assign(generator.normal(size=weight.shape) * 0.5)
    expected = _forward(layer, inputs)
    for training in (False, True):
        np.testing.assert_allclose(layer(of_tasks, training=training), expected, atol=1e-5)


def test_a_task_sees_the_ones_before_it_but_none_after() -> None:
    layer = TaskSequence(3, (8,), (4,), seed=1)
    inputs = tf.random.stateless_normal([5, 6], [1, 2])
    before = layer(inputs).numpy()
    kernel = layer.token_mlp.stack[0].kernel
    kernel[1].assign(kernel[1] + 1)
    after = layer(inputs).numpy()
    np.testing.assert_array_equal(before[:, 0], after[:, 0])
    assert (before[:, 1] != after[:, 1]).all()
    assert (before[:, 2] != after[:, 2]).all()


@pytest.mark.parametrize("tasks", [1, 2, 5])
def test_a_task_adds_its_token_mlp_and_nothing_else(tasks: int) -> None:
    layer = TaskSequence(tasks, (64, 32), (16,))
    assert layer(tf.ones([2, 10])).shape == (2, tasks)
    token = 10 * 64 + 64 + 64 * 32 + 32
    shared = 3 * (32 * 16 + 16 * 16 + 2 * 16) + 16 + 1
    assert layer.count_params() == tasks * token + shared


def test_token_mlps_start_alike() -> None:
    layer = TaskSequence(3)
    layer(tf.ones([2, 10]))
    for weight in layer.token_mlp.weights:
        np.testing.assert_array_equal(weight[0], weight[2])


def test_a_token_path_starts_as_none_and_adds_what_tokens_say_to_the_logits() -> None:
    plain, layer = (TaskSequence(3, (8,), (4,), seed=1, token_path=path) for path in (False, True))
    inputs = tf.random.stateless_normal([5, 6], [1, 2])
    before = layer(inputs)
    np.testing.assert_array_equal(before, plain(inputs))
    kernel = np.linspace(-1, 1, 8, dtype=np.float32)[:, np.newaxis]
    layer.path.kernel.assign(kernel)
    added = [(token @ kernel)[:, 0] for token in layer.token_mlp(inputs)]
    np.testing.assert_allclose(layer(inputs), before + np.stack(added, axis=1), atol=1e-5)


def test_in_a_keras_model_each_task_may_have_an_input_of_its_own() -> None:
    streams = [tf.keras.Input((6,)) for _ in range(3)]
    layer = TaskSequence(3, (8,), (4,))
    model = tf.keras.Model(streams, layer(streams))
    inputs = np.random.default_rng(2).normal(size=(3, 5, 6)).astype(np.float32)
    found = model(list(inputs))
    np.testing.assert_allclose(found, _forward(layer, inputs), atol=1e-5)
