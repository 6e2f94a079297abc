import numpy as np
import pytest
import tensorflow as tf

from models.training.averaged_weights import AveragedWeights


def test_averages_follow_the_ramp() -> None:
    weight = tf.Variable([0.0])
    averages = AveragedWeights([weight], momentum=0.2)
    expected = 0.0
    for number, value in enumerate((1.0, 2.0, 4.0), start=1):
        weight.assign([value])
        averages.update()
        # min(0.2, 2 / 11), then 0.2.
        momentum = min(0.2, (1 + number) / (10 + number))
        expected = momentum * expected + (1 - momentum) * value
    with averages.in_place():
        np.testing.assert_allclose(weight, [expected], rtol=1e-6)
    assert weight.numpy().tolist() == [4]


def test_without_momentum_weights_stand_for_themselves() -> None:
    weight = tf.Variable([3.0])
    averages = AveragedWeights([weight], momentum=None)
    averages.update()
    with averages.in_place():
        assert weight.numpy().tolist() == [3]


def test_weights_come_back_after_an_error() -> None:
    weight = tf.Variable([3.0])
    averages = AveragedWeights([weight], momentum=0.5)
    weight.assign([5.0])
    with pytest.raises(KeyError), averages.in_place():  # noqa: PT012
        assert weight.numpy().tolist() == [3]
        raise KeyError
    assert weight.numpy().tolist() == [5]
