"""The gateway to TF-Ranking: no other module imports it."""

import tensorflow_ranking as tfr

ApproxNDCGLoss = tfr.keras.losses.ApproxNDCGLoss
NDCGLambdaWeight = tfr.keras.losses.NDCGLambdaWeight
SoftmaxLoss = tfr.keras.losses.SoftmaxLoss

MRRMetric = tfr.keras.metrics.MRRMetric
NDCGMetric = tfr.keras.metrics.NDCGMetric
