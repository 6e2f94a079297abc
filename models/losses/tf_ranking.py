"""The gateway to TF-Ranking: no other module imports it.

TF-Ranking 0.5.5, the newest, imports `tf.estimator`, which TensorFlow dropped in 2.16. Its losses
and metrics never use it: its module of input functions names `ModeKeys` as a default argument, and
nothing else is read while it is imported. There, a stand-in with these keys alone takes the place
of `tf.estimator`, so that whoever does use an estimator fails at once.
"""

from types import SimpleNamespace
from typing import Any

import tensorflow as tf


class _ModeKeys:
    """Names of an estimator's modes, as `tf.estimator.ModeKeys` had them up to 2.15."""

    TRAIN = "train"
    EVAL = "eval"
    PREDICT = "infer"


def _with_estimator(tensorflow: Any) -> None:
    """Gives `tensorflow` a stand-in for `estimator`, where it has none."""
    for module in (tensorflow, tensorflow.compat.v1):
        if not hasattr(module, "estimator"):
            module.estimator = SimpleNamespace(ModeKeys=_ModeKeys)


_with_estimator(tf)
import tensorflow_ranking as tfr  # noqa: E402  (it takes tf.estimator while it is imported)

ApproxNDCGLoss = tfr.keras.losses.ApproxNDCGLoss
NDCGLambdaWeight = tfr.keras.losses.NDCGLambdaWeight
SoftmaxLoss = tfr.keras.losses.SoftmaxLoss

MRRMetric = tfr.keras.metrics.MRRMetric
NDCGMetric = tfr.keras.metrics.NDCGMetric
