"""The descending probability: an action is no more likely than the ones before it."""

import tensorflow as tf

from models.config import GradientThrough

# The largest size of a logit in the product: sigmoid(-30) is 1e-13.
LARGEST_LOGIT = 30.0


def descending_logits(logits: tf.Tensor, gradient: GradientThrough = "all") -> tf.Tensor:
    """Logits of the descending probabilities.

    p_m = product over i <= m of sigmoid(logit_i) (Eq. 4), and its logit is
    log(p_m / (1 - p_m)) = -(s_m + log(-expm1(-s_m))), s_m = sum over i <= m of softplus(-logit_i).
    It orders items as p_m does; sigmoid of it is p_m, so the sigmoid cross entropy through it is
    -log p_m for a positive; and its gradient does not vanish where p_m nears 1.

    Args:
        logits: float [N, T]; those of the product are clipped to +-30.
        gradient: through which logits of the product it flows: `all`, or the task's `own` alone, so
            that the loss of a rare action changes no order of a frequent one.

    Returns:
        float [N, T]; the first task's is its own logit, as it is.

    Source:
        SEQ+MD (arXiv 2408.13357), section 3.2, Eq. 4.
    """
    clipped = tf.clip_by_value(logits, -LARGEST_LOGIT, LARGEST_LOGIT)
    minus_logs = tf.math.softplus(-clipped)
    minus_log_probability = tf.cumsum(minus_logs, axis=-1)[:, 1:]
    if gradient == "own":
        before = tf.stop_gradient(minus_log_probability - minus_logs[:, 1:])
        minus_log_probability = before + minus_logs[:, 1:]
    return tf.concat([logits[:, :1], logit_of_minus_log(minus_log_probability)], axis=-1)


def logit_of_minus_log(minus_log: tf.Tensor) -> tf.Tensor:
    """log(p / (1 - p)) of s = -log p: -(s + log(-expm1(-s)))."""
    return -(minus_log + tf.math.log(-tf.math.expm1(-minus_log)))


def descending_probabilities(logits: tf.Tensor) -> tf.Tensor:
    """The probabilities of descending logits, with what 32 bits round off to the other side undone.

    Args:
        logits: float [N, T], see `descending_logits`.

    Returns:
        float [N, T]; none is above that of the task before.
    """
    first, *others = tf.unstack(tf.sigmoid(logits), axis=1)
    found = [first]
    for own in others:
        found.append(tf.minimum(own, found[-1]))
    return tf.stack(found, axis=1)
