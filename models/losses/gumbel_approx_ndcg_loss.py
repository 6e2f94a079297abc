"""A smooth NDCG of sampled orders."""

from collections.abc import Callable

import tensorflow as tf

from models.losses.approx_ndcg_loss import ApproxNDCGLoss
from models.losses.lists import Lists
from models.replicas import worker_seed

# Number of the current step.
Step = Callable[[], tf.Tensor]


class GumbelApproxNDCGLoss(ApproxNDCGLoss):
    """ApproxNDCG, averaged over samples of logits with Gumbel noise: s_i + noise * Gumbel(0, 1).

    Outside training nothing is drawn: it is ApproxNDCG, and does not depend on the batch.

    TF-Ranking's own sampler keeps a state that no checkpoint holds; here the noise follows from
    (seed, step), and is drawn item by item, so that it does not depend on padding.

    Args:
        temperature: how smooth the ranks are.
        step: gives the number of the step.
        seed: seed of the noise.
        samples: orders that are sampled of each list, S.
        noise: scale of the noise; 0 turns it off.

    Source:
        Bruch et al. 2020, "A Stochastic Treatment of Learning to Rank Scoring Functions".
    """

    def __init__(
        self,
        temperature: float,
        step: Step,
        seed: int = 0,
        samples: int = 8,
        noise: float = 1.0,
    ) -> None:
        super().__init__(temperature)
        self._step = step
        self._seed = seed
        self._samples = samples
        self._noise = noise

    def training_losses(self, lists: Lists) -> tf.Tensor:
        """Mean loss of each list over its samples, float [B]."""
        samples = lists._replace(
            relevance=tf.tile(lists.relevance, [self._samples]),
            logits=self._sampled_logits(lists.logits),
            row_lengths=tf.tile(lists.row_lengths, [self._samples]),
        )
        losses = self.list_losses(samples)
        return tf.reduce_mean(tf.reshape(losses, [self._samples, -1]), axis=0)

    def _sampled_logits(self, logits: tf.Tensor) -> tf.Tensor:
        step = tf.cast(tf.convert_to_tensor(self._step()), tf.int64)
        seed = tf.stack([worker_seed(self._seed), step])
        shape = [self._samples, tf.shape(logits)[0]]
        uniform = tf.random.stateless_uniform(shape, seed, minval=1e-20)
        gumbel = -tf.math.log(-tf.math.log(uniform))
        return tf.reshape(logits + self._noise * gumbel, [-1])
