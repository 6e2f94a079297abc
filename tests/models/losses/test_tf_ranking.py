"""What stands in for `tf.estimator` while TF-Ranking is imported."""

from types import SimpleNamespace

import pytest
import tensorflow as tf

from models.losses.tf_ranking import _ModeKeys, _with_estimator


def test_modes_are_called_what_tensorflow_calls_them() -> None:
    # TensorFlow's own on the lane legacy.
    names = ("TRAIN", "EVAL", "PREDICT")
    own = [getattr(tf.estimator.ModeKeys, name) for name in names]
    assert own == [getattr(_ModeKeys, name) for name in names] == ["train", "eval", "infer"]


def test_a_missing_estimator_has_its_modes_and_nothing_else() -> None:
    tensorflow = SimpleNamespace(compat=SimpleNamespace(v1=SimpleNamespace()))
    _with_estimator(tensorflow)
    for module in (tensorflow, tensorflow.compat.v1):
        assert module.estimator.ModeKeys is _ModeKeys
        with pytest.raises(AttributeError, match="RunConfig"):
            _ = module.estimator.RunConfig


def test_an_estimator_that_is_there_stays() -> None:
    own = object()
    tensorflow = SimpleNamespace(compat=SimpleNamespace(v1=SimpleNamespace(estimator=own)))
    tensorflow.estimator = own
    _with_estimator(tensorflow)
    assert tensorflow.estimator is own
    assert tensorflow.compat.v1.estimator is own
